/**
 * Where keys come from. They stay in JavaScript: the core names a slot, and the host fills it.
 *
 * A source is asked at the moment a request is sent, so a key that was rotated in the meantime is the one that is used.
 */

import type { EgressRow } from "./types.js";

type Maybe = string | undefined;

/**
 * Finds the key of a provider, or answers `undefined` when there is none; the call then ends with an `authentication` error.
 *
 * Asked for every request to a provider that takes a key, so answer from memory where you can. The answer is only ever
 * sent to the origins of that row.
 */
export type KeySource = (row: EgressRow) => Maybe | PromiseLike<Maybe>;

/** Keys as a client takes them: by provider, or from a source. */
export type Keys = Readonly<Record<string, string>> | KeySource;

/** One source out of what was given. */
export function keySource(keys: Keys | undefined): KeySource {
  if (typeof keys === "function") return keys;
  if (keys === undefined) return fromEnvironment;
  // A map, so that `toString` names no key.
  const map = new Map(Object.entries(keys));
  return (row) => map.get(row.provider);
}

/**
 * Keys from environment variables: the row's `key_env`, the first that is set wins. The default.
 *
 * A variable that is set to nothing counts as unset. Where there is no environment (browsers, most edge workers)
 * there are no keys.
 */
export const fromEnvironment: KeySource = (row) => {
  const environment = (globalThis as { process?: { env?: Record<string, Maybe> } }).process?.env;
  return row.key_env.map((name) => environment?.[name]).find((value) => value !== undefined && value !== "");
};

/** What keeps a key from being sent, without showing it. */
export function fault(key: string): string | undefined {
  if (key === "") return "is empty";
  if (/[\r\n]/.test(key)) return "holds a line break (a file read with its last line end?)";
  if (/[^\x00-\x7f]/.test(key)) return "holds a character that is not ASCII";
  if (/[^\x21-\x7e]/.test(key)) return "holds a space or a control character";
  return undefined;
}
