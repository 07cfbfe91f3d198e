/**
 * Where requests may go, and how a key gets into one.
 *
 * The table was frozen when the client was made, before any prompt or network byte was seen. A request of the core,
 * which has read both, is held against it: another origin, or another place for the key than the table says, and
 * nothing is sent.
 */

import type { AuthSlot, EgressRow, HttpRequest, Send } from "./types.js";
import { fault, type KeySource } from "./keys.js";
import { notSent } from "./transport.js";

/** A request with its key, which is named once more so that echoes of it can be found. */
export interface Filled {
  request: HttpRequest;
  secret?: string;
}

/** Checks the address and fills the key in. */
export async function fill(
  rows: readonly EgressRow[],
  { provider, key_slot, request }: Pick<Send, "provider" | "key_slot" | "request">,
  keys: KeySource,
): Promise<Filled> {
  const row = rows.find((row) => row.provider === provider);
  if (row === undefined) throw notSent("egress", `${JSON.stringify(provider)} is not in this client's egress table`);
  const url = allowed(row, request.url);
  const slot = request.auth;
  if (slot === undefined) return { request };
  if (row.auth === undefined || !same(row.auth, slot)) {
    throw notSent("egress", `the key of ${provider} was asked for in a place the egress table does not name`);
  }
  const secret = await ask(keys, row, key_slot);
  if (slot.type === "query") {
    url.searchParams.append(slot.name, secret);
    return { request: { ...request, url: url.href }, secret };
  }
  const headers = request.headers.filter((header) => header.name !== slot.name);
  headers.push({ name: slot.name, value: slot.prefix + secret });
  return { request: { ...request, headers }, secret };
}

function allowed(row: EgressRow, address: string): URL {
  let url;
  try {
    url = new URL(address);
  } catch {
    throw notSent("egress", "the URL cannot be read");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw notSent("egress", "the URL is neither http: nor https:");
  }
  if (!row.origins.some((origin) => origin === url.origin || spelled(origin) === url.origin)) {
    throw notSent("egress", `${url.origin} is not one of ${row.provider}'s origins (${row.origins.join(", ")})`);
  }
  // `fetch` would refuse it, other transports would make credentials of it.
  if (url.username !== "" || url.password !== "") {
    throw notSent("egress", "the URL holds a user name or password; give the key as a key");
  }
  return url;
}

/** An origin in the one spelling of `URL`: lower case, punycode, the default port left out. */
function spelled(origin: string): string | undefined {
  try {
    return new URL(origin).origin;
  } catch {
    return undefined;
  }
}

function same(one: AuthSlot, two: AuthSlot): boolean {
  if (one.type === "header") return two.type === "header" && one.name === two.name && one.prefix === two.prefix;
  return two.type === "query" && one.name === two.name;
}

async function ask(keys: KeySource, row: EgressRow, slot: number): Promise<string> {
  let key: unknown;
  try {
    key = await keys(row, slot);
  } catch (error) {
    // Its message may hold anything, also the key.
    throw notSent("missing_key", `the key source failed (${error instanceof Error ? error.name : typeof error})`);
  }
  // The core says which variable to set, and adds our words where there are any.
  if (key === undefined || key === null) throw notSent("missing_key", "");
  if (typeof key !== "string") throw notSent("missing_key", "the one that is set is no string");
  const wrong = fault(key);
  if (wrong !== undefined) throw notSent("missing_key", `the one that is set ${wrong}`);
  return key;
}
