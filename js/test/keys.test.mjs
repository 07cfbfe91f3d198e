// Keys: where they go, where they never go, and how an echo of one is overwritten.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { fill } from "../dist/egress.js";
import { Scrubber } from "../dist/scrub.js";
import { TransportRequest } from "../dist/index.js";
import { MODEL, answered, clientOf, completion, failure, scripted, simulator } from "./support.mjs";

const KEY = "sk-0123456789abcdef";
const nowhere = { url: "http://127.0.0.1:9" };
const request = { model: MODEL, messages: [{ role: "user", content: "Hi" }] };
const keyEnv = { openai: "LITERLLM_TEST_KEY" };

/** Everything a person or a log could see of a value. */
const shown = (value) => [inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value), String(value), value?.stack].join("\n");

test("a key goes into the header of its origin, and is shown nowhere", async () => {
  const mock = await simulator("--require-key", KEY);
  const keys = { openai: KEY };
  const client = clientOf(mock, { keys, keyEnv });
  assert.notEqual((await client.chat(request)).text, "");
  assert.ok(!shown(client).includes(KEY));
  const error = await failure(clientOf(mock, { keys: { openai: `${KEY}-wrong` }, keyEnv }).chat(request), "authentication");
  assert.equal(error.detail.status, 401);
  assert.ok(!shown(error).includes(KEY), shown(error));
});

test("an echo of the key is overwritten in headers, body and failures", async () => {
  const body = JSON.stringify({ error: { message: `Incorrect API key provided: ${KEY}` } });
  const pieces = [body.slice(0, body.indexOf(KEY) + 5), body.slice(body.indexOf(KEY) + 5)];
  const headers = [{ name: "content-type", value: "application/json" }, { name: "x-request-id", value: `r-${KEY}` }];
  const keys = { openai: KEY };
  let transport = scripted(() => answered(pieces, { status: 401, headers }));
  let error = await failure(clientOf(nowhere, { keys, keyEnv, transport }).chat(request), "authentication");
  assert.equal(transport.requests[0].headers.at(-1).value, `Bearer ${KEY}`);
  assert.match(error.detail.raw, /provided: \*{19}/);
  assert.ok(!shown(error).includes(KEY));
  transport = scripted(() => {
    throw new Error(`could not send ${KEY}`);
  });
  const policy = { max_attempts: 1 };
  error = await failure(clientOf(nowhere, { keys, keyEnv, transport, policy }).chat(request), "connection");
  assert.ok(!shown(error).includes(KEY), shown(error));
});

test("a request shows neither its headers nor its query", () => {
  const headers = [{ name: "authorization", value: KEY }];
  const url = `https://x.example/v1?key=${KEY}`;
  const sent = new TransportRequest({ method: "POST", url, headers, body: KEY }, new AbortController().signal, undefined);
  assert.equal(sent.url, url);
  assert.ok(!shown(sent).includes(KEY), shown(sent));
});

test("keys come from the environment, the first that is set", async () => {
  const transport = scripted(() => answered([completion("hi")]));
  const providers = [{ id: "openai", key_env: ["LITERLLM_TEST_EMPTY", "LITERLLM_TEST_KEY"] }];
  process.env.LITERLLM_TEST_EMPTY = "";
  process.env.LITERLLM_TEST_KEY = KEY;
  await clientOf(nowhere, { transport, providers }).chat(request);
  delete process.env.LITERLLM_TEST_KEY;
  assert.equal(transport.requests[0].headers.at(-1).value, `Bearer ${KEY}`);
  const error = await failure(clientOf(nowhere, { transport, providers }).chat(request), "authentication");
  assert.match(error.message, /LITERLLM_TEST_KEY/);
  assert.equal(transport.requests.length, 1);
});

test("a source is asked for each request, and may take its time", async () => {
  const transport = scripted(() => answered([completion("hi")]));
  const asked = [];
  const keys = async (row) => (asked.push(row.provider), `key-number-${asked.length}`);
  const client = clientOf(nowhere, { transport, keys, keyEnv });
  await client.chat(request);
  await client.chat(request);
  assert.deepEqual(asked, ["openai", "openai"]);
  assert.equal(transport.requests[1].headers.at(-1).value, "Bearer key-number-2");
});

for (const [key, word] of [["sk-012345\n", "line break"], ["sk-é012345", "ASCII"], ["sk 012345", "space"], ["", "empty"], [7, "no string"]]) {
  test(`a key that ${word === "empty" ? "is" : "holds"} ${word} is said without showing it`, async () => {
    const transport = scripted(() => answered([completion("hi")]));
    const error = await failure(clientOf(nowhere, { transport, keyEnv, keys: () => key }).chat(request), "authentication");
    assert.match(error.message, new RegExp(word));
    assert.ok(!shown(error).includes("012345"), shown(error));
    assert.equal(transport.requests.length, 0);
  });
}

test("a source that throws is a missing key, and its words stay with it", async () => {
  const keys = () => {
    throw new RangeError(`no ${KEY}`);
  };
  const error = await failure(clientOf(nowhere, { keyEnv, keys }).chat(request), "authentication");
  assert.match(error.message, /RangeError/);
  assert.ok(!shown(error).includes(KEY));
});

test("at an address of the caller's own no key is sent unasked", async () => {
  const transport = scripted(() => answered([completion("hi")]));
  await clientOf(nowhere, { transport, keys: { openai: KEY } }).chat(request);
  assert.ok(!JSON.stringify([...transport.requests[0].headers]).includes(KEY));
  assert.deepEqual((await clientOf(nowhere).egress()).find((row) => row.provider === "openai").origins, ["http://127.0.0.1:9"]);
});

const auth = { type: "header", name: "authorization", prefix: "Bearer " };
const row = { provider: "p", protocol: "x", origins: ["https://api.example.com"], auth, key_env: [], spare_key_env: [] };
const http = (url, slot = auth, provider = "p") => ({
  ...{ provider, key_slot: 0 },
  request: { method: "POST", url, headers: [], auth: slot, body: [], body_length: 0 },
});

test("the key goes to the origin however it is spelled", async () => {
  for (const url of ["https://api.example.com/v1", "HTTPS://API.Example.com:443/v1"]) {
    assert.equal((await fill([row], http(url), () => KEY)).request.headers[0].value, `Bearer ${KEY}`);
  }
});

test("the key goes nowhere else", async () => {
  const slots = { type: "header", name: "x-leak", prefix: "" };
  for (const [url, slot] of [
    ["https://api.example.com.evil.example/v1"],
    ["https://api.example.com@evil.example/v1"],
    ["https://api.example.com:8443/v1"],
    ["http://api.example.com/v1"],
    ["https://me:pw@api.example.com/v1"],
    ["file:///etc/passwd"],
    ["not a url"],
    ["https://api.example.com/v1", slots],
    ["https://api.example.com/v1", { type: "query", name: "key" }],
  ]) {
    const error = await fill([row], http(url, slot), () => KEY).catch((error) => error);
    assert.equal(error.kind, "egress", url);
    assert.ok(!error.message.includes("pw@") && !error.message.includes(KEY));
  }
  assert.equal((await fill([row], http("https://api.example.com/", auth, "other"), () => KEY).catch((error) => error)).kind, "egress");
});

test("a key in the query is encoded", async () => {
  const slot = { type: "query", name: "key" };
  const { request } = await fill([{ ...row, auth: slot }], http("https://api.example.com/v1?alt=sse", slot), () => "a+b/c&d=12");
  assert.equal(request.url, "https://api.example.com/v1?alt=sse&key=a%2Bb%2Fc%26d%3D12");
});

function scrub(secret, pieces) {
  const scrubber = new Scrubber(secret);
  const out = pieces.map((piece) => Buffer.from(scrubber.push(Buffer.from(piece))));
  return Buffer.concat([...out, scrubber.finish()]).toString();
}

test("a key cut in two is overwritten, and a beginning alone comes back", () => {
  assert.equal(scrub("sk-12345678", ["key sk-1234", "5678 is wrong"]), "key *********** is wrong");
  assert.equal(scrub("sk-12345678", ["key sk-1234", "9"]), "key sk-12349");
  assert.equal(scrub("sk-12345678", ["key sk-1234"]), "key sk-1234");
  assert.equal(scrub("ab+/cdef==", ["?key=ab%2B%2Fcd", "ef%3D%3D&"]), "?key=******************&");
  assert.equal(scrub("test", ["a test"]), "a test");
});

test("any cutting gives the bytes of the whole, and the key is in none of them", () => {
  // Few letters, so that keys and their beginnings are met often. A generator of its own, so that a failure comes back.
  let state = 7;
  const below = (bound) => (state = (state * 48271) % 2147483647) % bound;
  const text = (letters, length) => Array.from({ length }, () => letters[below(letters.length)]).join("");
  for (let round = 0; round < 3000; round++) {
    const secret = text("ab+", 8 + below(3));
    let body = text("ab+%2B", below(80));
    if (below(2)) body += secret;
    if (below(2)) body = `${body}ab${body}`;
    const cuts = [0, body.length, ...Array.from({ length: below(12) }, () => below(body.length + 1))].sort((a, b) => a - b);
    const pieces = cuts.slice(1).map((end, index) => body.slice(cuts[index], end));
    const whole = scrub(secret, [body]);
    assert.equal(scrub(secret, pieces), whole, JSON.stringify({ secret, pieces }));
    assert.equal(whole.length, body.length);
    assert.ok(!whole.includes(secret));
  }
});
