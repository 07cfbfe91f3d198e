// The core as it breaks: traps, a bound of its memory, files that are no core; and the steps no policy makes yet.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Client, LiterLLMError } from "../dist/index.js";
import { Engine, MEMORY_BYTES } from "../dist/engine.js";
import { MODEL, TRAP, answered, clientOf, completion, failure, hooked, needsHooks, scripted, simulator } from "./support.mjs";

const request = { model: MODEL, messages: [{ role: "user", content: "Hi" }] };
const nowhere = { url: "http://127.0.0.1:9" };

test("a thousand calls, every hundredth a trap: ten typed errors and 990 answers", needsHooks, async () => {
  const client = clientOf(await simulator(), hooked);
  const ends = { answers: 0, errors: 0 };
  for (let call = 1; call <= 1000; call++) {
    if (call % 100 !== 0) {
      assert.notEqual((await client.chat(request)).text, "");
      ends.answers++;
      continue;
    }
    const error = await failure(client.chat({ ...request, ...TRAP }), "internal");
    assert.equal(error.detail.retryable, false);
    assert.match(error.message, /the sandbox of this client broke: RuntimeError/);
    ends.errors++;
  }
  assert.deepEqual(ends, { answers: 990, errors: 10 });
});

test("fifty at once and one trap: the calls of that instance fail, the next call works", needsHooks, async () => {
  const mock = await simulator();
  const [client, other] = [clientOf(mock, hooked), clientOf(mock, hooked)];
  // All fifty are under way before one head comes: the others wait for theirs.
  const slow = { headers: [{ name: "x-mock-fault", value: "slow-head;delay_ms=400" }] };
  const calls = Array.from({ length: 49 }, () => failure(client.chat({ ...request, ...slow }), "internal"));
  const elsewhere = other.chat({ ...request, ...slow });
  await mock.until((stats) => stats.in_flight === 50, "all are under way");
  const trapped = await failure(client.chat({ ...request, ...TRAP }), "internal");
  assert.equal(trapped.detail.retryable, false);
  assert.deepEqual([trapped.maybeBilled, trapped.next], [true, ["give_up"]]);
  const next = client.chat(request);
  for (const error of await Promise.all(calls)) {
    assert.equal(error.detail.retryable, true);
    assert.match(error.message, /start this call again/);
    assert.deepEqual([error.maybeBilled, error.next], [true, ["resend"]]);
  }
  assert.notEqual((await next).text, "");
  assert.notEqual((await elsewhere).text, "", "another client has another instance");
  await mock.until((stats) => stats.in_flight === 0, "no exchange is left");
});

test("a late drop of an old handle harms nothing", needsHooks, async () => {
  const client = clientOf(await simulator(), hooked);
  const stream = client.stream(MODEL, "Hi");
  await stream.next();
  await failure(client.chat({ ...request, ...TRAP }), "internal");
  const running = client.stream(MODEL, "Hi");
  await running.next();
  await stream.return();
  assert.notEqual((await running.answer()).text, "");
});

test("two attempts side by side: the first good head wins, the other is broken off", needsHooks, async () => {
  const mock = await simulator("--plan", "slow-head;delay_ms=60000,ok");
  const extra = [{ protocol: "test-hook", body: '{"hedge_after_ms":50}' }];
  const { text, report } = await clientOf(mock, hooked).infer(MODEL, "Tell me a story.", { extra });
  assert.match(text, /^\[simulator\] /);
  assert.ok(report.attempts.length >= 1);
  const stats = await mock.until((stats) => stats.in_flight === 0, "nothing is under way");
  assert.equal(stats.requests, 2);
  assert.equal(stats.aborted_by_client, 1);
});

test("a crossing out of order is an ordinary error, and so is a dropped call", async () => {
  const engine = new Engine({ config: "{}", memoryBytes: MEMORY_BYTES, module: undefined });
  await engine.ready();
  const { call } = engine.start(JSON.stringify(request), "{}", 1_700_000_000_000, 7n);
  assert.throws(() => call.tell({ type: "head", attempt: 9, head: { status: 200 } }, 1_700_000_000_000), { kind: "invalid_state" });
  call.drop();
  call.drop();
  assert.throws(() => call.tell({ type: "cancel" }, 1_700_000_000_000), { kind: "invalid_state" });
});

test("a bound of the memory ends the call with a typed error, and the process lives", async () => {
  const memoryBytes = 2 * 1024 * 1024;
  const transport = scripted((_, count) => answered([completion(count === 1 ? "x".repeat(8 * 1024 * 1024) : "hi")]));
  const client = clientOf(nowhere, { transport, memoryBytes });
  const error = await failure(client.chat(request), "internal");
  assert.match(error.message, /a bound of its memory/);
  assert.equal((await client.chat(request)).text, "hi");
  const roomy = clientOf(nowhere, { transport: scripted(() => answered([completion("x".repeat(8 * 1024 * 1024))])) });
  assert.equal((await roomy.chat(request)).text.length, 8 * 1024 * 1024);
});

test("a bound that no core fits in is refused", async () => {
  for (const memoryBytes of [65536, -1, NaN, 2 ** 40]) {
    assert.match((await failure(clientOf(nowhere, { memoryBytes }).ready(), "invalid_request")).message, /memoryBytes/);
  }
});

test("a file that is no core is said, and nothing else breaks", async () => {
  const cut = readFileSync(new URL("../core/literllm_web.wasm", import.meta.url)).subarray(0, 1000);
  const foreign = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  for (const core of [cut, foreign, new Uint8Array(0)]) {
    const error = await failure(new Client({ core }).infer(MODEL, "Hi"), "internal");
    assert.match(error.message, /the core does not load/);
  }
});

test("the same seed gives the same waits", async () => {
  const waits = async (seed) => {
    const transport = scripted((_, count) => answered(count < 3 ? [] : [completion("hi")], count < 3 ? { status: 503 } : {}));
    const policy = { backoff_base_ms: 4, backoff_cap_ms: 8 };
    const { report } = await clientOf(nowhere, { transport, seed: () => seed }).chat(request, { policy });
    return report.attempts.map((attempt) => attempt.wait_ms);
  };
  assert.deepEqual(await waits(7n), await waits(7));
  assert.deepEqual(await waits(2n ** 64n - 1n), await waits(-1));
});

test("the clock given is the clock of the call", async () => {
  const transport = scripted(() => answered([completion("hi")]));
  const { report } = await clientOf(nowhere, { transport, clock: () => 1_700_000_000_000 }).chat(request);
  assert.equal(report.started_ms, 1_700_000_000_000);
});

test("an error of the core is an Error with the core's document", async () => {
  const error = await failure(new Client({ providers: [{ id: "NO" }] }).ready(), "invalid_request");
  assert.ok(error instanceof Error && error instanceof LiterLLMError);
  assert.equal(error.detail.kind, "invalid_request");
  await failure(new Client().infer("nobody/x", "Hi"), "unknown_provider");
});
