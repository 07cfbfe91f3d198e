/**
 * The entry for Vercel's edge runtime: `?module` asks its bundler for a compiled module.
 *
 * @module
 */

import wasm from "../core/literllm_web.wasm?module";
import { provide } from "./module.js";

export * from "./main.js";

provide(() => wasm);
