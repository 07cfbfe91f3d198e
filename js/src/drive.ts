/**
 * The loop between the core and the network, the same in every host.
 *
 * A step says what to do: requests to begin, attempts to break off, events for the caller, when to wake. We do it, wait
 * for whatever happens first, tell the core, and get the next step. Nothing here decides anything.
 *
 * It runs only while somebody waits for an event, so a reader that stops, stops the reading from the network too.
 */

import type { Event, Outcome, Step } from "./types.js";
import { Attempt, type Lender } from "./attempt.js";
import { Bell, type Time } from "./clock.js";
import type { CoreCall } from "./engine.js";
import { LiterLLMError, refused } from "./error.js";
import type { Happening } from "./instance.js";
import type { OnSnapshot } from "./snapshot.js";

/** A call under way. */
export class Drive {
  readonly #call: CoreCall;
  readonly #lender: Lender;
  /** Idle bounds count only while somebody waits. */
  readonly #time: Time;
  readonly #bell = new Bell();
  #attempts: Attempt[] = [];
  #events: Event[] = [];
  /** How many of them were taken. */
  #taken = 0;
  #wakeAtMs = Infinity;
  readonly #onSnapshot: OnSnapshot | undefined;
  /** Steps that wait until the call as they leave it is kept. */
  #unkept: Step[] = [];
  /** How the call ended; absent: it has not. A host error stands for an outcome the core could not give. */
  outcome: Outcome | { error: unknown } | undefined;

  /**
   * Takes up a call that was just started, or restored with events nobody had taken, when `time` started. `onSnapshot` keeps
   * the call before an attempt or a wait begins.
   */
  constructor(
    { call, step, untaken = [] }: { call: CoreCall; step: Step; untaken?: Event[] },
    lender: Lender,
    time: Time,
    onSnapshot?: OnSnapshot,
  ) {
    this.#events = untaken;
    this.#onSnapshot = onSnapshot;
    this.#call = call;
    this.#lender = lender;
    this.#time = time;
    this.#serve(() => this.#receive(step));
  }

  /** An event that lies ready. */
  take(): Event | undefined {
    return this.#taken < this.#events.length ? this.#events[this.#taken++] : undefined;
  }

  /** The next event; `undefined` once all were given and the outcome is there. */
  async next(): Promise<Event | undefined> {
    for (;;) {
      if (this.#unkept.length > 0) await this.#keep();
      const event = this.take();
      if (event !== undefined || this.outcome !== undefined) {
        this.#time.pause();
        return event;
      }
      const happening = this.#happening();
      if (happening !== undefined) this.#tell(happening);
      else await this.#bell.wait(this.#patience());
    }
  }

  /** The caller gives up; the outcome is there afterwards. */
  cancel(): void {
    if (this.outcome === undefined) this.#tell({ type: "cancel" });
  }

  /** Nobody wants to know any more: exchanges end, the core forgets the call. */
  drop(): void {
    if (this.outcome !== undefined) return;
    this.#call.drop();
    this.#events = [];
    this.#end({ error: undefined });
  }

  /** The call as a sealed snapshot; it goes on undisturbed. Throws `invalid_state` when the core can give none. */
  snapshot(): string {
    if (this.outcome !== undefined) throw refused("invalid_state", "the call has ended: there is nothing to take up");
    return this.#call.snapshot(this.#events.slice(this.#taken));
  }

  /** The connection of this attempt is gone: it was another process's, or another client's. */
  lost(attempt: number): void {
    if (this.outcome !== undefined) return;
    const message = "the call was taken up from a snapshot";
    this.#tell({ type: "failed", attempt, failure: { kind: "lost", reached: "unknown", message } });
  }

  #tell(happening: Happening): void {
    this.#serve(() => this.#receive(this.#call.tell(happening, this.#time.nowMs())));
  }

  /** Serves a step. Without one, or with one that cannot be read, the call ends, and with it what it has begun. */
  #serve(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#call.drop();
      this.#end({ error: error instanceof LiterLLMError ? error : unreadable(error) });
    }
  }

  /** A step comes. Where it has to be kept first, nothing of it is done yet, nor of those after it. */
  #receive(step: Step): void {
    this.#events = [...this.#events.slice(this.#taken), ...step.events];
    this.#taken = 0;
    const begins = (): boolean => step.send.length > 0 || step.events.some((event) => event.type === "notice");
    const waits = this.#unkept.length > 0 || (this.#onSnapshot !== undefined && begins());
    if (waits && step.outcome === undefined) this.#unkept.push(step);
    else this.#act(step);
  }

  /**
   * Has the call kept before anything of the steps is done: who takes the snapshot up knows then what may have been sent since.
   * An end of the call is not kept waiting. Throws what the keeper throws, and the call ends.
   */
  async #keep(): Promise<void> {
    let kept: { thrown?: unknown } | undefined;
    const settle = (how: { thrown?: unknown }): void => {
      kept = how;
      this.#bell.ring();
    };
    const keep = async (): Promise<void> => this.#onSnapshot?.(this.snapshot());
    // The time it takes is not the provider's silence.
    this.#time.pause();
    keep().then(
      () => settle({}),
      (thrown: unknown) => settle({ thrown }),
    );
    while (kept === undefined && this.outcome === undefined) await this.#bell.wait(Infinity);
    if (this.outcome !== undefined) return;
    if (kept !== undefined && "thrown" in kept) {
      this.drop();
      throw kept.thrown;
    }
    const steps = this.#unkept;
    this.#unkept = [];
    this.#serve(() => steps.forEach((step) => this.#act(step)));
  }

  #act(step: Step): void {
    for (const send of step.send) {
      this.#attempts.push(new Attempt(send, this.#lender, this.#time.waited(), () => this.#bell.ring()));
    }
    for (const attempt of this.#attempts) {
      if (step.abort.includes(attempt.number)) attempt.close();
    }
    this.#attempts = this.#attempts.filter((attempt) => !attempt.isOver);
    this.#wakeAtMs = step.wake_at_ms ?? Infinity;
    if (step.outcome === undefined) return;
    if (step.outcome.result.type === undefined) throw new Error("an outcome of no type");
    this.#end(step.outcome);
  }

  #end(outcome: Outcome | { error: unknown }): void {
    this.outcome = outcome;
    for (const attempt of this.#attempts) attempt.close();
    this.#attempts = [];
    this.#unkept = [];
    this.#bell.stop();
  }

  /** Whatever happened first: something of an attempt, an attempt's patience at its end, the moment to wake. */
  #happening(): Happening | undefined {
    this.#time.wait();
    for (const attempt of this.#attempts) {
      const happening = attempt.take();
      if (happening === undefined) continue;
      attempt.heard(this.#time.waited());
      return happening;
    }
    if (this.#time.nowMs() >= this.#wakeAtMs) return { type: "wake" };
    for (const attempt of this.#attempts) {
      if (attempt.patience(this.#time.waited()) > 0) continue;
      attempt.heard(this.#time.waited());
      return { type: "wake", idle: attempt.number };
    }
    return undefined;
  }

  /** How long nothing needs to be done if nothing happens, in ms. */
  #patience(): number {
    const waited = this.#time.waited();
    const patience = this.#attempts.map((attempt) => attempt.patience(waited));
    return Math.min(this.#wakeAtMs - this.#time.nowMs(), ...patience);
  }
}

function unreadable(cause: unknown): LiterLLMError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return refused("internal", `the core answered what this host cannot read (${why}); rebuild both`, cause);
}
