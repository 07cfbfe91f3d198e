/**
 * One living instance of the core: documents in and out, and what becomes of it when it traps.
 *
 * An instance that trapped is in an unknown state, so nothing is asked of it again: its functions are let go, and with
 * them its memory.
 */

import type { CallSnapshot, Created, Error as ErrorDocument, ResponseHead, Started, Step, TransportFailure } from "./types.js";
import { INITIAL_PAGES, instantiate, type Core } from "../core/glue.js";
import { LiterLLMError, refused } from "./error.js";
import { unloadable } from "./module.js";

const PAGE_BYTES = 65_536;

/** What can happen to a call. One variant for each verb of the engine. */
export type Happening =
  /** The head of an attempt has come. */
  | { type: "head"; attempt: number; head: ResponseHead }
  /** Bytes of an attempt's body have come. */
  | { type: "body"; attempt: number; bytes: Uint8Array }
  /** An attempt's body has ended in good order. */
  | { type: "end"; attempt: number }
  /** An attempt has failed. */
  | { type: "failed"; attempt: number; failure: TransportFailure }
  /** This attempt was silent for its `idle_ms`; or, without one, the moment of `wake_at_ms` has come. */
  | { type: "wake"; idle?: number }
  /** The caller gives up. */
  | { type: "cancel" };

/** Makes an instance in a memory of its own, of at most so many bytes. */
export function makeCore(module: WebAssembly.Module, memoryBytes: number): Core {
  const least = INITIAL_PAGES * PAGE_BYTES;
  if (!(memoryBytes >= least && memoryBytes <= 2 ** 32)) {
    throw refused("invalid_request", `memoryBytes is ${memoryBytes}; the core takes from ${least} to ${2 ** 32} bytes`);
  }
  try {
    const maximum = Math.floor(memoryBytes / PAGE_BYTES);
    return instantiate(module, new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum }));
  } catch (error) {
    throw unloadable(error);
  }
}

/** One instance with one client in it. */
export class Instance {
  /** Absent after a trap. */
  #core: Core | undefined;
  readonly #client: number;
  /** What the client may reach, as this instance says. */
  readonly created: Created;

  /** Makes a client in the core, from a snapshot where there is one. `number` is part of every handle. */
  constructor(core: Core, config: string, number: number, restore: string | undefined) {
    this.#core = core;
    this.created = this.#ask((core) => core.client_create(config, number, restore)) as Created;
    this.#client = this.created.client;
  }

  /** It trapped. */
  get isDead(): boolean {
    return this.#core === undefined;
  }

  start(request: string, options: string, nowMs: number, seed: bigint): Started {
    return this.#ask((core) => core.call_start(this.#client, request, options, nowMs, seed)) as Started;
  }

  tell(call: number, happening: Happening, nowMs: number): Step {
    return this.#ask((core) => told(core, call, happening, nowMs), true) as Step;
  }

  /** Takes up a call of a `call-snapshot` document. */
  restoreCall(snapshot: string, nowMs: number): Started {
    return this.#ask((core) => core.call_restore(this.#client, snapshot, nowMs)) as Started;
  }

  /** A `call-snapshot` document. */
  snapshotCall(call: number): CallSnapshot {
    return this.#ask((core) => core.call_snapshot(call), true) as CallSnapshot;
  }

  /** A `client-snapshot` document. */
  snapshot(): string {
    return JSON.stringify(this.#ask((core) => core.client_snapshot(this.#client)));
  }

  /** Forgets a call that had no outcome. A stale handle, or a dead instance, is no harm. */
  dropCall(call: number): void {
    try {
      this.#core?.call_drop(call);
    } catch {
      this.#core = undefined;
    }
  }

  /**
   * One crossing. An error document is thrown as a string by the glue; whatever else is thrown is a trap. `isUnderWay`: for
   * a call that may have been sent.
   */
  #ask(act: (core: Core) => string, isUnderWay = false): unknown {
    const core = this.#core;
    if (core === undefined) throw gone();
    let detail: ErrorDocument;
    try {
      return JSON.parse(act(core));
    } catch (error) {
      try {
        if (typeof error !== "string") throw error;
        detail = JSON.parse(error);
      } catch (cause) {
        this.#core = undefined;
        throw broke(cause, isUnderWay);
      }
    }
    throw new LiterLLMError(detail);
  }
}

function told(core: Core, call: number, happening: Happening, nowMs: number): string {
  switch (happening.type) {
    case "body":
      return core.call_body(call, happening.attempt, happening.bytes, nowMs);
    case "head":
      return core.call_head(call, happening.attempt, JSON.stringify(happening.head), nowMs);
    case "end":
      return core.call_end(call, happening.attempt, nowMs);
    case "failed":
      return core.call_failed(call, happening.attempt, JSON.stringify(happening.failure), nowMs);
    case "wake":
      return core.call_wake(call, happening.idle, nowMs);
    case "cancel":
      return core.call_cancel(call, nowMs);
  }
}

function broke(cause: unknown, isUnderWay: boolean): LiterLLMError {
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  const message =
    `the sandbox of this client broke: ${why}. Its calls under way are lost; the next call gets a new sandbox. ` +
    "This is a bug of Liter-LLM, or a bound of its memory: please report it";
  return new LiterLLMError({ ...refused("internal", message).detail, maybe_billed: isUnderWay }, { cause });
}

/** For a call whose instance died while it served another call. */
function gone(): LiterLLMError {
  const message =
    "the sandbox of this call broke while it served another call of the same client; start this call again";
  const { detail } = refused("internal", message);
  return new LiterLLMError({ ...detail, retryable: true, maybe_billed: true, next: ["resend"] });
}
