/**
 * Documents of the caller on their way into the core: what JSON would quietly change is refused, with its place.
 *
 * `JSON.stringify` writes a lone surrogate as an escape that no provider can read, NaN as `null`, and leaves functions
 * out. So every value is looked at before anything crosses.
 */

import { refused } from "./error.js";

/** Deeper than any document of the contract; a circle is found by it. */
const DEEPEST = 64;

/** Writes a document as JSON. Throws an `invalid_request` error that names the place of what cannot be written. */
export function write(document: unknown, what: string): string {
  look(document, "", what, 0);
  return JSON.stringify(document);
}

function look(value: unknown, place: string, what: string, depth: number): void {
  const refuse = (why: string): never => {
    throw refused("invalid_request", `${place === "" ? what : place} ${why}`);
  };
  switch (typeof value) {
    case "string":
      if (!isUnicode(value)) refuse("is not Unicode: it holds half a surrogate pair, as a string cut in an emoji does");
      return;
    case "number":
      if (!Number.isFinite(value)) refuse(`is ${value}, which JSON does not have; leave it out to leave it to the provider`);
      return;
    case "bigint":
      return refuse("is a BigInt, which JSON does not have; give a number");
    case "function":
    case "symbol":
      return refuse(`is a ${typeof value}, which JSON does not have`);
    case "object":
      break;
    default:
      return;
  }
  if (value === null) return;
  if (depth > DEEPEST) refuse("is nested too deep, or holds itself");
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) look(value[index], `${place}[${index}]`, what, depth + 1);
    return;
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) refuse("is bytes; name them as a blob and give them in `blobs`");
  for (const [name, inner] of Object.entries(value)) {
    if (!isUnicode(name)) refuse("has a name that is not Unicode: it holds half a surrogate pair");
    look(inner, place === "" ? name : `${place}.${name}`, what, depth + 1);
  }
}

/** Whether no half of a surrogate pair stands alone. Runtimes before 2023 have no `isWellFormed`. */
function isUnicode(text: string): boolean {
  return typeof text.isWellFormed === "function" ? text.isWellFormed() : !/\p{Surrogate}/u.test(text);
}

/** Refuses names that are not known, with the one that was probably meant. */
export function known(options: object, names: readonly string[], what: string): void {
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const plain = (text: string) => text.toLowerCase().replaceAll("_", "");
    const near = names.find((other) => distance(plain(name), plain(other)) <= 2);
    const help = near === undefined ? `known are ${names.join(", ")}` : `did you mean ${near}?`;
    throw refused("invalid_request", `${what} has no option ${name}; ${help}`);
  }
}

/** How many letters must be changed, added or taken out (Levenshtein). */
function distance(one: string, two: string): number {
  let row = Array.from({ length: two.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= two.length; j++) {
      const change = row[j - 1]! + (one[i - 1] === two[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[two.length]!;
}
