/**
 * A provider that echoes the key must not get it into our errors.
 *
 * Some providers repeat a wrong key in the error they answer with, and from there it would travel into error texts
 * and logs. So before any byte reaches the core, the key is overwritten with as many `*`. A chunk can end inside the
 * key: what may be its beginning is held back until the next chunk shows.
 */

import type { Header } from "./types.js";

/**
 * Keys shorter than this are not searched for, in bytes.
 *
 * No provider issues such keys; people write `test` or `x` for a server that asks for none, and every `x` of an
 * answer would be lost.
 */
const SHORTEST_KEY_BYTES = 8;

const STAR = 0x2a;

const NOTHING = new Uint8Array(0);

/** Overwrites one call's key, in the form it has as a secret and in the form it has in a URL. */
export class Scrubber {
  /** Usually none or one; filters in a row, so each may hold something back. */
  readonly #filters: Filter[] = [];

  /** Without a secret, or with a short one, everything passes as it is. A secret is visible ASCII. */
  constructor(secret?: string) {
    if (secret === undefined || secret.length < SHORTEST_KEY_BYTES) return;
    this.#filters.push(new Filter(secret));
    // As a form writes it, which is how it stands in the query of a URL.
    const encoded = new URLSearchParams([["", secret]]).toString().slice(1);
    if (encoded !== secret) this.#filters.push(new Filter(encoded));
  }

  /** The next chunk, less what is held back. May be empty. The caller's bytes are left as they are. */
  push(chunk: Uint8Array): Uint8Array {
    for (const filter of this.#filters) chunk = filter.push(chunk);
    return chunk;
  }

  /** What was held back: the body has ended and it is not the key. */
  finish(): Uint8Array {
    let rest: Uint8Array = NOTHING;
    for (const filter of this.#filters) rest = joined(filter.push(rest), filter.takeHeld());
    return rest;
  }

  /** A text without the key. */
  text(text: string): string {
    for (const { key } of this.#filters) text = text.replaceAll(key, "*".repeat(key.length));
    return text;
  }

  /** Header values without the key. */
  headers(headers: Header[]): Header[] {
    if (this.#filters.length === 0) return headers;
    return headers.map(({ name, value }) => ({ name, value: this.text(value) }));
  }
}

class Filter {
  readonly key: string;
  readonly #key: Uint8Array;
  /** A proper prefix of the key with which the last chunk ended. */
  #held = NOTHING;

  constructor(key: string) {
    this.key = key;
    this.#key = new TextEncoder().encode(key);
  }

  takeHeld(): Uint8Array {
    const held = this.#held;
    this.#held = NOTHING;
    return held;
  }

  push(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    let bytes = joined(this.takeHeld(), chunk);
    const { found, tail } = this.#search(bytes);
    if (tail < bytes.length) this.#held = bytes.slice(tail);
    bytes = bytes.subarray(0, tail);
    if (found.length === 0) return bytes;
    const copy = bytes.slice();
    for (const start of found) copy.fill(STAR, start, start + this.#key.length);
    return copy;
  }

  /** Where the key stands, and from where the rest may be its beginning. The first place wins, whatever the cuts. */
  #search(bytes: Uint8Array): { found: number[]; tail: number } {
    const key = this.#key;
    const first = key[0]!;
    const found: number[] = [];
    let at = bytes.indexOf(first);
    while (at !== -1) {
      const end = Math.min(at + key.length, bytes.length);
      let same = at + 1;
      while (same < end && bytes[same] === key[same - at]) same++;
      if (same < end) {
        at = bytes.indexOf(first, at + 1);
      } else if (end - at < key.length) {
        return { found, tail: at };
      } else {
        found.push(at);
        at = bytes.indexOf(first, end);
      }
    }
    return { found, tail: bytes.length };
  }
}

function joined(one: Uint8Array, two: Uint8Array): Uint8Array {
  if (one.length === 0) return two;
  if (two.length === 0) return one;
  const both = new Uint8Array(one.length + two.length);
  both.set(one);
  both.set(two, one.length);
  return both;
}
