/**
 * The entry for Node, Deno, Bun and browsers: the module stands in the code as base64, so it survives every bundler and
 * there is no file to lose. It is decoded and compiled with the first call.
 *
 * @module
 */

import { BASE64 } from "../core/inline.js";
import { provide } from "./module.js";

export * from "./main.js";

provide(() => {
  const text = atob(BASE64);
  // A plain loop: `Uint8Array.from` takes ten times as long.
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
});
