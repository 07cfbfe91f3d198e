/**
 * The core behind one client: one instance at a time, and the next one when it traps.
 *
 * A dead instance cannot be asked for anything. So we keep a snapshot of the client's memory, at most a second older than
 * its last change (which a step tells by `state_changed`), and make the next instance from it. Calls of the dead
 * instance end with an error; calls that start afterwards know nothing of it.
 */

import type { CallSnapshot, EgressRow, Event, Started, Step } from "./types.js";
import { Instance, makeCore, type Happening } from "./instance.js";
import { loadModule, type Loaded, type ModuleSource } from "./module.js";
import { open, seal } from "./snapshot.js";

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
  /** A client's snapshot, sealed. */
  restore?: string | undefined;
}

/** A call in the core. */
export interface CoreCall {
  /** Tells what happened at `nowMs`. An error leaves the call without hope: end it. */
  tell(happening: Happening, nowMs: number): Step;
  /** The call as a sealed snapshot, with the events that were told and not taken. It goes on undisturbed. */
  snapshot(untaken: readonly Event[]): string;
  /** Forgets a call that had no outcome. */
  drop(): void;
}

/** A call of a snapshot, taken up. */
export interface Restored {
  call: CoreCall;
  step: Step;
  /** What the core says of it: attempts that were under way, blobs that it needs. */
  snapshot: CallSnapshot;
  /** Events that were told and not taken. */
  untaken: Event[];
}

/** A client in the core. */
export class Engine {
  readonly #options: EngineOptions;
  #loaded: Loaded | undefined;
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
    if (this.#loaded !== undefined) return;
    const loaded = await loadModule(this.#options.module);
    // Others may have waited for the same.
    if (this.#loaded !== undefined) return;
    const { restore } = this.#options;
    const snapshot = restore === undefined ? undefined : open(loaded.sha256, restore).document;
    const instance = this.#make(loaded.module, snapshot);
    // Frozen now: the tables of later instances are not looked at.
    this.#egress = instance.created.egress;
    this.#loaded = loaded;
    this.#instance = instance;
    this.#snapshot = snapshot;
  }

  /** Where requests may go and with which key. Empty until the engine is ready; then it never changes. */
  get egress(): readonly EgressRow[] {
    return this.#egress;
  }

  /** Starts a call in an engine that is ready. The documents are `request` and `call-options`. */
  start(request: string, options: string, nowMs: number, seed: bigint): { call: CoreCall; step: Step } {
    const instance = this.#living();
    return this.#begun(instance, instance.start(request, options, nowMs, seed), nowMs);
  }

  /** Takes up a call of a sealed snapshot in an engine that is ready. Its step sends nothing. */
  restore(sealed: string, nowMs: number): Restored {
    const instance = this.#living();
    const { document, events } = open(this.#loaded?.sha256, sealed);
    const begun = this.#begun(instance, instance.restoreCall(document, nowMs), nowMs);
    return { ...begun, snapshot: JSON.parse(document) as CallSnapshot, untaken: events };
  }

  /** The client's memory as a sealed snapshot, of an engine that is ready. */
  snapshot(): string {
    const instance = this.#living();
    return seal(this.#loaded?.sha256, instance.snapshot());
  }

  #begun(instance: Instance, { call, step }: Started, nowMs: number): { call: CoreCall; step: Step } {
    this.#note(instance, step, nowMs);
    return {
      call: {
        tell: (happening, nowMs) => {
          const step = instance.tell(call, happening, nowMs);
          this.#note(instance, step, nowMs);
          return step;
        },
        snapshot: (untaken) => seal(this.#loaded?.sha256, JSON.stringify(instance.snapshotCall(call)), untaken),
        drop: () => instance.dropCall(call),
      },
      step,
    };
  }

  /** The instance; the next one when the last is dead. */
  #living(): Instance {
    if (this.#instance !== undefined && !this.#instance.isDead) return this.#instance;
    if (this.#loaded === undefined) throw new Error("the engine is started before it is ready (a mistake in this package)");
    this.#instance = undefined;
    // Taken, and put back only once it has served: a snapshot that cannot be restored is tried once.
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    this.#instance = this.#make(this.#loaded.module, snapshot);
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
