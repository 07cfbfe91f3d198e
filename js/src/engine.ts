/**
 * The core behind one client: one instance at a time, and the next one when it traps.
 *
 * A dead instance cannot be asked for anything. So we keep a snapshot of the client's memory, at most a second older than
 * its last change (which a step tells by `state_changed`), and make the next instance from it. Calls of the dead
 * instance end with an error; calls that start afterwards know nothing of it.
 */

import type { EgressRow, Step } from "./types.js";
import { Instance, makeCore, type Happening } from "./instance.js";
import { loadModule, type ModuleSource } from "./module.js";

/** Most memory of one instance, in bytes. It grows only when it is used; one line of 16 MiB needs about 64 MiB. */
export const MEMORY_BYTES = 256 * 1024 * 1024;

/** Least time between two snapshots, in ms. A snapshot is a crossing: not one for every call. */
const SNAPSHOT_EVERY_MS = 1000;

/** Instances are numbered below this: the number is part of every handle and has 16 bits there. */
const INSTANCE_NUMBERS = 1 << 16;

/** What a client says about its core. */
export interface EngineOptions {
  /** A `client-config` document. */
  config: string;
  memoryBytes: number;
  module: ModuleSource | undefined;
}

/** A call in the core. */
export interface CoreCall {
  /** Tells what happened at `nowMs`. An error leaves the call without hope: end it. */
  tell(happening: Happening, nowMs: number): Step;
  /** Forgets a call that had no outcome. */
  drop(): void;
}

/** A client in the core. */
export class Engine {
  readonly #options: EngineOptions;
  #module: WebAssembly.Module | undefined;
  #instance: Instance | undefined;
  #egress: readonly EgressRow[] = [];
  #nextNumber = 0;
  /** Newest `client-snapshot` document and when it was taken. */
  #snapshot: string | undefined;
  #snapshotAtMs = 0;
  /** The memory moved since the snapshot. */
  #dirty = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Loads the module and makes the first instance, once. Throws when the configuration is not sound. */
  async ready(): Promise<void> {
    if (this.#module !== undefined) return;
    const module = await loadModule(this.#options.module);
    // Others may have waited for the same.
    if (this.#module !== undefined) return;
    const instance = this.#make(module, undefined);
    // Frozen now: the tables of later instances are not looked at.
    this.#egress = instance.created.egress;
    this.#module = module;
    this.#instance = instance;
  }

  /** Where requests may go and with which key. Empty until the engine is ready; then it never changes. */
  get egress(): readonly EgressRow[] {
    return this.#egress;
  }

  /** Starts a call in an engine that is ready. The documents are `request` and `call-options`. */
  start(request: string, options: string, nowMs: number, seed: bigint): { call: CoreCall; step: Step } {
    const instance = this.#living();
    const { call, step } = instance.start(request, options, nowMs, seed);
    this.#note(instance, step, nowMs);
    return {
      call: {
        tell: (happening, nowMs) => {
          const step = instance.tell(call, happening, nowMs);
          this.#note(instance, step, nowMs);
          return step;
        },
        drop: () => instance.dropCall(call),
      },
      step,
    };
  }

  /** The instance; the next one when the last is dead. */
  #living(): Instance {
    if (this.#instance !== undefined && !this.#instance.isDead) return this.#instance;
    if (this.#module === undefined) throw new Error("the engine is started before it is ready (a mistake in this package)");
    this.#instance = undefined;
    // Taken, and put back only once it has served: a snapshot that cannot be restored is tried once.
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    this.#instance = this.#make(this.#module, snapshot);
    this.#snapshot = snapshot;
    return this.#instance;
  }

  #make(module: WebAssembly.Module, snapshot: string | undefined): Instance {
    const core = makeCore(module, this.#options.memoryBytes);
    const number = this.#nextNumber;
    this.#nextNumber = (number + 1) % INSTANCE_NUMBERS;
    return new Instance(core, this.#options.config, number, snapshot);
  }

  /** Takes a snapshot when the memory moved and the last one is old enough. */
  #note(instance: Instance, step: Step, nowMs: number): void {
    if (instance !== this.#instance) return;
    this.#dirty ||= step.state_changed;
    const due = this.#snapshot === undefined || nowMs >= this.#snapshotAtMs + SNAPSHOT_EVERY_MS;
    if (!this.#dirty || !due) return;
    try {
      this.#snapshot = instance.snapshot();
      this.#snapshotAtMs = nowMs;
      this.#dirty = false;
    } catch {
      // Refused, the older one stays; dead, the next crossing says so.
    }
  }
}
