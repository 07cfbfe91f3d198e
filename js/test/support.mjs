// What the tests share: the simulator as a process of its own, the core that traps on request, clients of both.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

import { Client, LiterLLMError } from "../dist/index.js";

const repo = fileURLToPath(new URL("../..", import.meta.url));
const program = process.env.LITERLLM_MOCK ?? `${repo}target/debug/literllm`;
const hooks = `${repo}target/literllm-web-hooks.wasm`;

export const MODEL = "openai/gpt-4o-mini";

const children = new Set();
process.on("exit", () => children.forEach((child) => child.kill()));
// So the runner ends a file that takes too long.
process.once("SIGTERM", () => process.exit(143));

/** A simulator with these arguments; it ends with the test that started it, and with the test file at the latest. */
export async function simulator(...args) {
  const child = spawn(program, ["mock", "--port", "0", "--chunk-delay-ms", "0", ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  children.add(child);
  after(() => child.kill());
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), once(child, "exit")]);
  assert.match(String(line), /^http:/, `\`${program} mock\` prints its address first; next: \`cargo xtask build\``);
  return {
    url: line,
    stats: async () => (await fetch(`${line}/stats`)).json(),
    /** Asks again until it is so; fails when it never is. */
    async until(holds, what) {
      for (let tries = 0; tries < 500; tries++) {
        const stats = await this.stats();
        if (holds(stats)) return stats;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.fail(`never was it so that ${what}: ${JSON.stringify(await this.stats())}`);
    },
  };
}

/** A client whose provider `openai` is the simulator. */
export function clientOf({ url }, options = {}) {
  return new Client({ baseUrl: { openai: `${url}/v1` }, ...options });
}

/** What is to go wrong, as the option `headers`. */
export function fault(...faults) {
  return { headers: faults.map((value) => ({ name: "x-mock-fault", value })) };
}

/** The error of a promise that must fail, checked for its kind. */
export async function failure(promise, kind) {
  const error = await promise.then(
    () => assert.fail(`it went well, and ${kind} was expected`),
    (error) => error,
  );
  assert.ok(error instanceof LiterLLMError, `${error?.stack}`);
  assert.equal(error.kind, kind, error.message);
  return error;
}

/** The core that traps and hedges on request; a loud skip where it is not built. */
export const hooked = existsSync(hooks) ? { core: new WebAssembly.Module(readFileSync(hooks)) } : undefined;
const why = "target/literllm-web-hooks.wasm is absent; next: `cargo xtask build`";
if (hooked === undefined && process.env.LITERLLM_REQUIRE_ALL) throw new Error(why);
export const needsHooks = { skip: hooked === undefined && why };

/** Asks the core with hooks to trap when the head comes. */
export const TRAP = { headers: [{ name: "x-mock-header", value: "x-literllm-hook=trap" }] };

/** A transport that answers from memory, and remembers what it was asked. */
export function scripted(answer) {
  const requests = [];
  return {
    requests,
    async send(request) {
      requests.push(request);
      return answer(request, requests.length);
    },
  };
}

/** An answer of these pieces of a body. */
export function answered(pieces, { status = 200, headers = [{ name: "content-type", value: "application/json" }] } = {}) {
  const left = pieces.map((piece) => (typeof piece === "string" ? new TextEncoder().encode(piece) : piece));
  const read = async () => (left.length > 0 ? { done: false, value: left.shift() } : { done: true });
  return { head: { status, headers }, body: { read } };
}

/** A whole plain answer with this text. */
export function completion(text) {
  return JSON.stringify({ id: "x", model: "m", choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }] });
}
