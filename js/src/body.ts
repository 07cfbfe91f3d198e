/**
 * Request bodies: text of the core and blobs of the caller, joined.
 *
 * A blob is copied once, into the body that is sent; it never enters the core, and a retry joins the same bytes again.
 */

import type { BodySegment } from "./types.js";
import { notSent } from "./transport.js";

/** Blobs of a call by their id. */
export type Blobs = Readonly<Record<string, Uint8Array>>;

/** How many bytes become base64 at once where the runtime only offers `btoa`: a multiple of 3, so that only the last is padded. */
const BASE64_PIECE_BYTES = 24 * 1024;

/**
 * Joins the segments. `lengthBytes` is the core's count, which becomes the content length.
 *
 * Throws `missing_blob` when a blob is not there, or the sum is another (a blob has another length than its part of the
 * message says).
 */
export function joinBody(
  segments: readonly BodySegment[],
  blobs: Blobs,
  lengthBytes: number,
): string | Uint8Array | undefined {
  const [first] = segments;
  if (first === undefined) return undefined;
  // By far the commonest. The core counted its own text; the runtime encodes it faster than we could.
  if (segments.length === 1 && first.type === "text") return first.text;
  const pieces = segments.map((segment) => {
    if (segment.type === "text") return segment.text;
    const bytes = Object.hasOwn(blobs, segment.id) ? blobs[segment.id] : undefined;
    if (!(bytes instanceof Uint8Array)) {
      throw notSent("missing_blob", `no blob has the id ${JSON.stringify(segment.id)} that a message names; give its bytes (a Uint8Array) in \`blobs\``);
    }
    return segment.encoding === "raw" ? bytes : base64(bytes);
  });
  const encoder = new TextEncoder();
  const body = new Uint8Array(lengthBytes);
  let length = 0;
  for (const piece of pieces) {
    const bytes = typeof piece === "string" ? encoder.encode(piece) : piece;
    // What is beyond the end is counted and not written.
    body.set(bytes.subarray(0, Math.max(0, lengthBytes - length)), Math.min(length, lengthBytes));
    length += bytes.length;
  }
  if (length !== lengthBytes) {
    throw notSent("missing_blob", `the joined body has ${length} bytes and should have ${lengthBytes}: a blob has another length than its part of the message says`);
  }
  return body;
}

/** Base64 with padding, standard alphabet. Which way is there depends on the runtime. */
function base64(bytes: Uint8Array): string {
  if ("toBase64" in bytes) return (bytes as unknown as { toBase64(): string }).toBase64();
  let text = "";
  for (let at = 0; at < bytes.length; at += BASE64_PIECE_BYTES) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + BASE64_PIECE_BYTES)));
  }
  return text;
}
