// Calls and clients as plain data: taken from one client, taken up by another, and refused where they do not fit.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { BASE64 } from "../core/inline.js";
import { SHA256 } from "../core/hash.js";
import { Client } from "../dist/index.js";
import { MODEL, answered, clientOf, completion, failure, scripted } from "./support.mjs";

const nowhere = { url: "http://127.0.0.1:9" };
const START_MS = 1_700_000_000_000;
const KEY = "sk-0123456789abcdef";
const OTHER = "0".repeat(64);
const file = new URL("../core/literllm_web.wasm", import.meta.url);

const delta = (text) => `data: {"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
const END = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const headers = [{ name: "content-type", value: "text/event-stream" }];
const told = (...pieces) => answered(pieces, { headers });
const limited = (ms) => answered([], { status: 429, headers: [{ name: "retry-after-ms", value: `${ms}` }] });

/** Nothing, until it is broken off. */
const silence = (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));

/** An exchange that says this and then nothing more. */
function stalling({ signal }, text) {
  const { head, body } = told(text);
  let reads = 0;
  return { head, body: { read: () => (reads++ === 0 ? body.read() : silence(signal)) } };
}

/** A client whose calls begin so many ms after the start. */
function client(transport, { afterMs = 0, ...options } = {}) {
  const fixed = { clock: () => START_MS + afterMs, seed: () => 7n, keys: { openai: KEY }, keyEnv: { openai: "LITERLLM_TEST_KEY" } };
  return clientOf(nowhere, { transport, ...fixed, ...options });
}

/** Reads on until an event is of this type. */
async function until(stream, type) {
  for (;;) {
    const { value, done } = await stream.next();
    assert.ok(!done, `no ${type} came`);
    if (value.type === type) return value;
  }
}

/** A snapshot of a call whose request was sent and not answered. */
async function underWay(options) {
  let send;
  const sent = new Promise((resolve) => (send = resolve));
  const silent = { send: ({ signal }) => (send(), silence(signal)) };
  const stream = client(silent).stream(MODEL, "Hi", options);
  const waiting = stream.next();
  await sent;
  const snapshot = stream.snapshot();
  await stream.return();
  await waiting;
  return snapshot;
}

/** What a report says of its attempts, less the times. */
const attempts = ({ report }) =>
  report.attempts.map(({ attempt, status, error, wait_ms, wait_reason }) => ({ attempt, status, error, wait_ms, wait_reason }));

test("a call in a wait is taken up by another client, and ends as it would have", async () => {
  const first = scripted(() => limited(60_000));
  const stream = client(first).stream(MODEL, "Hi");
  await until(stream, "notice");
  const snapshot = stream.snapshot();
  await stream.return();
  const { component } = JSON.parse(snapshot);
  assert.equal(component, SHA256);
  assert.ok(!snapshot.includes(KEY), "a key is in the snapshot");

  const second = scripted(() => told(delta("Hello"), END));
  const answer = await client(second, { afterMs: 61_000 }).resume(snapshot).answer();
  assert.equal(answer.text, "Hello");
  assert.deepEqual([first.requests.length, second.requests.length], [1, 1]);
  assert.equal(second.requests[0].body, first.requests[0].body);
  assert.equal(answer.report.started_ms, START_MS);

  // The same without a break, but that the provider asks for less.
  const whole = client(scripted((_, count) => (count === 1 ? limited(60) : told(delta("Hello"), END)))).stream(MODEL, "Hi");
  const [limit, end] = attempts(await whole.answer());
  assert.deepEqual(attempts(answer), [{ ...limit, wait_ms: limit.wait_ms + 60_000 - 60 }, end]);
});

test("the stream a snapshot was taken of goes on undisturbed", async () => {
  const transport = scripted((_, count) => (count === 1 ? limited(1) : told(delta("Hello"), END)));
  const stream = client(transport).stream(MODEL, "Hi");
  await until(stream, "notice");
  stream.snapshot();
  assert.equal((await stream.answer()).text, "Hello");
});

test("a request that was under way counts as lost and is sent again where the policy allows it", async () => {
  const snapshot = await underWay({ policy: { backoff_base_ms: 1 } });
  const transport = scripted(() => told(delta("Hello"), END));
  const { text, report } = await client(transport).resume(snapshot).answer();
  assert.equal(text, "Hello");
  assert.deepEqual(report.attempts.map(({ error, reached, maybe_billed }) => [error, reached, maybe_billed]), [
    ["connection", "unknown", true],
    [undefined, undefined, false],
  ]);
});

test("a request that was under way ends the call where the policy forbids another", async () => {
  const snapshot = await underWay({ policy: { resend_unknown: "never" } });
  const transport = scripted(() => told(delta("Hello"), END));
  const error = await failure(client(transport).resume(snapshot).answer(), "connection");
  assert.equal(error.maybeBilled, true);
  assert.match(error.message, /taken up from a snapshot/);
  assert.equal(transport.requests.length, 0);
});

test("in the middle of an answer only a resumable call gives a snapshot", async () => {
  const stream = client(scripted((request) => stalling(request, delta("Once upon")))).stream(MODEL, "Hi");
  await until(stream, "text_delta");
  assert.throws(() => stream.snapshot(), { kind: "invalid_state", message: /resumable/ });
  await stream.return();
});

test("a resumable answer is taken up with what was said, and with the events nobody had taken", async () => {
  const pieces = delta("Once") + delta(" upon") + delta(" a time");
  const stream = client(scripted((request) => stalling(request, pieces))).stream(MODEL, "Hi", { resumable: true });
  assert.equal((await until(stream, "text_delta")).text, "Once");
  const snapshot = stream.snapshot();
  await stream.return();

  const transport = scripted(() => told(delta("again"), END));
  const resumed = client(transport).resume(snapshot);
  const texts = [];
  const error = await failure((async () => {
    for await (const text of resumed.texts()) texts.push(text);
  })(), "connection");
  assert.deepEqual(texts, [" upon", " a time"]);
  assert.equal(error.textSoFar, "Once upon a time");
  assert.equal(error.next[0], "continue");
  assert.equal(transport.requests.length, 0, "it had been seen: nothing is sent again");
});

test("a call that has not begun, or has ended, gives no snapshot", async () => {
  const stream = client(scripted(() => told(delta("Hello"), END))).stream(MODEL, "Hi");
  assert.throws(() => stream.snapshot(), { kind: "invalid_state", message: /not begun/ });
  await stream.answer();
  assert.throws(() => stream.snapshot(), { kind: "invalid_state", message: /ended/ });
});

test("a call that was taken up is left like any other", async () => {
  const snapshot = await underWay({ policy: { backoff_base_ms: 60_000, backoff_cap_ms: 60_000 } });
  const controller = new AbortController();
  const transport = scripted(() => told(delta("Hello"), END));
  const stream = client(transport).resume(snapshot, { signal: controller.signal });
  await until(stream, "notice");
  controller.abort("enough");
  const error = await failure(stream.answer(), "cancelled");
  assert.equal(error.cause, "enough");
  assert.equal(error.attempts.length, 1);
  assert.equal(transport.requests.length, 0);
});

test("a call is kept before each attempt and each wait, whichever way it was asked for", async () => {
  const request = { model: MODEL, messages: [{ role: "user", content: "Hi" }] };
  const whole = () => answered([completion("Hello")]);
  for (const [answer, ask] of [
    [() => told(delta("Hello"), END), (own, options) => own.infer(MODEL, "Hi", options)],
    [whole, (own, options) => own.chat(request, options)],
    [() => told(delta("Hello"), END), (own, options) => own.stream(MODEL, "Hi", options).answer()],
  ]) {
    const transport = scripted((_, count) => (count < 3 ? limited(1) : answer()));
    const seen = [];
    const onSnapshot = async (snapshot) => {
      assert.ok(!snapshot.includes(KEY), "a key is in the snapshot");
      const before = transport.requests.length;
      // What was begun would be sent by now.
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(transport.requests.length, before, "something is sent that is not kept yet");
      seen.push([before, JSON.parse(snapshot).snapshot.running]);
    };
    assert.equal((await ask(client(transport), { onSnapshot })).text, "Hello");
    // Requests so far, and what is under way: an attempt, a pause, and so on.
    assert.deepEqual(seen, [[0, [1]], [1, []], [1, [2]], [2, []], [2, [3]]]);
  }
});

test("a call is taken up from what was kept, and kept on", async () => {
  const kept = [];
  const first = scripted(() => limited(60_000));
  const stream = client(first).stream(MODEL, "Hi", { onSnapshot: (snapshot) => void kept.push(snapshot) });
  await until(stream, "notice");
  await stream.return();
  assert.equal(kept.length, 2);
  const second = scripted(() => told(delta("Hello"), END));
  const types = [];
  const onSnapshot = (snapshot) => void kept.push(snapshot);
  const resumed = client(second, { afterMs: 61_000 }).resume(kept[1], { onSnapshot });
  for await (const { type } of resumed) types.push(type);
  assert.deepEqual([types[0], (await resumed.answer()).text], ["notice", "Hello"]);
  assert.deepEqual(JSON.parse(kept[2]).snapshot.running, [2]);
  // The first one says that an attempt may be under way. Lost, it is sent once more, which is kept first.
  const lost = client(second).resume(kept[0], { onSnapshot });
  assert.equal((await lost.answer()).text, "Hello");
  assert.deepEqual(kept.slice(3).map((snapshot) => JSON.parse(snapshot).snapshot.running), [[], [2]]);
  assert.deepEqual([first.requests.length, second.requests.length], [1, 2]);
});

test("a call that cannot be kept is not made", async () => {
  const transport = scripted(() => told(delta("Hello"), END));
  const full = new Error("no space left");
  const fails = [() => { throw full; }, () => Promise.reject(full), async () => { throw full; }];
  for (const onSnapshot of fails) {
    const stream = client(transport).stream(MODEL, "Hi", { onSnapshot });
    await assert.rejects(stream.next(), full);
    await assert.rejects(stream.answer(), full);
    assert.deepEqual(await stream.next(), { value: undefined, done: true });
  }
  for (const onSnapshot of ["job.json", null, {}]) {
    assert.match((await failure(client(transport).infer(MODEL, "Hi", { onSnapshot }), "invalid_request")).message, /onSnapshot/);
    assert.match((await failure(client(transport).resume("{}", { onSnapshot }).answer(), "invalid_request")).message, /onSnapshot/);
  }
  const compiled = client(transport, { core: new WebAssembly.Module(readFileSync(file)) });
  const unsealed = compiled.infer(MODEL, "Hi", { onSnapshot: () => assert.fail("it has no snapshots") });
  assert.match((await failure(unsealed, "invalid_request")).message, /give `core` as bytes/);
  assert.equal(transport.requests.length, 0);
});

test("a call whose keeper takes for ever can be left, cancelled and aborted", async () => {
  const transport = scripted(() => told(delta("Hello"), END));
  const forever = () => new Promise(() => {});
  const controller = new AbortController();
  const aborted = client(transport).infer(MODEL, "Hi", { signal: controller.signal, onSnapshot: () => (controller.abort("enough"), forever()) });
  assert.equal((await failure(aborted, "cancelled")).cause, "enough");
  for (const [leave, last] of [["cancel", "cancelled"], ["return", undefined]]) {
    let told;
    const asked = new Promise((resolve) => (told = resolve));
    const stream = client(transport).stream(MODEL, "Hi", { onSnapshot: () => (told(), forever()) });
    const waiting = stream.next();
    await asked;
    await stream[leave]();
    if (last !== undefined) await failure(waiting, last);
    else assert.equal((await waiting).done, true);
  }
  // What it throws because the call was aborted is not what the call ends with.
  const late = client(transport).stream(MODEL, "Hi", { onSnapshot: () => (late.cancel(), Promise.reject(new Error("aborted"))) });
  await failure(late.answer(), "cancelled");
  assert.equal(transport.requests.length, 0);
});

test("the time a keeper takes counts for the whole call", async () => {
  const transport = scripted(() => told(delta("Hello"), END));
  const onSnapshot = async () => {
    const past = performance.now() + 2;
    while (performance.now() < past) await new Promise((resolve) => setImmediate(resolve));
  };
  const { deadline } = await failure(client(transport).infer(MODEL, "Hi", { onSnapshot, timeoutMs: 1 }), "timeout");
  assert.equal(deadline, "caller");
  assert.equal(transport.requests.length, 0);
});

test("blobs are named by the snapshot and must be given again", async () => {
  const cat = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
  const image = { type: "image", source: { type: "blob", id: "cat", length: cat.length }, media_type: "image/png" };
  const picture = [{ role: "user", content: [image] }];
  const first = scripted(() => limited(60_000));
  const stream = client(first).stream(MODEL, picture, { blobs: { cat } });
  await until(stream, "notice");
  const snapshot = stream.snapshot();
  await stream.return();
  const second = scripted(() => told(delta("A cat"), END));
  const later = client(second, { afterMs: 61_000 });
  assert.match((await failure(later.resume(snapshot).answer(), "invalid_request")).message, /the blob "cat"/);
  assert.equal(second.requests.length, 0);
  assert.equal((await later.resume(snapshot, { blobs: { cat } }).answer()).text, "A cat");
  assert.deepEqual(second.requests[0].body, first.requests[0].body);
});

test("a snapshot of another core is refused, and both are named", async () => {
  const transport = scripted(() => told(delta("Hello"), END));
  const own = client(transport);
  const call = { ...JSON.parse(await underWay()), component: OTHER };
  const memory = { ...JSON.parse(await own.snapshot()), component: OTHER };
  const restored = client(transport, { restore: JSON.stringify(memory) });
  for (const refused of [own.resume(JSON.stringify(call)).answer(), restored.ready(), restored.infer(MODEL, "Hi")]) {
    const { message } = await failure(refused, "invalid_state");
    assert.ok(message.includes(OTHER) && message.includes(SHA256), message);
  }
  assert.equal(transport.requests.length, 0);
});

test("what is no snapshot, or one of something else, is refused without its words", async () => {
  const transport = scripted(() => told(delta("Hello"), END));
  const own = client(transport);
  const version = (sealed) => JSON.stringify({ ...sealed, snapshot: { ...sealed.snapshot, state_version: 99 } });
  for (const [snapshot, kind] of [
    [KEY, "invalid_state"],
    ["null", "invalid_state"],
    ["{}", "invalid_state"],
    [7, "invalid_request"],
    [await own.snapshot(), "invalid_request"],
    [version(JSON.parse(await underWay())), "invalid_state"],
  ]) {
    const error = await failure(own.resume(snapshot).answer(), kind);
    assert.ok(!`${error.stack}${error.cause}`.includes(KEY), error.stack);
  }
  await failure(client(transport, { restore: await underWay() }).ready(), "invalid_request");
  assert.equal(transport.requests.length, 0);
});

test("a client takes over what another knew", async () => {
  const ill = scripted(() => answered([], { status: 500 }));
  const options = { policy: { max_attempts: 1 }, guards: { breaker_failures: 1, breaker_open_ms: 60_000 } };
  const first = client(ill, options);
  await failure(first.infer(MODEL, "Hi"), "server");
  const snapshot = await first.snapshot();
  assert.ok(!snapshot.includes(KEY), "a key is in the snapshot");
  const well = scripted(() => told(delta("Hello"), END));
  await failure(client(well, { ...options, restore: snapshot }).infer(MODEL, "Hi"), "circuit_open");
  assert.equal(well.requests.length, 0);
  const later = client(well, { ...options, restore: snapshot, afterMs: 61_000 });
  assert.equal((await later.infer(MODEL, "Hi")).text, "Hello");
});

test("the hash is that of the module, in each of its forms", () => {
  const hash = (bytes) => createHash("sha256").update(bytes).digest("hex");
  assert.equal(hash(readFileSync(file)), SHA256, "next: `npm run build`");
  assert.equal(hash(Buffer.from(BASE64, "base64")), SHA256, "next: `cargo xtask build`");
});

test("the bytes of a core are hashed, and a compiled one has no snapshots", async () => {
  const bytes = readFileSync(file);
  assert.equal(JSON.parse(await new Client({ core: bytes }).snapshot()).component, SHA256);
  const compiled = new Client({ core: new WebAssembly.Module(bytes) });
  assert.match((await failure(compiled.snapshot(), "invalid_request")).message, /give `core` as bytes/);
});
