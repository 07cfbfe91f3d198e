/**
 * Time, as the core is told it and as the host waits for it.
 *
 * A call reads the wall clock once, at its start, and goes on from there by the runtime's monotonic clock: a machine
 * whose clock is set in mid-call meets its deadlines all the same.
 */

/** Milliseconds that never go backwards. Some workers have no `performance`. */
const elapsed: () => number =
  typeof performance === "undefined" ? () => Date.now() : () => performance.now();

/** Longest a timer of JavaScript can be set to, in ms; a longer one would ring at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time of one call: what it is, and how long we have been waiting. */
export class Time {
  readonly #startMs: number;
  readonly #started = elapsed();
  /** Waited in all, before the wait that lasts. */
  #waited = 0;
  #waitingSince: number | undefined;

  /** A call's time that begins now, at `startMs` in Unix milliseconds. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** Unix milliseconds; never backwards. */
  nowMs(): number {
    return this.#startMs + Math.max(0, Math.floor(elapsed() - this.#started));
  }

  /** How long we have waited for the network, in ms. It stands still while the reader is busy with what it got. */
  waited(): number {
    return this.#waited + (this.#waitingSince === undefined ? 0 : elapsed() - this.#waitingSince);
  }

  /** A wait begins, or goes on. */
  wait(): void {
    this.#waitingSince ??= elapsed();
  }

  /** The reader has something: the wait ends. */
  pause(): void {
    this.#waited = this.waited();
    this.#waitingSince = undefined;
  }
}

/**
 * What a call waits on: it is rung when something happens, and rings by itself when the time is up.
 *
 * Deadlines mostly move on, with every chunk that comes. So a timer that stands is left standing as long as it is not too late:
 * it rings early once, and whoever waited looks at the clock and waits on.
 */
export class Bell {
  #answer: (() => void) | undefined;
  #rung = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;

  /** Something happened. */
  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  /** Until somebody rings, at most `ms`. It may end early. */
  wait(ms: number): Promise<void> {
    if (this.#rung) {
      this.#rung = false;
      return Promise.resolve();
    }
    const at = elapsed() + ms;
    if (at < this.#timerAt) this.#set(at, ms);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  /** No timer is left behind. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
    this.ring();
  }

  #set(at: number, ms: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Infinity;
        this.#wake();
      },
      Math.min(Math.ceil(ms), LONGEST_TIMER_MS),
    );
  }

  #wake(): void {
    const answer = this.#answer;
    if (answer === undefined) return;
    this.#answer = undefined;
    this.#rung = false;
    answer();
  }
}
