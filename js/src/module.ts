/** Where the core's WebAssembly module comes from. Each entry of this package provides its own. */

import { refused, type LiterLLMError } from "./error.js";

/** A module or the bytes of one. */
export type ModuleSource = WebAssembly.Module | BufferSource;

let provided: (() => ModuleSource) | undefined;
let compiled: Promise<WebAssembly.Module> | undefined;

/** Says where the module of this package is. Nothing is decoded or compiled before the first call. */
export function provide(source: () => ModuleSource): void {
  provided ??= source;
}

/** The module of this package, compiled once, or the caller's own. */
export function loadModule(own: ModuleSource | undefined): Promise<WebAssembly.Module> {
  if (own !== undefined) return compile(own);
  if (provided === undefined) return Promise.reject(unloadable("no entry of this package was imported"));
  // What failed may go well another time, when there is memory again.
  compiled ??= compile(provided()).catch((error: unknown) => {
    compiled = undefined;
    throw error;
  });
  return compiled;
}

async function compile(source: ModuleSource): Promise<WebAssembly.Module> {
  if (isModule(source)) return source;
  try {
    return await WebAssembly.compile(source);
  } catch (error) {
    throw unloadable(error);
  }
}

/** A module, of another realm too (an iframe, `node:vm`). */
function isModule(source: ModuleSource): source is WebAssembly.Module {
  return Object.prototype.toString.call(source) === "[object WebAssembly.Module]";
}

/** For a file that is not ours, or a page whose Content-Security-Policy forbids WebAssembly. */
export function unloadable(cause: unknown): LiterLLMError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return refused("internal", `the core does not load: ${why}`, cause);
}
