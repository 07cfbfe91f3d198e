/** The one error of this package: the core's error, and the report of the call where there was one. */

import type * as types from "./types.js";
import { textOf } from "./answer.js";

/**
 * A call that failed, or that could not be started.
 *
 * Match on {@link kind}, whose words TypeScript knows. What had been said before it failed is in {@link textSoFar} and
 * `detail.partial`. No key is in it.
 *
 * Where the caller gave up by an `AbortSignal`, `kind` is `cancelled`, `cause` is the signal's reason and `name` the
 * reason's name (`AbortError`, `TimeoutError`), so that code which looks for these finds them.
 *
 * ```ts
 * try {
 *   console.log((await infer("openai/gpt-4o-mini", "Hello")).text);
 * } catch (error) {
 *   if (!(error instanceof LiterLLMError)) throw error;
 *   if (error.kind === "rate_limit") console.log("pause", error.detail.retry_after_ms, "ms");
 *   else console.log(error.message, "it had said:", error.textSoFar);
 * }
 * ```
 */
export class LiterLLMError extends Error {
  /** What to match on. */
  readonly kind: types.ErrorKind;
  /** What went wrong, as the core tells it: status, provider's words, whether a retry may help, the partial answer. */
  readonly detail: types.Error;
  /** Times and attempts. Absent: the call did not come so far. */
  readonly report?: types.Report;

  constructor(detail: types.Error, more: { report?: types.Report; cause?: unknown } = {}) {
    super(detail.message, "cause" in more ? { cause: more.cause } : undefined);
    this.name = nameOf(detail.kind, more.cause);
    this.kind = detail.kind;
    this.detail = detail;
    if (more.report !== undefined) this.report = more.report;
  }

  /** The visible text of the first choice that had come; empty when none had. */
  get textSoFar(): string {
    return this.detail.partial === undefined ? "" : textOf(this.detail.partial);
  }
}

function nameOf(kind: types.ErrorKind, cause: unknown): string {
  if (kind !== "cancelled") return "LiterLLMError";
  const name = (cause as { name?: unknown } | undefined)?.name;
  return name === "TimeoutError" ? name : "AbortError";
}

/** An error of this host, before anything was sent. */
export function refused(kind: types.ErrorKind, message: string, cause?: unknown): LiterLLMError {
  const detail: types.Error = { kind, message, retryable: false, phase: "request", bytes_seen: 0 };
  return new LiterLLMError(detail, cause === undefined ? {} : { cause });
}
