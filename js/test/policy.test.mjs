// What a caller says of time, keys and failure, and what comes back of it: the policy is the core's, its words are ours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { fromEnvironment } from "../dist/index.js";
import { MODEL, answered, clientOf, completion, failure, scripted } from "./support.mjs";

const nowhere = { url: "http://127.0.0.1:9" };
const request = { model: MODEL, messages: [{ role: "user", content: "Hi" }] };
const KEYS = ["sk-first-0123456789", "sk-second-0123456789", "sk-third-0123456789"];
const keyEnv = { openai: "LITERLLM_TEST_KEY" };
const policy = { backoff_base_ms: 1, backoff_cap_ms: 2 };
const refusal = (status, headers = []) => answered(['{"error":{"message":"no"}}'], { status, headers });
const good = () => answered([completion("hi")]);

/** A transport that never answers. */
const silent = () =>
  scripted(({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))));

/** The keys that were sent, in order. */
const sent = ({ requests }) =>
  requests.map(({ headers }) => headers.find(({ name }) => name === "authorization")?.value.slice("Bearer ".length));

for (const [whose, timeoutMs, total_timeout_ms, deadline, name] of [
  ["the caller's", 1, 60_000, "caller", "TimeoutError"],
  ["the policy's", 60_000, 1, "total", "LiterLLMError"],
]) {
  test(`of two bounds of the whole time the sooner ends the call: ${whose}`, async () => {
    const transport = silent();
    const call = clientOf(nowhere, { transport }).chat(request, { timeoutMs, policy: { total_timeout_ms } });
    const error = await failure(call, "timeout");
    assert.equal(error.deadline, deadline);
    assert.equal(error.name, name);
    assert.equal(transport.requests.length, 1);
    assert.equal(error.attempts[0].maybe_billed, true);
  });
}

test("a part of a millisecond is one, and what is no time is refused", async () => {
  const client = clientOf(nowhere, { transport: silent() });
  assert.equal((await failure(client.infer(MODEL, "Hi", { timeoutMs: 0.2 }), "timeout")).deadline, "caller");
  for (const timeoutMs of [NaN, -1, Infinity, "5", 2 ** 60]) {
    assert.match((await failure(client.chat(request, { timeoutMs }), "invalid_request")).message, /^timeoutMs is /);
  }
});

test("a signal that timed out is the cause of the error", async () => {
  const signal = AbortSignal.timeout(1);
  const error = await failure(clientOf(nowhere, { transport: silent() }).chat(request, { signal }), "cancelled");
  assert.equal(error.name, "TimeoutError");
  assert.equal(error.cause, signal.reason);
  assert.equal(error.deadline, undefined);
});

test("an option of a call that does not exist is refused with the one that was meant", async () => {
  const client = clientOf(nowhere, { transport: scripted(good) });
  for (const [option, meant] of [["timeoutMS", "timeoutMs"], ["idempotency_key", "idempotencyKey"], ["signals", "signal"]]) {
    const error = await failure(client.chat(request, { [option]: 1 }), "invalid_request");
    assert.match(error.message, new RegExp(`a call has no option ${option}; did you mean ${meant}\\?`));
  }
  assert.match((await failure(client.resume("{}", { blob: {} }).answer(), "invalid_request")).message, /did you mean blobs\?/);
});

test("all attempts carry the caller's idempotency key where the provider honours one", async () => {
  const transport = scripted((_, count) => (count === 1 ? refusal(503) : good()));
  const providers = [{ id: "openai", idempotency_header: "idempotency-key" }];
  await clientOf(nowhere, { transport, providers, policy }).chat(request, { idempotencyKey: "order-17" });
  const keys = transport.requests.map(({ headers }) => headers.find(({ name }) => name === "idempotency-key")?.value);
  assert.deepEqual(keys, ["order-17", "order-17"]);
});

test("another model is asked where the first fails, and a notice says so", async () => {
  const transport = scripted(({ url }) => (url.includes("first") ? refusal(500) : answered([completion("from the second")])));
  const client = clientOf(nowhere, {
    ...{ transport, baseUrl: { openai: "http://first.test/v1", groq: "http://second.test/v1" } },
    policy: { max_attempts: 1, fallback: [{ model: "groq/second", on: ["server"] }] },
  });
  const stream = client.stream(MODEL, "Hi");
  const notices = [];
  for await (const event of stream) if (event.type === "notice") notices.push(event.notice);
  const { text, report } = await stream.answer();
  assert.equal(text, "from the second");
  assert.deepEqual(report.attempts.map(({ provider, model, end }) => [provider, model, end]), [
    ["openai", "gpt-4o-mini", "failed"],
    ["groq", "second", "answered"],
  ]);
  const [{ type, from_model: from, to_model: to, error }] = notices;
  assert.deepEqual([type, from, to, error], ["fallback", MODEL, "groq/second", "server"]);
});

test("a circuit that opened lets nothing through, and says how long", async () => {
  const transport = scripted(() => refusal(500));
  const guards = { breaker_failures: 2, breaker_open_ms: 60_000 };
  const client = clientOf(nowhere, { transport, policy: { max_attempts: 1 }, guards });
  await failure(client.chat(request), "server");
  await failure(client.chat(request), "server");
  const error = await failure(client.chat(request), "circuit_open");
  assert.equal(transport.requests.length, 2);
  assert.deepEqual(error.attempts, []);
  assert.equal(error.maybeBilled, false);
  assert.match(error.message, /nothing was sent \(you may resend it after \d+ ms\)$/);
});

test("the message of an error tells the attempts, the bill and what may be done", async () => {
  const transport = scripted((_, count) => {
    if (count === 2) return refusal(503);
    throw new Error("broke");
  });
  const error = await failure(clientOf(nowhere, { transport, policy }).chat(request), "connection");
  assert.equal(error.message, `${error.detail.message} (3 attempts; it may have been billed; you may resend it)`);
  assert.deepEqual(error.next, ["resend"]);
  assert.equal(error.maybeBilled, true);
  assert.deepEqual(error.attempts.map(({ status, reached, wait_reason }) => [status, reached, wait_reason]), [
    [undefined, "unknown", "backoff"],
    [503, undefined, "backoff"],
    [undefined, "unknown", undefined],
  ]);
  const plain = await failure(clientOf(nowhere, { transport: scripted(() => refusal(404)) }).chat(request), "not_found");
  assert.equal(plain.message, plain.detail.message, "nothing that is worth an aside");
  assert.deepEqual(plain.next, ["give_up"]);
});

test("an answer that broke off may be gone on with", async () => {
  const delta = `data: {"choices":[{"index":0,"delta":{"content":"Once upon"}}]}\n\n`;
  const headers = [{ name: "content-type", value: "text/event-stream" }];
  const transport = scripted(() => answered([delta], { headers }));
  const error = await failure(clientOf(nowhere, { transport }).infer(MODEL, "Hi"), "cut");
  assert.equal(error.textSoFar, "Once upon");
  assert.equal(error.next[0], "continue");
  assert.match(error.message, /\(it may have been billed; you may let the model go on from what it said( or resend it)?\)$/);
});

test("of several keys the next is used when one is refused, and none is shown", async () => {
  const transport = scripted((_, count) => (count < 3 ? refusal(401) : good()));
  const client = clientOf(nowhere, { transport, keyEnv, keys: { openai: KEYS } });
  const { report } = await client.chat(request);
  assert.deepEqual(sent(transport), KEYS);
  assert.deepEqual(report.attempts.map(({ key_slot }) => key_slot), [0, 1, 2]);
  await client.chat(request);
  assert.equal(sent(transport)[3], KEYS[2], "refused keys rest");
  const refusing = clientOf(nowhere, { transport: scripted(() => refusal(401)), keyEnv, keys: { openai: KEYS } });
  const error = await failure(refusing.chat(request), "authentication");
  assert.equal(error.attempts.length, 3);
  const shown = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), await refusing.snapshot()].join();
  assert.ok(!KEYS.some((key) => shown.includes(key)), shown);
});

test("spare keys of the environment have a variable each, and one that is not set is passed over", async () => {
  const spares = ["LITERLLM_TEST_UNSET", "LITERLLM_TEST_SPARE"];
  const transport = scripted((_, count) => (count === 1 ? refusal(429, [{ name: "retry-after", value: "60" }]) : good()));
  process.env.LITERLLM_TEST_KEY = KEYS[0];
  process.env.LITERLLM_TEST_SPARE = KEYS[2];
  try {
    const { report } = await clientOf(nowhere, { transport, keyEnv, spareKeyEnv: { openai: spares } }).chat(request);
    assert.deepEqual(sent(transport), [KEYS[0], KEYS[2]]);
    assert.deepEqual(report.attempts.map(({ key_slot, error }) => [key_slot, error]), [
      [0, "rate_limit"],
      [1, "authentication"],
      [2, undefined],
    ]);
    const row = { key_env: ["LITERLLM_TEST_KEY"], spare_key_env: spares };
    const found = [undefined, 0, 1, 2, 3].map((slot) => fromEnvironment(row, slot));
    assert.deepEqual(found, [KEYS[0], KEYS[0], undefined, KEYS[2], undefined]);
  } finally {
    delete process.env.LITERLLM_TEST_KEY;
    delete process.env.LITERLLM_TEST_SPARE;
  }
});

test("a source is told which key is wanted", async () => {
  const asked = [];
  const keys = async ({ provider, spare_key_env }, slot) => (asked.push([provider, spare_key_env.length, slot]), KEYS[slot]);
  const transport = scripted((_, count) => (count === 1 ? refusal(403) : good()));
  await clientOf(nowhere, { transport, keyEnv, keys, spareKeyEnv: { openai: ["LITERLLM_TEST_SPARE"] } }).chat(request);
  assert.deepEqual(asked, [["openai", 1, 0], ["openai", 1, 1]]);
  assert.deepEqual(sent(transport), KEYS.slice(0, 2));
});
