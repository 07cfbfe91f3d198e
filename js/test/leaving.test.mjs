// The caller leaves: by a signal, by `break`, by `cancel`. Exchanges end, nothing is left behind.

import assert from "node:assert/strict";
import { test } from "node:test";

import { MODEL, answered, clientOf, completion, failure, fault, scripted, simulator } from "./support.mjs";

const stalling = fault("stall;after=4");
const left = (stats) => stats.in_flight === 0 && stats.aborted_by_client === 1;

test("a signal ends the call, with what had come and the signal's reason", async () => {
  const mock = await simulator();
  const controller = new AbortController();
  const stream = clientOf(mock).stream(MODEL, "Hi", { ...stalling, signal: controller.signal });
  const error = await failure((async () => {
    for await (const event of stream) {
      if (event.type === "text_delta") setImmediate(() => controller.abort());
    }
  })(), "cancelled");
  assert.equal(error.name, "AbortError");
  assert.equal(error.cause, controller.signal.reason);
  assert.notEqual(error.textSoFar, "");
  assert.equal(error.report.attempts[0].end, "aborted");
  await mock.until(left, "the request was broken off");
});

test("a signal that times out is told by its name", async () => {
  const mock = await simulator();
  const signal = AbortSignal.timeout(30);
  const error = await failure(clientOf(mock).infer(MODEL, "Hi", { ...fault("slow-head;delay_ms=60000"), signal }), "cancelled");
  assert.equal(error.name, "TimeoutError");
  await mock.until(left, "the request was broken off");
});

test("a signal that was aborted before sends nothing", async () => {
  const transport = scripted(() => answered([completion("hi")]));
  const request = { model: MODEL, messages: [{ role: "user", content: "Hi" }] };
  const error = await failure(clientOf({ url: "http://127.0.0.1:9" }, { transport }).chat(request, { signal: AbortSignal.abort("enough") }), "cancelled");
  assert.equal(error.cause, "enough");
  assert.equal(transport.requests.length, 0);
});

test("a signal keeps no listener of a call that is over", async () => {
  const transport = scripted(() => answered([completion("hi")]));
  const { signal } = new AbortController();
  let listeners = 0;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args) => (listeners++, add(...args));
  signal.removeEventListener = (...args) => (listeners--, remove(...args));
  const request = { model: MODEL, messages: [{ role: "user", content: "Hi" }] };
  await clientOf({ url: "http://127.0.0.1:9" }, { transport }).chat(request, { signal });
  assert.equal(listeners, 0);
});

test("break ends the exchange", async () => {
  const mock = await simulator();
  const stream = clientOf(mock).stream(MODEL, "Hi", stalling);
  for await (const event of stream) {
    if (event.type === "text_delta") break;
  }
  await mock.until(left, "the request was broken off");
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
  await failure(stream.answer(), "cancelled");
});

test("return ends a wait for the head", async () => {
  const mock = await simulator();
  const stream = clientOf(mock).stream(MODEL, "Hi", fault("slow-head;delay_ms=60000"));
  const waiting = stream.next();
  await mock.until((stats) => stats.in_flight === 1, "the request was there");
  await stream[Symbol.asyncDispose]();
  assert.deepEqual(await waiting, { value: undefined, done: true });
  await mock.until(left, "the request was broken off");
});

test("cancel ends the exchange and leaves an outcome", async () => {
  const mock = await simulator();
  const stream = clientOf(mock).stream(MODEL, "Hi", stalling);
  while ((await stream.next()).value.type !== "text_delta");
  stream.cancel();
  const error = await failure(stream.answer(), "cancelled");
  assert.notEqual(error.textSoFar, "");
  await mock.until(left, "the request was broken off");
});

for (const [how, leave] of [
  ["cancel", (stream) => stream.cancel()],
  ["a signal", (_, controller) => controller.abort()],
]) {
  test(`${how} while the core still loads is not lost, and nothing is sent`, async () => {
    const transport = scripted(() => answered([completion("hi")]));
    const controller = new AbortController();
    const stream = clientOf({ url: "http://127.0.0.1:9" }, { transport }).stream(MODEL, "Hi", { signal: controller.signal });
    const waiting = stream.next();
    leave(stream, controller);
    await failure(waiting, "cancelled");
    const error = await failure(stream.answer(), "cancelled");
    assert.ok(error.report, "the core was told");
    await new Promise(setImmediate);
    assert.equal(transport.requests.length, 0);
  });
}

test("nothing is sent before somebody asks", async () => {
  const transport = scripted(() => answered([completion("hi")]));
  clientOf({ url: "http://127.0.0.1:9" }, { transport }).stream(MODEL, "Hi");
  await new Promise(setImmediate);
  assert.equal(transport.requests.length, 0);
});

test("nothing is read that nobody waits for", async () => {
  let reads = 0;
  const chunk = (text) => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`;
  const read = async () => (reads++, { done: false, value: new TextEncoder().encode(chunk("a")) });
  const headers = [{ name: "content-type", value: "text/event-stream" }];
  const transport = { send: async () => ({ head: { status: 200, headers }, body: { read } }) };
  const stream = clientOf({ url: "http://127.0.0.1:9" }, { transport }).stream(MODEL, "Hi");
  while ((await stream.next()).value.type !== "text_delta");
  const before = reads;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(reads, before);
  await stream.return();
});
