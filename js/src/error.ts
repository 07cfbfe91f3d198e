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
 * reason's name (`AbortError`, `TimeoutError`), so that code which looks for these finds them. Where the call's `timeoutMs`
 * was over, `kind` is `timeout`, `deadline` is `caller`, and `name` is `TimeoutError` as well.
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
  /** What went wrong, as the core tells it: its message alone, status, provider's words, the partial answer. */
  readonly detail: types.Error;
  /** Times and attempts. Absent: the call did not come so far. */
  readonly report?: types.Report;

  constructor(detail: types.Error, more: { report?: types.Report; cause?: unknown } = {}) {
    super(detail.message + aside(detail, more.report), "cause" in more ? { cause: more.cause } : undefined);
    this.name = nameOf(detail, more.cause);
    this.kind = detail.kind;
    this.detail = detail;
    if (more.report !== undefined) this.report = more.report;
  }

  /** The visible text of the first choice that had come; empty when none had. */
  get textSoFar(): string {
    return this.detail.partial === undefined ? "" : textOf(this.detail.partial);
  }

  /** For a `timeout`: which bound of time was passed. Absent: it was the provider's own word. */
  get deadline(): types.Deadline | undefined {
    return this.detail.deadline;
  }

  /** Whether any attempt may have been billed although no answer came of it. */
  get maybeBilled(): boolean {
    return this.detail.maybe_billed;
  }

  /** What may be done now, the best first: `resend`, `continue` or `give_up`. Never empty. */
  get next(): readonly types.NextStep[] {
    return this.detail.next;
  }

  /** Every attempt, in order: when, where, why it failed, what was waited for. Empty: none was made. */
  get attempts(): readonly types.AttemptReport[] {
    return this.report?.attempts ?? [];
  }
}

/** What a reader of the message should know besides: how often it was tried, what it may have cost, what may be done. */
function aside(detail: types.Error, report: types.Report | undefined): string {
  const words: string[] = [];
  const attempts = report?.attempts.length ?? 0;
  if (attempts > 1) words.push(`${attempts} attempts`);
  if (detail.maybe_billed) words.push("it may have been billed");
  const steps = detail.next.flatMap((step) => {
    if (step === "resend") return `resend it${detail.retry_after_ms === undefined ? "" : ` after ${detail.retry_after_ms} ms`}`;
    return step === "continue" ? "let the model go on from what it said" : [];
  });
  if (steps.length > 0) words.push(`you may ${steps.join(" or ")}`);
  return words.length === 0 ? "" : ` (${words.join("; ")})`;
}

function nameOf({ kind, deadline }: types.Error, cause: unknown): string {
  if (deadline === "caller") return "TimeoutError";
  if (kind !== "cancelled") return "LiterLLMError";
  const name = (cause as { name?: unknown } | undefined)?.name;
  return name === "TimeoutError" ? name : "AbortError";
}

/** An error of this host, before anything was sent. */
export function refused(kind: types.ErrorKind, message: string, cause?: unknown): LiterLLMError {
  const detail: types.Error = {
    ...{ kind, message, retryable: false, phase: "request", bytes_seen: 0 },
    ...{ maybe_billed: false, next: ["give_up"] },
  };
  return new LiterLLMError(detail, cause === undefined ? {} : { cause });
}
