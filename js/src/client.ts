/** The client: what users hold. */

import type * as types from "./types.js";
import { inference, type Answer, type Inference } from "./answer.js";
import type { Lender } from "./attempt.js";
import type { Blobs } from "./body.js";
import { known, write } from "./check.js";
import { Time } from "./clock.js";
import { Drive } from "./drive.js";
import { Engine, MEMORY_BYTES } from "./engine.js";
import { refused } from "./error.js";
import { fetchTransport, type Fetch } from "./fetch.js";
import { keySource, several, type KeySource, type Keys } from "./keys.js";
import type { ModuleSource } from "./module.js";
import type { OnSnapshot } from "./snapshot.js";
import { ChatStream, textOfEvent } from "./stream.js";
import type { Transport } from "./transport.js";

/** What a client is made of. Everything has a default. Names of the contract keep its spelling. */
export interface ClientOptions extends types.ClientConfig {
  /**
   * Sends a provider's requests to another address, such as a proxy of yours or a simulator. At another origin than the
   * provider's own no key is sent, until `keyEnv` says that one is.
   */
  baseUrl?: Readonly<Record<string, string>>;
  /**
   * Names the environment variable that holds a provider's key, for another address too. It also says that this provider
   * takes a key at all: `keys` need it for an address of yours, where the name only stands in messages.
   */
  keyEnv?: Readonly<Record<string, string>>;
  /**
   * Names the environment variables that hold further keys of a provider, one each: turned to when a key is refused or
   * limited.
   */
  spareKeyEnv?: Readonly<Record<string, readonly string[]>>;
  /**
   * Keys by provider, or a function that finds them. Default: the environment, where there is one. Of several keys of one
   * provider, the first is used and the others are turned to when it is refused or limited.
   */
  keys?: Keys;
  /** Sends requests this way instead of by `fetch`. */
  transport?: Transport;
  /** Sends requests by this `fetch` instead of the runtime's. */
  fetch?: Fetch;
  /** Asked, instead of the wall clock, for the Unix milliseconds at the start of each call. For tests. */
  clock?: () => number;
  /** Asked for the seed of each call, 64 bits; the same seed gives the same waits. For tests. */
  seed?: () => bigint | number;
  /** Another build of the core: a compiled module, or the bytes of one. */
  core?: ModuleSource;
  /** Bounds the core's memory, in bytes. Default 256 MiB. */
  memoryBytes?: number;
  /** What an earlier client knew ({@link Client.snapshot}): its retry budget, open circuits, resting keys. */
  restore?: string;
}

const CLIENT_OPTIONS = [
  ...["providers", "policy", "limits", "guards"],
  ...["baseUrl", "keyEnv", "spareKeyEnv", "keys", "transport", "fetch", "clock", "seed", "core", "memoryBytes", "restore"],
] as const satisfies readonly (keyof ClientOptions)[];

/** What stands beside a request. */
export interface CallOptions extends Omit<types.CallOptions, "caller_timeout_ms" | "idempotency_key"> {
  /**
   * Ends the call when it is not over after so many ms, with an error of kind `timeout` and deadline `caller`. The policy's
   * `total_timeout_ms` stands beside it, and the sooner one wins. It counts from the moment the call begins.
   */
  timeoutMs?: number;
  /** Names the call to a provider that honours such keys; the same for every attempt. Default: one is made of the seed. */
  idempotencyKey?: string;
  /** Ends the call when it is aborted. */
  signal?: AbortSignal;
  /** The bytes that messages name as blobs, by id. */
  blobs?: Blobs;
  /**
   * Keeps the call. It gets a snapshot, as {@link ChatStream.snapshot} gives one, before each attempt is sent and before each
   * wait; nothing is sent, and no event is given, until it is done. When it throws or rejects, the call ends with that. It must not
   * wait for the call itself.
   */
  onSnapshot?: OnSnapshot;
}

const CALL_OPTIONS = [
  ...["policy", "strict", "resumable", "timeoutMs", "idempotencyKey", "signal", "blobs", "onSnapshot"],
] as const satisfies readonly (keyof CallOptions)[];

/** What stands beside a call that is taken up. */
export interface ResumeOptions extends Pick<CallOptions, "signal" | "blobs" | "onSnapshot"> {}

const RESUME_OPTIONS = ["signal", "blobs", "onSnapshot"] as const satisfies readonly (keyof ResumeOptions)[];

/** Every field of a request but the model and the messages, and what stands beside it. */
export interface PromptOptions extends Omit<types.Request, "model" | "messages" | "stream">, CallOptions {}

/** What is asked: one text of the user, or all messages. */
export type Prompt = string | readonly types.Message[];

/**
 * A client for language models. Its calls share the policy's memory and one instance of the core, which is made with
 * the first call.
 *
 * ```ts
 * const client = new Client({ baseUrl: { openai: "https://llm.example.com/v1" }, keyEnv: { openai: "EXAMPLE_KEY" } });
 * const { text, usage } = await client.infer("openai/gpt-4o-mini", "What is the capital of Peru?");
 * ```
 */
export class Client {
  readonly #engine: Engine;
  readonly #transport: Transport;
  readonly #keys: KeySource;
  readonly #clock: () => number;
  readonly #seed: () => bigint | number;

  /** Throws when an option is not known. What the core says of the configuration is thrown by the first call, or by `ready`. */
  constructor(options: ClientOptions = {}) {
    known(options, CLIENT_OPTIONS, "a client");
    this.#engine = new Engine({
      config: write(configOf(options), "the client's configuration"),
      memoryBytes: options.memoryBytes ?? MEMORY_BYTES,
      module: options.core,
      restore: options.restore,
    });
    this.#transport = options.transport ?? fetchTransport(options.fetch);
    this.#keys = keySource(options.keys);
    this.#clock = options.clock ?? Date.now;
    this.#seed = options.seed ?? chance;
  }

  /** Loads the core, which the first call does otherwise. Throws when the configuration is not sound. */
  ready(): Promise<void> {
    return this.#engine.ready();
  }

  /** Where this client may send requests, and with which keys. Frozen when the core is loaded. */
  async egress(): Promise<readonly types.EgressRow[]> {
    await this.#engine.ready();
    return this.#engine.egress;
  }

  /** Asks one question of `provider/model`. The answer is streamed under the hood, so `tokens` has its pieces. */
  async infer(model: string, prompt: Prompt, options: PromptOptions = {}): Promise<Inference> {
    const stream = this.stream(model, prompt, options);
    const tokens: string[] = [];
    for await (const event of stream) {
      const text = textOfEvent(event);
      if (text !== undefined) tokens.push(text);
    }
    return inference(await stream.answer(), tokens);
  }

  /** Sends a request and waits for the whole answer. */
  chat(request: types.Request, options: CallOptions = {}): Promise<Answer> {
    return this.#call(request, options).answer();
  }

  /** Asks, and gives the events of the answer as they come. Nothing is sent before the first is asked for. */
  stream(model: string, prompt: Prompt, options: PromptOptions = {}): ChatStream {
    const { policy, strict, resumable, timeoutMs, idempotencyKey, signal, blobs, onSnapshot, ...fields } = options;
    const messages = typeof prompt === "string" ? [{ role: "user", content: prompt } as const] : [...prompt];
    const beside = { policy, strict, resumable, timeoutMs, idempotencyKey, signal, blobs, onSnapshot } as CallOptions;
    return this.#call({ model, messages, ...fields, stream: true }, beside);
  }

  /**
   * Goes on with a call of {@link ChatStream.snapshot}, under a client of the same configuration. The stream gives the events
   * that follow those already taken. A request that was under way counts as lost, its fate unknown; the policy says
   * whether it is sent again.
   *
   * A snapshot of another core ends it with an error of kind `invalid_state`. Blobs that the request names must be given
   * again; where one is absent nothing is sent.
   *
   * ```ts
   * const stream = client.stream("openai/gpt-4o-mini", "Tell me a story");
   * for await (const event of stream) if (event.type === "notice") await keep(stream.snapshot());
   * // Later, elsewhere:
   * console.log((await client.resume(await kept()).answer()).text);
   * ```
   */
  resume(snapshot: string, options: ResumeOptions = {}): ChatStream {
    const { signal, blobs = {}, onSnapshot } = options;
    const prepare = async (): Promise<() => Drive> => {
      known(options, RESUME_OPTIONS, "resume");
      keeps(onSnapshot);
      await this.#engine.ready();
      return () => {
        const [time, nowMs] = this.#now();
        const restored = this.#engine.restore(snapshot, nowMs);
        const { running = [], blobs: named = [] } = restored.snapshot;
        const missing = named.find((id) => !Object.hasOwn(blobs, id));
        if (missing !== undefined) {
          restored.call.drop();
          const message = `the snapshot names the blob ${JSON.stringify(missing)}; give its bytes (a Uint8Array) in \`blobs\``;
          throw refused("invalid_request", message);
        }
        const drive = new Drive(restored, this.#lender(blobs), time, onSnapshot);
        for (const attempt of running) drive.lost(attempt);
        return drive;
      };
    };
    return new ChatStream(prepare, signal);
  }

  /**
   * What this client knows of its providers, as a text to keep: the retry budget, open circuits, resting keys. The option
   * `restore` gives it to another client. No key is in it.
   */
  async snapshot(): Promise<string> {
    await this.#engine.ready();
    return this.#engine.snapshot();
  }

  #call(request: types.Request, options: CallOptions): ChatStream {
    const { signal, blobs = {}, onSnapshot } = options;
    const prepare = async (): Promise<() => Drive> => {
      const documents = [write(request, "the request"), write(besideOf(options), "the call options")] as const;
      await this.#engine.ready();
      return () => {
        const [time, nowMs] = this.#now();
        const started = this.#engine.start(...documents, nowMs, BigInt.asUintN(64, BigInt(this.#seed())));
        return new Drive(started, this.#lender(blobs), time, onSnapshot);
      };
    };
    return new ChatStream(prepare, signal);
  }

  #lender(blobs: Blobs): Lender {
    return { transport: this.#transport, keys: this.#keys, egress: this.#engine.egress, blobs };
  }

  /** A call begins now. */
  #now(): [time: Time, nowMs: number] {
    const nowMs = Math.floor(this.#clock());
    return [new Time(nowMs), nowMs];
  }
}

/** The `call-options` document. */
function besideOf(options: CallOptions): types.CallOptions {
  known(options, CALL_OPTIONS, "a call");
  const { signal: _, blobs: __, onSnapshot, timeoutMs, idempotencyKey, ...same } = options;
  keeps(onSnapshot);
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs >= 0 && timeoutMs <= Number.MAX_SAFE_INTEGER)) {
    throw refused("invalid_request", `timeoutMs is ${String(timeoutMs)}; give milliseconds, or leave it out to have none`);
  }
  return {
    ...same,
    ...(timeoutMs !== undefined && { caller_timeout_ms: Math.ceil(timeoutMs) }),
    ...(idempotencyKey !== undefined && { idempotency_key: idempotencyKey }),
  };
}

function keeps(onSnapshot: unknown): void {
  if (onSnapshot === undefined || typeof onSnapshot === "function") return;
  throw refused("invalid_request", `onSnapshot is of type ${typeof onSnapshot}; give a function that keeps a text`);
}

/** The `client-config` document. */
function configOf(options: ClientOptions): types.ClientConfig {
  const { providers = [], policy, limits, guards, baseUrl = {}, keyEnv = {}, spareKeyEnv = {} } = options;
  const rows = providers.map((row) => ({ ...row }));
  const row = (id: string): types.ProviderRow => {
    const known = rows.find((row) => row.id === id);
    if (known !== undefined) return known;
    const row = { id };
    rows.push(row);
    return row;
  };
  for (const [id, url] of Object.entries(baseUrl)) row(id).base_url = url;
  for (const [id, name] of Object.entries(keyEnv)) row(id).key_env = [name];
  for (const [id, names] of Object.entries(spareKeyEnv)) row(id).spare_key_env = [...names];
  // The core counts keys by the names of their variables; these only stand in messages.
  for (const [id, count] of several(options.keys)) {
    row(id).spare_key_env ??= Array.from({ length: count - 1 }, (_, at) => `keys.${id}[${at + 1}]`);
  }
  return { providers: rows, ...(policy && { policy }), ...(limits && { limits }), ...(guards && { guards }) };
}

/** Seeds in stock. */
let seeds = new BigUint64Array(0);
let seedsUsed = 0;

/**
 * A seed of chance. Drawn many at once, since a draw costs as much as a crossing; and inside a call only, since some
 * workers refuse chance outside of one.
 */
function chance(): bigint {
  if (seedsUsed === seeds.length) {
    seeds = crypto.getRandomValues(new BigUint64Array(64));
    seedsUsed = 0;
  }
  return seeds[seedsUsed++]!;
}
