// The loop against a core that plays a script, and a core with hooks against a network that does: several attempts at
// once, and steps that no core of ours gives.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Time } from "../dist/clock.js";
import { Drive } from "../dist/drive.js";
import { TransportError } from "../dist/index.js";
import { ChatStream } from "../dist/stream.js";
import { failureOf } from "../dist/transport.js";
import { MODEL, clientOf, failure, hooked, needsHooks } from "./support.mjs";

const nowhere = { url: "http://127.0.0.1:9" };
const empty = { send: [], abort: [], events: [], state_changed: false };
const outcome = { result: { type: "response", model: "m", choices: [] }, report: { attempts: [] } };
const row = { provider: "p", protocol: "x", origins: ["http://p.test"], key_env: [] };

const sending = (attempt, idle_ms) => ({
  ...{ attempt, provider: "p", idle_ms },
  request: { method: "POST", url: `http://p.test/${attempt}`, headers: [], body: [], body_length: 0 },
});

/** A network that plays one list of acts for each request, in their order: `[ms, bytes]`; after the last act, silence. The first is the head. */
function network(...scripts) {
  const seen = { sent: 0, underWay: new Set() };
  const send = async ({ signal }) => {
    const number = ++seen.sent;
    const acts = [...scripts[number - 1]];
    seen.underWay.add(number);
    const gone = new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        seen.underWay.delete(number);
        reject(new Error("aborted"));
      });
    });
    gone.catch(() => {});
    const act = async () => {
      if (acts.length === 0) return gone;
      const [ms, bytes] = acts.shift();
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, ms))]);
      if (bytes === "end") seen.underWay.delete(number);
      return bytes === "end" ? { done: true } : { done: false, value: new TextEncoder().encode(bytes) };
    };
    await act();
    const headers = [{ name: "content-type", value: "text/event-stream" }];
    return { head: { status: 200, headers }, body: { read: act } };
  };
  return { seen, transport: { send } };
}

/** A drive whose core answers with these steps, and with empty ones afterwards. `told` is what it was told. */
function drive(transport, first, ...steps) {
  const told = [];
  const call = {
    tell({ type, attempt, idle }) {
      told.push([type, attempt ?? idle].filter((word) => word !== undefined).join(" "));
      return steps.length > 0 ? steps.shift() : empty;
    },
    drop: () => told.push("dropped"),
  };
  const begin = () => new Drive({ call, step: first }, { transport, keys: () => undefined, egress: [row], blobs: {} }, new Time(0));
  return { begin, told };
}

test("the patience with a silent attempt does not hang on the comments of another", async () => {
  const comment = [20, ": still here\n\n"];
  const { seen, transport } = network([[0], ...Array(60).fill(comment)], []);
  const { begin, told } = drive(transport, { ...empty, send: [sending(1, 200), sending(2, 100)] });
  const driven = begin();
  void driven.next();
  while (!told.some((words) => words.startsWith("wake"))) await new Promise((resolve) => setTimeout(resolve, 5));
  const idle = told.find((words) => words.startsWith("wake"));
  driven.drop();
  assert.equal(idle, "wake 2");
  assert.ok(told.filter((words) => words === "body 1").length > 1, told.join());
  assert.equal(seen.underWay.size, 0);
});

for (const [what, step] of [
  ["no sends", { ...empty, send: undefined }],
  ["no events", { ...empty, events: undefined }],
  ["a send without its request", { ...empty, send: [null] }],
  ["an outcome that is none", { ...empty, outcome: {} }],
  ["nothing at all", null],
]) {
  test(`a step with ${what} ends the call and both of its exchanges`, async () => {
    const { seen, transport } = network([[0]], []);
    const { begin, told } = drive(transport, { ...empty, send: [sending(1), sending(2)] }, step);
    const stream = new ChatStream(async () => begin, undefined);
    const error = await failure(stream.next(), "internal");
    assert.match(error.message, /the core answered what this host cannot read .*; rebuild both/);
    assert.deepEqual(told, ["head 1", "dropped"]);
    assert.equal(seen.sent, 2);
    assert.equal(seen.underWay.size, 0);
    assert.equal(await failure(stream.answer(), "internal"), error);
  });

  test(`a first step with ${what} ends the call`, async () => {
    const { begin, told } = drive(network().transport, step);
    await failure(new ChatStream(async () => begin, undefined).answer(), "internal");
    assert.deepEqual(told, ["dropped"]);
  });
}

test("a drive that throws is dropped", async () => {
  let drops = 0;
  const broken = { take: () => undefined, next: () => Promise.reject(new Error("a mistake")), drop: () => drops++ };
  await assert.rejects(new ChatStream(async () => () => broken, undefined).next(), /a mistake/);
  assert.equal(drops, 1);
});

test("a step begins, breaks off and tells, all at once", async () => {
  const heartbeat = { type: "heartbeat" };
  const { seen, transport } = network([], [[0]], [[0], [0, "end"]]);
  const { begin, told } = drive(
    transport,
    { ...empty, send: [sending(1), sending(2)] },
    { ...empty, send: [sending(3)], abort: [1, 2], events: [heartbeat] },
    empty,
    { ...empty, outcome },
  );
  const driven = begin();
  assert.equal(await driven.next(), heartbeat);
  assert.equal(seen.underWay.size, 1, "two were broken off");
  assert.equal(await driven.next(), undefined);
  assert.deepEqual(told, ["head 2", "head 3", "end 3"]);
});

const extra = [{ protocol: "test-hook", body: '{"hedge_after_ms":30}' }];
const delta = (text) => `data: {"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
const end = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const saying = (text, afterMs) => [[afterMs], [0, delta(text)], [0, end], [0, "end"]];

for (const [who, scripts] of [
  ["first", [saying("first", 150), []]],
  ["second", [[], saying("second", 0)]],
]) {
  test(`two attempts were sent, the ${who} wins and the other is broken off`, needsHooks, async () => {
    const { seen, transport } = network(...scripts);
    const { text } = await clientOf(nowhere, { ...hooked, transport }).infer(MODEL, "Hi", { extra });
    assert.equal(text, who);
    assert.equal(seen.sent, 2);
    assert.equal(seen.underWay.size, 0);
  });
}

for (const [how, leave, kind] of [
  ["cancel", (stream) => stream.cancel(), "cancelled"],
  ["return", (stream) => stream.return(), "cancelled"],
]) {
  test(`${how} ends two attempts under way`, needsHooks, async () => {
    const { seen, transport } = network([], []);
    const stream = clientOf(nowhere, { ...hooked, transport }).stream(MODEL, "Hi", { extra });
    const waiting = stream.next().catch(() => {});
    while (seen.underWay.size < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    leave(stream);
    await waiting;
    await failure(stream.answer(), kind);
    assert.equal(seen.underWay.size, 0);
    assert.equal(seen.sent, 2);
  });
}

test("the words of a TransportError may be cut in an emoji too", () => {
  const error = new TransportError("reset", "head_seen", "broke at \ud83d");
  assert.deepEqual(failureOf(error), { kind: "reset", reached: "head_seen", message: "broke at \ufffd" });
});
