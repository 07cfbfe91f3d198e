/**
 * The entry for Cloudflare Workers (workerd): importing a `.wasm` file gives a module that was compiled when the Worker was
 * deployed. Code from strings of bytes is forbidden there.
 *
 * @module
 */

import wasm from "../core/literllm_web.wasm";
import { provide } from "./module.js";

export * from "./main.js";

provide(() => wasm);
