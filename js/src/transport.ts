/**
 * What a host lends the core: one HTTP exchange at a time.
 *
 * `fetchTransport` is the usual one. Write another to send requests through a client of your own, to record them, or to
 * answer them in a test.
 */

import type { FailureKind, Header, Reached, ResponseHead, TransportFailure } from "./types.js";

/**
 * Sends requests. Shared by all calls of a client.
 *
 * It sends what it is given and nothing more: it follows no redirect, repeats nothing, and adds no deadline of its own
 * beyond `connectTimeoutMs`, since the core decides about all of these. When `signal` is aborted the exchange must end,
 * also in the middle of the body: that is how a caller cancels. It fails with a {@link TransportError}; anything else
 * that is thrown counts as `other`, and as possibly sent.
 */
export interface Transport {
  /** Answers once the head has come (1xx heads are not told). */
  send(request: TransportRequest): Promise<TransportResponse>;
}

/** A head and, to come, its body. */
export interface TransportResponse {
  /** Status and headers: lower-case names, values read as Latin-1. */
  head: ResponseHead;
  /** The body, decoded, cut anywhere. Absent: there is none. */
  body?: ByteReader | undefined;
}

/** What a `ReadableStreamDefaultReader` of bytes is. It is read only as fast as the caller wants it. */
export interface ByteReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
}

/** A request with the key filled in. Printed or turned to JSON, it shows neither header values nor the query. */
export class TransportRequest {
  /** Upper case. */
  readonly method: string;
  /** Aborted when the exchange must end. */
  readonly signal: AbortSignal;
  /** Longest time to connect, in ms. Absent: no bound. */
  readonly connectTimeoutMs: number | undefined;
  readonly #url: string;
  readonly #headers: readonly Header[];
  readonly #body: string | Uint8Array | undefined;

  constructor(
    request: { method: string; url: string; headers: readonly Header[]; body: string | Uint8Array | undefined },
    signal: AbortSignal,
    connectTimeoutMs: number | undefined,
  ) {
    this.method = request.method;
    this.#url = request.url;
    this.#headers = request.headers;
    this.#body = request.body;
    this.signal = signal;
    this.connectTimeoutMs = connectTimeoutMs;
  }

  /** Absolute. Its query may hold a key. */
  get url(): string {
    return this.#url;
  }

  /** Without `host` and `content-length`. They may hold a key. */
  get headers(): readonly Header[] {
    return this.#headers;
  }

  /** The joined body. Absent: there is none. */
  get body(): string | Uint8Array | undefined {
    return this.#body;
  }

  toJSON(): object {
    const names = this.#headers.map((header) => header.name);
    return { method: this.method, url: this.#url.split("?")[0], header_names: names };
  }
}

/** A failed exchange, in the contract's words. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /** What went wrong. */
  readonly kind: FailureKind;
  /** How far it had come. */
  readonly reached: Reached;

  constructor(kind: FailureKind, reached: Reached, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.reached = reached;
  }
}

/** A failure before anything left this host. */
export function notSent(kind: FailureKind, message: string): TransportError {
  return new TransportError(kind, "not_connected", message);
}

/** Whatever a transport threw, as the core is told it. */
export function failureOf(error: unknown): TransportFailure {
  if (error instanceof TransportError) {
    return { kind: error.kind, reached: error.reached, message: unicode(error.message) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "other", reached: "unknown", message: unicode(message) };
}

/** A text that may cross: foreign messages hold anything. */
export function unicode(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}
