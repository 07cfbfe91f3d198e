/// <reference lib="esnext.disposable" preserve="true" />
/** A call seen while it runs: its events one by one, and how it ended. */

import type { Event } from "./types.js";
import { Answer } from "./answer.js";
import type { Drive } from "./drive.js";
import { LiterLLMError, refused } from "./error.js";

type Result = IteratorResult<Event, undefined>;

const DONE: Result = { value: undefined, done: true };

/**
 * The events of a call, as they come.
 *
 * Nothing is sent before the first event is asked for, and nothing is read from the network while nobody waits for one;
 * the time a reader takes between two events never counts as the provider's silence. An error is thrown once, by the
 * `next` that meets it. Leaving the loop (`break`, an exception, `await using`) ends the exchange.
 *
 * ```ts
 * const stream = client.stream("openai/gpt-4o-mini", "Tell me a story");
 * for await (const event of stream) {
 *   if (event.type === "text_delta") process.stdout.write(event.text);
 * }
 * console.log((await stream.answer()).usage);
 * ```
 */
export class ChatStream implements AsyncIterableIterator<Event, undefined> {
  readonly #prepare: () => Promise<() => Drive>;
  readonly #signal: AbortSignal | undefined;
  #drive: Drive | undefined;
  /** The answer, or what is thrown instead. */
  #ended: unknown;
  #isOver = false;
  #errorGiven = false;
  /** The first event was asked for, and the core loads. */
  #isPreparing = false;
  /** The caller gave up meanwhile. */
  #isCancelled = false;
  /** How many wait for an event, and the last of them. */
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `prepare` loads the core, what it gives begins the call; both are called once. */
  constructor(prepare: () => Promise<() => Drive>, signal: AbortSignal | undefined) {
    this.#prepare = prepare;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next event. Asked several times at once, it answers in that order. */
  next(): Promise<Result> {
    if (this.#waiting === 0) {
      const event = this.#drive?.take();
      if (event !== undefined) return Promise.resolve({ value: event, done: false });
    }
    const advance = () => this.#advance();
    const turn = this.#waiting++ === 0 ? this.#advance() : this.#last.then(advance, advance);
    this.#last = turn;
    return turn;
  }

  /** Gives up without an outcome: the exchange ends, and nothing more comes. What `break` does. */
  async return(): Promise<Result> {
    this.#drive?.drop();
    this.#over(given());
    this.#errorGiven = true;
    return DONE;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** The text of the first choice, in the pieces in which it comes, and nothing else. */
  async *texts(): AsyncGenerator<string, void, undefined> {
    for await (const event of this) {
      const text = textOfEvent(event);
      if (text !== undefined) yield text;
    }
  }

  /** Reads to the end and gives the folded answer, or throws the error. Events not yet taken are lost (the answer says the same). */
  async answer(): Promise<Answer> {
    while (!this.#isOver) {
      try {
        await this.next();
      } catch {
        // It is kept, and thrown below.
      }
    }
    if (this.#ended instanceof Answer) return this.#ended;
    this.#errorGiven = true;
    throw this.#ended;
  }

  /**
   * Gives up: the exchange ends, and the outcome is an error of kind `cancelled` with what had come and the report. Does
   * nothing once the call has ended, or before it has begun.
   */
  cancel(): void {
    if (this.#isPreparing) this.#isCancelled = true;
    this.#drive?.cancel();
  }

  /**
   * The call as it is now, as a text to keep: {@link Client.resume} goes on with it, in another process too. It holds the
   * request and what came of the answer, and no key; blobs are named and must be given again. This stream goes on.
   *
   * Throws an error of kind `invalid_state` before the first event was asked for, when the call has ended, and in the middle
   * of an answer unless it was started with `resumable`.
   */
  snapshot(): string {
    if (this.#drive !== undefined) return this.#drive.snapshot();
    throw refused("invalid_state", "the call has not begun: ask for its first event before a snapshot");
  }

  async #advance(): Promise<Result> {
    try {
      if (this.#drive === undefined && !this.#isOver) await this.#begin();
      const event = this.#isOver ? this.#drive?.take() : await this.#drive?.next();
      if (event !== undefined) return { value: event, done: false };
      this.#finish();
    } catch (error) {
      // A mistake of ours; its exchanges do not outlive it.
      this.#drive?.drop();
      this.#over(error);
    } finally {
      this.#waiting--;
    }
    if (this.#ended instanceof Answer || this.#errorGiven) return DONE;
    this.#errorGiven = true;
    throw this.#ended;
  }

  async #begin(): Promise<void> {
    if (this.#signal?.aborted) throw given(this.#signal.reason);
    this.#isPreparing = true;
    const begin = await this.#prepare();
    this.#isPreparing = false;
    if (this.#isOver) return;
    const drive = (this.#drive = begin());
    // At once: a request leaves a moment after its attempt has begun, and now not at all.
    if (this.#isCancelled || this.#signal?.aborted) drive.cancel();
    else this.#signal?.addEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => this.cancel();

  #finish(): void {
    const outcome = this.#drive?.outcome;
    if (outcome === undefined || this.#isOver) return;
    if ("error" in outcome) {
      this.#over(outcome.error ?? given());
      return;
    }
    const { result, report } = outcome;
    // The tag is the outcome's; the answer and the error are documents by themselves.
    if (result.type === "response") {
      const { type: _, ...response } = result;
      this.#over(new Answer(response, report));
      return;
    }
    const { type: _, ...error } = result;
    const aborted = error.kind === "cancelled" && this.#signal?.aborted === true;
    this.#over(new LiterLLMError(error, aborted ? { report, cause: this.#signal?.reason } : { report }));
  }

  #over(ended: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended = ended;
    this.#signal?.removeEventListener("abort", this.#abort);
  }
}

/** The caller gave up before the core could say so. */
function given(reason?: unknown): LiterLLMError {
  return refused("cancelled", "the caller gave up on this call", reason);
}

/** The text of the first choice that an event carries. */
export function textOfEvent(event: Event): string | undefined {
  if (event.type === "text_delta") return event.choice === 0 ? event.text : undefined;
  if (event.type === "part" && event.choice === 0 && event.content.type === "text") return event.content.text;
  return undefined;
}
