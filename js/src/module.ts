/** Where the core's WebAssembly module comes from. Each entry of this package provides its own. */

import { SHA256 } from "../core/hash.js";
import { refused, type LiterLLMError } from "./error.js";

/** A module or the bytes of one. */
export type ModuleSource = WebAssembly.Module | BufferSource;

/** A compiled module and what is known of it. */
export interface Loaded {
  module: WebAssembly.Module;
  /** SHA-256 of its bytes, in hex. Absent: a caller gave it compiled, or the runtime reckons none (a page without TLS). */
  sha256: string | undefined;
}

let provided: (() => ModuleSource) | undefined;
let loaded: Promise<Loaded> | undefined;

/** Says where the module of this package is. Nothing is decoded or compiled before the first call. */
export function provide(source: () => ModuleSource): void {
  provided ??= source;
}

/** The module of this package, compiled once, or the caller's own. */
export function loadModule(own: ModuleSource | undefined): Promise<Loaded> {
  if (own !== undefined) return loadOwn(own);
  if (provided === undefined) return Promise.reject(unloadable("no entry of this package was imported"));
  // What failed may go well another time, when there is memory again.
  loaded ??= compile(provided()).then(
    (module) => ({ module, sha256: SHA256 }),
    (error: unknown) => {
      loaded = undefined;
      throw error;
    },
  );
  return loaded;
}

async function loadOwn(own: ModuleSource): Promise<Loaded> {
  if (isModule(own)) return { module: own, sha256: undefined };
  const [module, sha256] = await Promise.all([compile(own), hashOf(own)]);
  return { module, sha256 };
}

async function hashOf(bytes: BufferSource): Promise<string | undefined> {
  const hash = await globalThis.crypto?.subtle?.digest("SHA-256", bytes);
  return hash && Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
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
