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
 * sent to the origins of that row. `slot` is 0 for the first key; n for its n-th spare one, which is asked for only when
 * others were refused or limited, and only of a row that names so many (`spare_key_env`).
 */
export type KeySource = (row: EgressRow, slot: number) => Maybe | PromiseLike<Maybe>;

/** Keys as a client takes them: by provider (several: the others are spare), or from a source. */
export type Keys = Readonly<Record<string, string | readonly string[]>> | KeySource;

/** One source out of what was given. */
export function keySource(keys: Keys | undefined): KeySource {
  if (typeof keys === "function") return keys;
  if (keys === undefined) return fromEnvironment;
  // A map, so that `toString` names no key.
  const map = new Map(Object.entries(keys));
  return (row, slot) => severalOf(map.get(row.provider))[slot];
}

/** How many keys of each provider were given, where these are several. */
export function several(keys: Keys | undefined): [provider: string, count: number][] {
  if (keys === undefined || typeof keys === "function") return [];
  const counts = Object.entries(keys).map(([id, own]): [string, number] => [id, severalOf(own).length]);
  return counts.filter(([, count]) => count > 1);
}

function severalOf(own: string | readonly string[] | undefined): readonly Maybe[] {
  return Array.isArray(own) ? own : [own as Maybe];
}

/**
 * Keys from environment variables: the row's `key_env`, the first that is set wins; of the spare ones each has a variable of
 * its own in `spare_key_env`. The default.
 *
 * A variable that is set to nothing counts as unset. Where there is no environment (browsers, most edge workers)
 * there are no keys.
 */
export const fromEnvironment = (row: EgressRow, slot = 0): Maybe => {
  const environment = (globalThis as { process?: { env?: Record<string, Maybe> } }).process?.env;
  const names = slot === 0 ? row.key_env : row.spare_key_env.slice(slot - 1, slot);
  return names.map((name) => environment?.[name]).find((value) => value !== undefined && value !== "");
};

/** What keeps a key from being sent, without showing it. */
export function fault(key: string): string | undefined {
  if (key === "") return "is empty";
  if (/[\r\n]/.test(key)) return "holds a line break (a file read with its last line end?)";
  if (/[^\x00-\x7f]/.test(key)) return "holds a character that is not ASCII";
  if (/[^\x21-\x7e]/.test(key)) return "holds a space or a control character";
  return undefined;
}
