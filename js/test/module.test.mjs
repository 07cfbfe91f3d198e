// Where the module comes from: from this package or from the caller, from another realm, after a failure.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { Client } from "../dist/index.js";
import { failure } from "./support.mjs";

test("a compilation that failed is tried again", async () => {
  const { compile } = WebAssembly;
  WebAssembly.compile = () => Promise.reject(new RangeError("out of memory"));
  try {
    assert.match((await failure(new Client().ready(), "internal")).message, /out of memory/);
  } finally {
    WebAssembly.compile = compile;
  }
  await new Client().ready();
});

test("a module of another realm is one", async () => {
  const bytes = readFileSync(new URL("../core/literllm_web.wasm", import.meta.url));
  const core = runInNewContext("new WebAssembly.Module(bytes)", { bytes });
  assert.ok(!(core instanceof WebAssembly.Module), "it is of another realm");
  await new Client({ core }).ready();
});
