/** What this package offers, whichever way its WebAssembly module is loaded. */

import type { Inference } from "./answer.js";
import { Client, type Prompt, type PromptOptions } from "./client.js";
import type { ChatStream } from "./stream.js";

export { Answer, type Inference } from "./answer.js";
export type { Blobs } from "./body.js";
export { Client, type CallOptions, type ClientOptions, type Prompt, type PromptOptions, type ResumeOptions } from "./client.js";
export { LiterLLMError } from "./error.js";
export { fetchTransport, type Fetch } from "./fetch.js";
export { fromEnvironment, type Keys, type KeySource } from "./keys.js";
export type { ModuleSource } from "./module.js";
export type { OnSnapshot } from "./snapshot.js";
export { ChatStream } from "./stream.js";
export { TransportError, TransportRequest, type ByteReader, type Transport, type TransportResponse } from "./transport.js";
export { VERSION } from "./version.js";
export type * as types from "./types.js";

let shared: Client | undefined;

/** The client of {@link infer} and {@link stream}: all defaults, made when it is first needed. */
function client(): Client {
  shared ??= new Client();
  return shared;
}

/** Asks one question of `provider/model` with a client that has all defaults; see {@link Client.infer}. */
export function infer(model: string, prompt: Prompt, options?: PromptOptions): Promise<Inference> {
  return client().infer(model, prompt, options);
}

/** Asks with a client that has all defaults, and gives the events as they come; see {@link Client.stream}. */
export function stream(model: string, prompt: Prompt, options?: PromptOptions): ChatStream {
  return client().stream(model, prompt, options);
}
