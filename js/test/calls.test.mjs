// Calls against the simulator: plain, streamed, failing in every way that a network has.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";

import { Answer } from "../dist/index.js";
import { MODEL, clientOf, failure, fault, simulator } from "./support.mjs";

const mock = await simulator();
// Many calls fail here, one after another, and each is to reach the simulator.
const client = clientOf(mock, { guards: { breaker_failures: 0, cooldown_cap_ms: 0, retry_budget: 1000 } });
const ask = { model: MODEL, messages: [{ role: "user", content: "Tell me a short story." }] };

test("a plain chat gives the answer with its report", async () => {
  const answer = await client.chat(ask);
  assert.ok(answer instanceof Answer);
  assert.match(answer.text, /^\[simulator\] /);
  assert.equal(answer.finish.unified, "stop");
  assert.ok(answer.usage.output_tokens > 0);
  assert.equal(answer.report.attempts.length, 1);
  assert.ok(!("type" in answer.response), "the tag of the outcome is not part of the answer");
});

test("infer streams, and its tokens are its text", async () => {
  const { text, tokens, usage, finish, warnings, response } = await client.infer(MODEL, "Tell me a short story.");
  assert.equal(tokens.join(""), text);
  assert.ok(tokens.length > 10);
  assert.equal(usage.output_tokens, response.usage.output_tokens);
  assert.equal(finish.raw, "stop");
  assert.deepEqual(warnings, []);
});

test("messages and options of the contract cross as they are", async () => {
  const messages = [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "Hi" }] },
  ];
  const { text } = await client.infer(MODEL, messages, { temperature: 0.5, max_output_tokens: 40, strict: true });
  assert.notEqual(text, "");
});

test("a stream gives events in their order and the same answer at the end", async () => {
  const stream = client.stream(MODEL, "Tell me a short story.");
  const events = [];
  for await (const event of stream) events.push(event);
  assert.equal(events[0].type, "start");
  const text = events.filter((event) => event.type === "text_delta").map((event) => event.text);
  assert.equal((await stream.answer()).text, text.join(""));
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
});

test("texts gives the words alone", async () => {
  const stream = client.stream(MODEL, "Tell me a short story.");
  let text = "";
  for await (const piece of stream.texts()) text += piece;
  assert.equal(text, (await stream.answer()).text);
});

test("several who ask a stream at once are answered in turn", async () => {
  const stream = client.stream(MODEL, "Tell me a short story.");
  const results = await Promise.all([stream.next(), stream.next(), stream.next()]);
  assert.deepEqual(results.map((result) => result.value.type), ["start", "part_start", "text_delta"]);
  await stream.return();
});

test("characters cut in the middle stay whole", async () => {
  const whole = (await client.chat(ask)).text;
  assert.match(whole, /[^\x00-\x7f]/, "the story has such a character");
  assert.equal((await client.chat({ ...ask, ...fault("one-byte") })).text, whole);
  const { text } = await client.infer(MODEL, "Tell me a short story.", fault("one-byte"));
  assert.equal(text, whole);
});

test("what failed before the answer began is tried again", async () => {
  const planned = await simulator("--plan", "reset-before-head,status=503,ok");
  const policy = { backoff_base_ms: 1, backoff_cap_ms: 2 };
  const { report } = await clientOf(planned).chat(ask, { policy });
  const ends = report.attempts.map(({ status, end }) => [status, end]);
  assert.deepEqual(ends, [[undefined, "failed"], [503, "failed"], [200, "answered"]]);
});

for (const [name, kind] of [
  ["status=429;retry_after_ms=1", "rate_limit"],
  ["status=401", "authentication"],
  ["status=404", "not_found"],
  ["status=500", "server"],
  ["status=529", "overloaded"],
  ["close-before-head", "connection"],
  ["reset-after-head", "cut"],
  ["error-in-200;after=0", "server"],
  ["html", "protocol"],
]) {
  test(`${name} is an error of kind ${kind}`, async () => {
    const policy = { max_attempts: 1 };
    const error = await failure(client.infer(MODEL, "Hi", { ...fault(name), policy }), kind);
    assert.equal(error.name, "LiterLLMError");
    assert.equal(error.report.attempts.length, 1);
    assert.ok(error.message.startsWith(error.detail.message), error.message);
  });
}

for (const name of ["cut", "reset-mid-stream", "abort-mid-stream"]) {
  test(`${name} leaves what had come`, async () => {
    const error = await failure(client.infer(MODEL, "Tell me a story.", fault(`${name};after=6`)), "cut");
    assert.match(error.textSoFar, /^\[simulator/);
    assert.equal(error.detail.partial.choices[0].finish, undefined);
  });
}

test("a stream throws its error once and keeps it for answer", async () => {
  const stream = client.stream(MODEL, "Tell me a story.", fault("cut;after=6"));
  const types = [];
  await failure((async () => {
    for await (const event of stream) types.push(event.type);
  })(), "cut");
  assert.ok(types.includes("text_delta"));
  assert.deepEqual(await stream.next(), { value: undefined, done: true });
  await failure(stream.answer(), "cut");
});

test("silence in the middle is a timeout, told by the core", async () => {
  const policy = { idle_timeout_ms: 50, max_attempts: 1 };
  const error = await failure(client.infer(MODEL, "Hi", { ...fault("stall;after=4"), policy }), "timeout");
  assert.notEqual(error.textSoFar, "");
});

test("a reader that takes its time is not the provider's silence", async () => {
  const stream = client.stream(MODEL, "Tell me a story.", { policy: { idle_timeout_ms: 100, max_attempts: 1 } });
  await stream.next();
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert.notEqual((await stream.answer()).text, "");
});

test("a server that is not there is a connection error that says so", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const nobody = clientOf({ url: `http://127.0.0.1:${server.address().port}` });
  await new Promise((resolve) => server.close(resolve));
  const error = await failure(nobody.chat(ask, { policy: { max_attempts: 1 } }), "connection");
  assert.match(error.message, /ECONNREFUSED|refused/);
  assert.equal(error.report.attempts[0].maybe_billed, false, "nothing was sent");
  const nowhere = clientOf({ url: "http://no-such-host.invalid" });
  await failure(nowhere.chat(ask, { policy: { max_attempts: 1 } }), "connection");
});

test("a redirect is not followed, and the key does not travel", async () => {
  const other = await simulator();
  const error = await failure(client.chat({ ...ask, ...fault(`redirect;to=${other.url}/v1/chat/completions`) }), "redirect");
  assert.equal(error.detail.status, 307);
  assert.equal((await other.stats()).requests, 0);
});
