/**
 * The usual transport: the runtime's `fetch`.
 *
 * Redirects are not followed (a redirect would take the key along), nothing is repeated. `fetch` cannot be told a connect
 * timeout and hardly tells how far a failed request came; what it does not tell counts as possibly sent.
 */

import type { FailureKind, Header } from "./types.js";
import { TransportError, unicode, type Transport, type TransportResponse } from "./transport.js";
import { VERSION } from "./version.js";

/** What is needed of `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** HTTP by `fetch`: the runtime's, or one of the caller's that does the same. */
export function fetchTransport(own?: Fetch): Transport {
  return {
    async send(request): Promise<TransportResponse> {
      // Asked for at each request, since tests and tracers put another in its place; and called without a `this`, since
      // it refuses any but the global one.
      const fetch: Fetch = own ?? globalThis.fetch;
      const headers = request.headers.map(({ name, value }): [string, string] => [name, value]);
      if (!IN_BROWSER && !request.headers.some((header) => header.name === "user-agent")) {
        headers.push(["user-agent", `literllm/${VERSION}`]);
      }
      let response: Response;
      try {
        response = await fetch(request.url, {
          ...(IN_BROWSER && FOR_BROWSERS),
          method: request.method,
          headers,
          body: (request.body ?? null) as BodyInit | null,
          redirect: "manual",
          signal: request.signal,
        });
      } catch (error) {
        throw failure(error, "unknown");
      }
      if (response.type === "opaqueredirect") return { head: OPAQUE_REDIRECT };
      return { head: { status: response.status, headers: told(response.headers) }, body: reader(response) };
    },
  };
}

/** There the page's own agent, cookies and cache are set by the browser unless it is told otherwise; elsewhere the options are unknown. */
const FOR_BROWSERS: RequestInit = { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" };

/** Pages and their workers, as every browser names itself. Node, Deno, Bun and edge workers give names of their own, or none. */
const IN_BROWSER = typeof navigator !== "undefined" && /^Mozilla\//.test(navigator.userAgent);

/** Browsers do not tell which redirect it was, nor where to: that it was one is all they say, and 302 is the commonest. */
const OPAQUE_REDIRECT = { status: 302, headers: [] };

/** Values are Latin-1 already: `Headers` holds byte strings. Repeated ones come joined, as `fetch` gives them. */
function told(headers: Headers): Header[] {
  const told: Header[] = [];
  headers.forEach((value, name) => told.push({ name, value }));
  return told;
}

/** The body, whose failures are named. */
function reader(response: Response): TransportResponse["body"] {
  const reader = response.body?.getReader();
  if (reader === undefined) return undefined;
  let reached: "head_seen" | "body_seen" = "head_seen";
  return {
    read: () =>
      reader.read().then(
        (result) => {
          reached = "body_seen";
          return result;
        },
        (error: unknown) => {
          throw failure(error, reached);
        },
      ),
  };
}

function failure(error: unknown, reached: "unknown" | "head_seen" | "body_seen"): TransportError {
  const causes = causesOf(error);
  const kind = causes.map(kindOf).find((kind) => kind !== undefined) ?? "other";
  const connected = kind !== "dns" && kind !== "connect" && kind !== "connect_timeout" && kind !== "tls";
  const words = causes.map((cause) => cause.message).filter((word, at, all) => word && all.indexOf(word) === at);
  return new TransportError(kind, connected ? reached : "not_connected", unicode(words.join(": ")), { cause: error });
}

/** The error and what caused it, the outermost first; with several addresses tried, the last cause is that of the first. */
function causesOf(error: unknown): { message: string; name?: string; code?: unknown }[] {
  const causes = [];
  for (let cause = error; cause instanceof Error && causes.length < 8; ) {
    causes.push(cause);
    cause = cause instanceof AggregateError ? cause.errors[0] : cause.cause;
  }
  return causes.length > 0 ? causes : [{ message: String(error) }];
}

/** Codes of Node (libuv, OpenSSL, its HTTP parser) and of its `fetch` (undici). Other runtimes tell words only. */
const KINDS: readonly [RegExp, FailureKind][] = [
  [/^(ENOTFOUND|EAI_\w+)$/, "dns"],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, "connect_timeout"],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN|ENETDOWN)$/, "connect"],
  [/^(ERR_TLS_\w+|ERR_SSL_\w+|EPROTO|CERT_\w+|UNABLE_TO_\w+|(DEPTH_ZERO_)?SELF_SIGNED_CERT\w*)$/, "tls"],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/, "reset"],
  [/^(HPE_\w+|UND_ERR_\w*HEADERS_OVERFLOW|UND_ERR_RES_\w+|Z_\w+|ERR__ERROR_FORMAT\w*)$/, "http"],
];

function kindOf({ code, name }: { code?: unknown; name?: string }): FailureKind | undefined {
  if (name === "HTTPParserError") return "http";
  if (typeof code !== "string") return undefined;
  return KINDS.find(([codes]) => codes.test(code))?.[1];
}
