/**
 * One attempt: a request lent to the transport, and what happens to it, in the core's words.
 *
 * Here the host's three duties meet: the key is filled in on the way out, an echo of it is overwritten on the way in,
 * and nothing is read from the network that nobody waits for.
 */

import type { EgressRow, Send, TransportFailure } from "./types.js";
import { joinBody, type Blobs } from "./body.js";
import { fill } from "./egress.js";
import type { Happening } from "./instance.js";
import type { KeySource } from "./keys.js";
import { Scrubber } from "./scrub.js";
import { TransportRequest, failureOf, type ByteReader, type Transport } from "./transport.js";

/** What a client lends its calls. */
export interface Lender {
  transport: Transport;
  keys: KeySource;
  egress: readonly EgressRow[];
  /** The blobs of the call; a client has none of its own. */
  blobs: Blobs;
}

/** An attempt under way. Closed, its exchange ends. */
export class Attempt {
  /** The core's number for it. */
  readonly number: number;
  readonly #idleMs: number;
  /** When it has been silent for too long, in what the call has waited. */
  #idleAt = Infinity;
  readonly #ring: () => void;
  readonly #exchange = new AbortController();
  #scrubber = new Scrubber();
  #reader: ByteReader | undefined;
  /** A read is under way. */
  #reading = false;
  /** What has happened and is not told. */
  readonly #happened: Happening[] = [];
  #isOver = false;

  /**
   * Begins one. `waited` is how long the call has waited so far. What forbids the sending is told as the first happening.
   * `ring` is called whenever there is something to take.
   */
  constructor(send: Send, lender: Lender, waited: number, ring: () => void) {
    this.number = send.attempt;
    this.#idleMs = send.idle_ms ?? Infinity;
    this.#ring = ring;
    this.heard(waited);
    this.#begin(send, lender).catch((error: unknown) => this.#fail(failureOf(error)));
  }

  /** It was not silent just now: its patience begins anew. */
  heard(waited: number): void {
    this.#idleAt = waited + this.#idleMs;
  }

  /** How much longer it may be silent, in ms; zero or less, and the core wants to know. */
  patience(waited: number): number {
    return this.#idleAt - waited;
  }

  /** Nothing more will come. */
  get isOver(): boolean {
    return this.#isOver && this.#happened.length === 0;
  }

  /** What has happened, if anything has. If nothing has, it is read on. */
  take(): Happening | undefined {
    const happening = this.#happened.shift();
    if (happening === undefined) this.#read();
    return happening;
  }

  /** Breaks it off. Nothing of it is told any more. */
  close(): void {
    this.#happened.length = 0;
    if (this.#isOver) return;
    this.#isOver = true;
    this.#exchange.abort();
  }

  async #begin(send: Send, lender: Lender): Promise<void> {
    const { request, secret } = await fill(lender.egress, send, lender.keys);
    this.#scrubber = new Scrubber(secret);
    const body = joinBody(request.body, lender.blobs, request.body_length);
    if (this.#isOver) return;
    const response = await lender.transport.send(
      new TransportRequest({ ...request, body }, this.#exchange.signal, send.connect_timeout_ms),
    );
    if (this.#isOver) return;
    this.#reader = response.body ?? { read: () => Promise.resolve({ done: true }) };
    const { status, headers = [] } = response.head;
    this.#happens({ type: "head", attempt: this.number, head: { status, headers: this.#scrubber.headers(headers) } });
  }

  #read(): void {
    if (this.#reader === undefined || this.#reading || this.#isOver) return;
    this.#reading = true;
    this.#reader.read().then(this.#came, this.#broke);
  }

  readonly #came = ({ done, value }: { done: boolean; value?: Uint8Array | undefined }): void => {
    this.#reading = false;
    if (this.#isOver) return;
    if (done) {
      this.#last({ type: "end", attempt: this.number });
      return;
    }
    const bytes = value === undefined ? undefined : this.#scrubber.push(value);
    if (bytes === undefined || bytes.length === 0) {
      this.#read();
      return;
    }
    this.#happens({ type: "body", attempt: this.number, bytes });
  };

  readonly #broke = (error: unknown): void => this.#fail(failureOf(error));

  #fail({ kind, reached, message }: TransportFailure): void {
    const failure = { kind, reached, message: this.#scrubber.text(message) };
    this.#last({ type: "failed", attempt: this.number, failure });
  }

  #last(happening: Happening): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const bytes = this.#scrubber.finish();
    if (bytes.length > 0) this.#happened.push({ type: "body", attempt: this.number, bytes });
    this.#happens(happening);
  }

  #happens(happening: Happening): void {
    this.#happened.push(happening);
    this.#ring();
  }
}
