/**
 * Snapshots as they leave this host: the core's document, and beside it which core wrote it.
 *
 * What a core writes is for the same core alone: its form is no contract. So another one is refused before it is asked.
 */

import type { Event } from "./types.js";
import { refused } from "./error.js";

/**
 * Keeps the snapshot of a call, for another process to go on with ({@link Client.resume}). When it throws or rejects, the call
 * ends with that.
 */
export type OnSnapshot = (snapshot: string) => void | PromiseLike<void>;

/** A snapshot that was opened. */
export interface Opened {
  /** The core's document. */
  document: string;
  /** Events that the core had told and nobody had taken. */
  events: Event[];
}

/** Closes a document up as one text. `sha256` is that of the core which wrote it; absent: nobody knows it. */
export function seal(sha256: string | undefined, document: string, events: readonly Event[] = []): string {
  const untaken = events.length === 0 ? "" : `,"events":${JSON.stringify(events)}`;
  return `{"component":"${mine(sha256)}","snapshot":${document}${untaken}}`;
}

/** Opens what {@link seal} closed. Throws an `invalid_state` error when it is of another core than `sha256`. */
export function open(sha256: string | undefined, sealed: string): Opened {
  const own = mine(sha256);
  const { component, snapshot, events = [] } = read(sealed);
  if (typeof component !== "string" || typeof snapshot !== "object" || snapshot === null || !Array.isArray(events)) {
    throw refused("invalid_state", "the snapshot is none: it has no `component` or no `snapshot`");
  }
  if (component !== own) {
    const message =
      `the snapshot was made by the core with the sha256 ${component}, and this core has ${own}: ` +
      "take it up with the version that made it, or start anew";
    throw refused("invalid_state", message);
  }
  return { document: JSON.stringify(snapshot), events: events as Event[] };
}

function read(sealed: unknown): Record<string, unknown> {
  if (typeof sealed !== "string") throw refused("invalid_request", `the snapshot is none: it is no string but ${typeof sealed}`);
  try {
    return Object(JSON.parse(sealed)) as Record<string, unknown>;
  } catch {
    // Without the parser's words: they show some of it.
    throw refused("invalid_state", "the snapshot is none: it is no JSON");
  }
}

function mine(sha256: string | undefined): string {
  if (sha256 !== undefined) return sha256;
  throw refused("invalid_request", "snapshots need the hash of the core: give `core` as bytes, not as a compiled module");
}
