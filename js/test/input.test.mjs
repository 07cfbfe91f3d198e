// What a caller may get wrong: strings that are not Unicode, values JSON does not have, names that do not exist, blobs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Client, VERSION, fetchTransport } from "../dist/index.js";
import { joinBody } from "../dist/body.js";
import { MODEL, answered, clientOf, completion, failure, scripted } from "./support.mjs";

const transport = scripted(() => answered([completion("hi")]));
const client = clientOf({ url: "http://127.0.0.1:9" }, { transport });
const user = (content) => [{ role: "user", content }];
const HALF = "a\ud83d";

for (const [place, prompt, options] of [
  ["messages[0].content", HALF],
  ["messages[1].content[0].text", [{ role: "system", content: "Hi" }, { role: "user", content: [{ type: "text", text: HALF }] }]],
  ["messages[0].content[0].provider_data.data", user([{ type: "text", text: "a", provider_data: { protocol: "p", data: HALF } }])],
  ["metadata[0].value", "Hi", { metadata: [{ key: "a", value: HALF }] }],
  ["stop[1]", "Hi", { stop: ["a", "\udc00"] }],
]) {
  test(`half a surrogate pair in ${place} is refused with its place`, async () => {
    const error = await failure(client.infer(MODEL, prompt, options), "invalid_request");
    assert.ok(error.message.startsWith(`${place} is not Unicode`), error.message);
  });
}

test("half a surrogate pair is refused in the model, in options and in a configuration", async () => {
  assert.match((await failure(client.infer(`openai/${HALF}`, "Hi"), "invalid_request")).message, /^model is not Unicode/);
  const request = { model: MODEL, messages: user("Hi"), [HALF]: 1 };
  assert.match((await failure(client.chat(request), "invalid_request")).message, /^the request has a name that is not Unicode/);
  const configure = () => new Client({ providers: [{ id: "openai", base_url: HALF }] });
  assert.throws(configure, { kind: "invalid_request", message: /^providers\[0\]\.base_url is not Unicode/ });
});

test("whole pairs pass", async () => {
  assert.equal((await client.infer(MODEL, "🐦 \u{10ffff}")).text, "hi");
});

for (const [what, options] of [
  ["temperature is NaN", { temperature: NaN }],
  ["top_p is Infinity", { top_p: Infinity }],
  ["seed is a BigInt", { seed: 7n }],
  ["user is a function", { user: () => "me" }],
  ["user is bytes", { user: new Uint8Array(1) }],
]) {
  test(`${what}: refused`, async () => {
    assert.match((await failure(client.infer(MODEL, "Hi", options), "invalid_request")).message, new RegExp(`^${what}`));
  });
}

test("a message that holds itself is refused", async () => {
  const message = { role: "user", content: "Hi" };
  message.content = [message];
  assert.match((await failure(client.infer(MODEL, [message]), "invalid_request")).message, /nested too deep/);
});

test("a name that does not exist is refused with the one that was meant", async () => {
  assert.match((await failure(client.infer(MODEL, "Hi", { temprature: 1 }), "invalid_request")).message, /did you mean temperature\?/);
  const request = { model: MODEL, messages: user("Hi") };
  assert.match((await failure(client.chat(request, { polcy: {} }), "invalid_request")).message, /did you mean policy\?/);
  assert.throws(() => new Client({ baseURL: {} }), { kind: "invalid_request", message: /did you mean baseUrl\?/ });
  assert.throws(() => new Client({ nonsense: 1 }), { kind: "invalid_request", message: /known are providers, / });
});

test("an option that is undefined is absent", async () => {
  assert.equal((await client.infer(MODEL, "Hi", { temperature: undefined, policy: undefined })).text, "hi");
});

test("nothing was sent for anything that was refused", () => {
  for (const request of transport.requests) assert.ok(!String(request.body).includes("\ufffd"), request.body);
});

const picture = (length) => user([{ type: "image", source: { type: "blob", id: "cat", length }, media_type: "image/png" }]);

test("a blob is joined as base64 outside of the core", async () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
  await client.infer(MODEL, picture(bytes.length), { blobs: { cat: bytes } });
  const body = Buffer.from(transport.requests.at(-1).body).toString();
  assert.ok(body.includes(Buffer.from(bytes).toString("base64")));
  assert.equal(JSON.parse(body).messages[0].content[0].type, "image_url");
});

test("a blob that is missing, of another length, or no bytes is said", async () => {
  const sent = transport.requests.length;
  for (const blobs of [undefined, {}, { cat: new Uint8Array(3) }, { cat: "abc" }]) {
    const error = await failure(client.infer(MODEL, picture(40), { blobs }), "invalid_request");
    assert.match(error.message, /blob/);
  }
  assert.equal(transport.requests.length, sent);
});

test("segments are joined in their order", () => {
  const segments = [
    { type: "text", text: "<é" },
    { type: "blob", id: "a", encoding: "raw" },
    { type: "text", text: "|" },
    { type: "blob", id: "a", encoding: "base64" },
  ];
  const body = joinBody(segments, { a: new Uint8Array([255, 0]) }, 10);
  assert.equal(Buffer.from(body).toString("latin1"), "<\xc3\xa9\xff\x00|/wA=");
  assert.equal(joinBody([], {}, 0), undefined);
});

test("what fetch throws is told in the contract's words", async () => {
  const fail = async (error) => {
    const transport = fetchTransport(async () => {
      throw error;
    });
    const headers = [];
    return transport.send({ headers, url: "http://x.example/", method: "POST", signal: AbortSignal.any([]) }).catch((error) => error);
  };
  const fetchFailed = (code) => new TypeError("fetch failed", { cause: Object.assign(new Error(`${code} happened`), { code }) });
  for (const [code, kind, reached] of [
    ["ENOTFOUND", "dns", "not_connected"],
    ["ECONNREFUSED", "connect", "not_connected"],
    ["UND_ERR_CONNECT_TIMEOUT", "connect_timeout", "not_connected"],
    ["CERT_HAS_EXPIRED", "tls", "not_connected"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls", "not_connected"],
    ["ECONNRESET", "reset", "unknown"],
    ["HPE_INVALID_CONSTANT", "http", "unknown"],
    ["ESOMETHING", "other", "unknown"],
  ]) {
    const failure = await fail(fetchFailed(code));
    assert.deepEqual([failure.kind, failure.reached, failure.message], [kind, reached, `fetch failed: ${code} happened`]);
  }
  assert.equal((await fail("just words")).message, "just words");
});

test("a redirect that the browser hides is told as one", async () => {
  const fetch = async () => ({ type: "opaqueredirect", status: 0, headers: new Headers(), body: null });
  await failure(clientOf({ url: "http://127.0.0.1:9" }, { fetch }).infer(MODEL, "Hi"), "redirect");
});

test("fetch is called without a this, and asked to follow nothing", async () => {
  let seen;
  const fetch = async function (url, init) {
    seen = { self: this, url, init };
    return new Response(completion("hi"), { headers: { "content-type": "application/json" } });
  };
  assert.equal((await clientOf({ url: "http://127.0.0.1:9" }, { fetch }).chat({ model: MODEL, messages: user("Hi") })).text, "hi");
  assert.equal(seen.self, undefined);
  assert.equal(seen.init.redirect, "manual");
  assert.match(new Headers(seen.init.headers).get("user-agent"), /^literllm\//);
});

test("the version told to providers is the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  assert.equal(VERSION, version);
});
