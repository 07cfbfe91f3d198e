// Generated from wit/types.wit by `cargo xtask generate`. Do not edit.

/**
 * The types of the contract, in the form in which they cross as JSON: an absent value is left out (never `null`), and
 * a union is told apart by its `type`.
 *
 * @module
 */

/**
 * JSON text that belongs to a provider or to the caller (a schema, an opaque block, raw usage),
 * kept as it was written: key order, `1e400` and 30-digit integers survive.
 */
export type Json = string;

/** One HTTP header. */
export interface Header {
  /** Lower-case name. Repeated names are repeated entries, in their order. */
  name: string;
  /** Value without line breaks. Bytes above 0x7f are read as Latin-1. */
  value: string;
}

/** A named piece of foreign JSON. */
export interface NamedJson {
  /** The field's name as its owner writes it. */
  name: string;
  /** Its value. */
  value: Json;
}

/**
 * What only one wire format understands, and what goes back to it unchanged, exactly once:
 * signatures, encrypted reasoning, item ids.
 */
export interface ProviderData {
  /** Wire format that wrote it, such as `openai-chat`. Other formats leave it out and warn. */
  protocol: string;
  /** Provider that wrote it, such as `deepseek`. Absent: any provider of that format. */
  provider?: string;
  /** A JSON object of the wire format's own fields. */
  data: Json;
}

/** A place up to which the provider may cache the prompt. */
export interface CacheBreakpoint {
  /** How long the provider should keep it, in seconds. Absent: the provider's default. */
  ttl_seconds?: number;
}

/** Who speaks. Adapters move a role to where their wire format wants it. */
export type Role =
  /** Standing instructions. */
  | "system"
  /** Standing instructions of the application, where a provider tells the two apart. */
  | "developer"
  /** The person, or whoever asks. */
  | "user"
  /** The model. */
  | "assistant"
  /** Results of tools the model called. */
  | "tool";

/** Words. */
export interface TextPart {
  /** The text. May be empty when `provider-data` carries something. */
  text: string;
  /** Cache the prompt up to and with this part. Absent: no breakpoint here. */
  cache?: CacheBreakpoint;
  /** Fields of the wire format that belong to this part. Absent: none. */
  provider_data?: ProviderData;
}

/** An address the provider can read: `https:`, `gs:`, `s3:` or a `data:` URL. */
export interface UrlSource {
  /** The address. */
  url: string;
}

/** Bytes in the host's hands. */
export interface BlobSource {
  /** The host's name for them, 1 to 128 characters, unique within the call. */
  id: string;
  /** How many bytes. */
  length: number;
}

/** A file the provider knows. */
export interface ProviderFileSource {
  /** The provider's id. */
  id: string;
}

/** Where a picture, sound or file comes from. */
export type MediaSource =
  /** The provider fetches it. */
  | ({ type: "url" } & UrlSource)
  /** The host holds the bytes; they never enter the core. */
  | ({ type: "blob" } & BlobSource)
  /** Uploaded to the provider before. */
  | ({ type: "provider_file" } & ProviderFileSource);

/** A picture, sound, film or file. */
export interface MediaPart {
  /** Where it comes from. */
  source: MediaSource;
  /** Such as `image/png`. Absent: the provider finds out; a blob needs it. */
  media_type?: string;
  /** File name shown to the model. Absent: none. */
  name?: string;
  /** Resolution the model should look at: `low`, `high`, `auto`. Absent: the provider's default. */
  detail?: string;
  /** Cache the prompt up to and with this part. Absent: no breakpoint here. */
  cache?: CacheBreakpoint;
  /** Fields of the wire format that belong to this part. Absent: none. */
  provider_data?: ProviderData;
}

/** The model asks for a tool. */
export interface ToolCallPart {
  /** Id that the result must name. The core makes one (`call_1`, ...) when a provider sends none. */
  id: string;
  /** The tool's name. */
  name: string;
  /** Arguments as the model wrote them. Usually one JSON object, but a cut answer ends anywhere. */
  arguments: string;
  /** Whether `arguments` is one whole JSON value. Written by the core, ignored in requests. */
  complete?: boolean;
  /** Fields of the wire format that belong to this part. Absent: none. */
  provider_data?: ProviderData;
}

/** Words of a tool. */
export interface TextContent {
  /** The text. */
  text: string;
}

/** Data of a tool. */
export interface JsonContent {
  /** One JSON value. */
  value: Json;
}

/** A piece of a tool's result. (WIT has no recursive types, so this is not `part`.) */
export type ToolResultContent =
  /** Words. */
  | ({ type: "text" } & TextContent)
  /** A picture. */
  | ({ type: "image" } & MediaPart)
  /** Data. */
  | ({ type: "json" } & JsonContent);

/** What a tool said. */
export interface ToolResultPart {
  /** The id of the call it answers. */
  tool_call_id: string;
  /** The tool's name, for formats that ask for it. Absent: unknown. */
  name?: string;
  /** The result, in order. In JSON a plain string stands for one text. */
  content: string | ToolResultContent[];
  /** The tool failed and `content` says how. Absent: it did not. */
  is_error?: boolean;
  /** Cache the prompt up to and with this part. Absent: no breakpoint here. */
  cache?: CacheBreakpoint;
}

/** The model's thinking. */
export interface ReasoningPart {
  /** What may be read of it; empty when all of it is encrypted. */
  text: string;
  /** Signatures and encrypted content. Absent: none. */
  provider_data?: ProviderData;
}

/** The model declines. */
export interface RefusalPart {
  /** Its words. */
  text: string;
}

/** A source the answer leans on. It belongs to the text part before it. */
export interface CitationPart {
  /** Address of the source. Absent: it has none. */
  url?: string;
  /** Title of the source. Absent: it has none. */
  title?: string;
  /** First character of the cited span in that text, counted in Unicode code points from 0. Absent: the whole text. */
  start_char?: number;
  /** One past the last character of the span. */
  end_char?: number;
  /** The provider's own object. */
  data: Json;
}

/** Material to be cited. */
export interface DocumentPart {
  /** Id that citations name. Absent: the adapter numbers it. */
  id?: string;
  /** Title. Absent: none. */
  title?: string;
  /** Its text. */
  text: string;
  /** Cache the prompt up to and with this part. Absent: no breakpoint here. */
  cache?: CacheBreakpoint;
}

/** Anything a provider sent that is not modelled. */
export interface OpaquePart {
  /** The provider's name for its kind, such as `server_tool_use`. */
  name: string;
  /** The whole of it; goes back to the same wire format in this place. */
  provider_data: ProviderData;
}

/** A piece of a message, of the question as of the answer. */
export type Part =
  /** Words. */
  | ({ type: "text" } & TextPart)
  /** A picture. */
  | ({ type: "image" } & MediaPart)
  /** Sound. */
  | ({ type: "audio" } & MediaPart)
  /** A film. */
  | ({ type: "video" } & MediaPart)
  /** A file, such as a PDF. */
  | ({ type: "file" } & MediaPart)
  /** The model asks for a tool. */
  | ({ type: "tool_call" } & ToolCallPart)
  /** What the tool said. */
  | ({ type: "tool_result" } & ToolResultPart)
  /** The model's thinking, visible or encrypted. */
  | ({ type: "reasoning" } & ReasoningPart)
  /** The model declines, in words of its own. */
  | ({ type: "refusal" } & RefusalPart)
  /** A source the answer leans on. */
  | ({ type: "citation" } & CitationPart)
  /** Material to be cited. */
  | ({ type: "document" } & DocumentPart)
  /** Anything a provider sent that is not modelled here. */
  | ({ type: "opaque" } & OpaquePart);

/** One turn. */
export interface Message {
  /** Who speaks. */
  role: Role;
  /** What is said, in order. In JSON a plain string stands for one text part. */
  content?: string | Part[];
  /** Name of the speaker where several share a role. Absent: none. */
  name?: string;
}

/** A function of the caller. */
export interface FunctionTool {
  /** Name, in most formats `[a-zA-Z0-9_-]{1,64}`. */
  name: string;
  /** What it does, for the model. Absent: none. */
  description?: string;
  /** JSON Schema of its arguments. Absent: no arguments. */
  parameters?: Json;
  /** Hold the model to the schema. Absent: the provider's default. */
  strict?: boolean;
  /** Cache the prompt up to and with this tool. Absent: no breakpoint here. */
  cache?: CacheBreakpoint;
}

/** A tool the provider runs. */
export interface ProviderTool {
  /** The provider's name for it. */
  name: string;
  /** Wire format the definition is written for. */
  protocol: string;
  /** Its entry in the list of tools, as that format writes it. */
  definition: Json;
}

/** Something the model may call. */
export type Tool =
  /** A function of the caller. */
  | ({ type: "function" } & FunctionTool)
  /** A tool the provider runs itself (search, code, computer). */
  | ({ type: "provider" } & ProviderTool);

/** A tool that must be called. */
export interface ChosenTool {
  /** Its name. */
  name: string;
}

/** A subset of the offered tools. */
export interface AllowedTools {
  /** Their names, at least one. */
  names?: string[];
  /** Whether one of them must be called. Absent: the model decides. */
  required?: boolean;
}

/** Which tools the model may or must call. */
export type ToolChoice =
  /** The model decides. */
  | { type: "auto" }
  /** No tool. */
  | { type: "none" }
  /** At least one. */
  | { type: "required" }
  /** This one. */
  | ({ type: "tool" } & ChosenTool)
  /** One of these. */
  | ({ type: "allowed" } & AllowedTools);

/** JSON that fits a schema. */
export interface JsonSchemaOutput {
  /** A name for it, in most formats `[a-zA-Z0-9_-]{1,64}`. Absent: `answer`. */
  name?: string;
  /** What it is, for the model. Absent: none. */
  description?: string;
  /** The JSON Schema. */
  schema: Json;
  /** Hold the model to it in every detail. Absent: the provider's default. */
  strict?: boolean;
}

/** Text that fits a grammar. */
export interface GrammarOutput {
  /** Kind of grammar: `gbnf`, `lark`, `regex`. */
  syntax: string;
  /** The grammar. */
  definition: string;
}

/** The form the answer must have. */
export type Output =
  /** Free text. */
  | { type: "text" }
  /** Some JSON object. */
  | { type: "json_object" }
  /** JSON that fits a schema. */
  | ({ type: "json_schema" } & JsonSchemaOutput)
  /** Text that fits a grammar. */
  | ({ type: "grammar" } & GrammarOutput);

/** How hard to think. */
export type ReasoningEffort =
  /** Not at all. */
  | "none"
  /** As little as the model can. */
  | "minimal"
  /** Little. */
  | "low"
  /** Some. */
  | "medium"
  /** Much. */
  | "high"
  /** More. */
  | "xhigh"
  /** As much as the model can. */
  | "max";

/** Thinking. All absent: the model's own default. */
export interface ReasoningOptions {
  /** How hard. Absent: not said. */
  effort?: ReasoningEffort;
  /** Bound in tokens. Absent: none said. */
  budget_tokens?: number;
  /** Summary wanted: `auto`, `concise`, `detailed`. Absent: none. */
  summary?: string;
  /** Ask for encrypted reasoning to carry into the next turn. Absent: the provider's default. */
  include_encrypted?: boolean;
}

/** Caching by key, where breakpoints are not the way. */
export interface PromptCache {
  /** Requests with the same key share a cache. Absent: none. */
  key?: string;
  /** How long, in the provider's words, such as `24h`. Absent: the provider's default. */
  retention?: string;
}

/** One entry of `metadata`. */
export interface MetadataEntry {
  /** Key, at most 64 characters with most providers. */
  key: string;
  /** Value, at most 512 characters with most providers. */
  value: string;
}

/** Bias for one token. */
export interface LogitBiasEntry {
  /** Token id in the model's vocabulary. */
  token: number;
  /** -100 to 100. */
  bias: number;
}

/** Fields of one wire format that this contract does not know. */
export interface ExtraBody {
  /** The wire format they are meant for; others leave them out and warn. */
  protocol: string;
  /** A JSON object; its fields are merged into the body last, so they win. */
  body: Json;
}

/** One chat request. Every option is absent by default and then left to the provider. */
export interface Request {
  /** `provider/model`, such as `openai/gpt-4o-mini`. */
  model: string;
  /** At least one. */
  messages?: Message[];
  /** Answer piece by piece. Absent: in one piece. */
  stream?: boolean;
  /** Bound of the answer, reasoning included where the provider counts so. */
  max_output_tokens?: number;
  /** 0 to 2 with most providers. */
  temperature?: number;
  /** 0 to 1. */
  top_p?: number;
  /** At least 1. */
  top_k?: number;
  /** 0 to 1. */
  min_p?: number;
  /** -2 to 2. */
  frequency_penalty?: number;
  /** -2 to 2. */
  presence_penalty?: number;
  /** Ask for the same answer to the same request; a promise of no provider. */
  seed?: number;
  /** Texts that end the answer; at most 4 with most providers. */
  stop?: string[];
  /** Bias of tokens. */
  logit_bias?: LogitBiasEntry[];
  /** Log probabilities of the tokens of the answer. */
  logprobs?: boolean;
  /** How many alternatives to each token, 0 to 20. */
  top_logprobs?: number;
  /** How many answers. Absent: one. */
  n?: number;
  /** What the model may call. */
  tools?: Tool[];
  /** Which of them. Absent: the provider's default, `auto` where tools are offered. */
  tool_choice?: ToolChoice;
  /** Several calls in one turn. Absent: the provider's default. */
  parallel_tool_calls?: boolean;
  /** Form of the answer. Absent: free text. */
  output?: Output;
  /** Such as `text`, `audio`, `image`. Empty: the provider's default. */
  modalities?: string[];
  /** Thinking. Absent: the model's default. */
  reasoning?: ReasoningOptions;
  /** Caching by key. Absent: the provider's default. */
  prompt_cache?: PromptCache;
  /** Go on after this response, which the provider keeps. Absent: `messages` is all there is. */
  previous_response_id?: string;
  /** Go on in this conversation, which the provider keeps. Absent: none. */
  conversation_id?: string;
  /** Let the provider keep the answer. Absent: the provider's default. */
  store?: boolean;
  /** Let the provider work on while nobody waits. Absent: no. */
  background?: boolean;
  /** End user, in the provider's older field. Absent: not said. */
  user?: string;
  /** Stable, anonymous id of the end user. Absent: not said. */
  safety_identifier?: string;
  /** Labels the provider keeps with the request. */
  metadata?: MetadataEntry[];
  /** Such as `auto`, `default`, `flex`, `priority`. Absent: the provider's default. */
  service_tier?: string;
  /** Fields of one wire format that this contract does not know. */
  extra?: ExtraBody[];
  /** More headers. Never credentials: `authorization` and its kin are refused. */
  headers?: Header[];
}

/**
 * When a request of unknown fate (sent, or perhaps sent, and no whole answer) is sent again. The provider may have done the
 * work and may bill both. Where the provider honours an idempotency key it is always sent again.
 */
export type ResendUnknown =
  /** Never, neither to the same model nor to another. */
  | "never"
  /** When it was lost before the head of an answer. */
  | "before_head"
  /** When it was lost before the caller saw anything of the answer. */
  | "before_token";

/** Why the model stopped. */
export type FinishReason =
  /** It was done, or met a stop text. */
  | "stop"
  /** It met a bound of length. */
  | "length"
  /** It wants results of tools. */
  | "tool_calls"
  /** Something was withheld. */
  | "content_filter"
  /** It paused and can be asked to go on. */
  | "pause"
  /** The provider failed while it wrote. */
  | "error"
  /** The provider used a word we do not know, or none. */
  | "other";

/** Why the model stopped, in our word and in the provider's. */
export interface Finish {
  /** Ours; it follows from what happened as well as from the word. */
  unified: FinishReason;
  /** The provider's. Absent: it sent none. */
  raw?: string;
}

/** Tokens, as a partition: parts that are known sum to their total. Absent is unknown, never 0. */
export interface Usage {
  /** All of the prompt: uncached + cache read + cache write. */
  input_tokens?: number;
  /** Of the prompt, neither read from nor written to a cache. */
  input_uncached_tokens?: number;
  /** Of the prompt, read from a cache. */
  input_cache_read_tokens?: number;
  /** Of the prompt, written to a cache. */
  input_cache_write_tokens?: number;
  /** All of the answer: text + reasoning. */
  output_tokens?: number;
  /** Of the answer, what is not reasoning. */
  output_text_tokens?: number;
  /** Of the answer, reasoning. */
  output_reasoning_tokens?: number;
  /** The provider's own object. Absent: it sent none. */
  raw?: Json;
}

/** One token of the answer, or an alternative to it. */
export interface TokenCandidate {
  /** Its text; may be part of a character. */
  token: string;
  /** Natural logarithm of its probability, as the provider wrote the number; `null`: it did not say. */
  logprob: Json;
  /** Its bytes, where the provider tells. Empty: not told. */
  bytes: string;
}

/** One token of the answer with its alternatives. */
export interface TokenLogprob {
  /** The token. */
  chosen: TokenCandidate;
  /** Alternatives, the likeliest first. */
  top: TokenCandidate[];
}

/** What became of a field. */
export type WarningKind =
  /** Left out. */
  | "dropped"
  /** Sent as something else. */
  | "renamed"
  /** Brought into range. */
  | "clamped";

/** What was dropped, renamed or clamped on the way to the provider. */
export interface Warning {
  /** What became of it. */
  kind: WarningKind;
  /** Path of the field in our request, such as `messages[2].content[0]`. */
  field: string;
  /** For a person: what, why, what helps. */
  message: string;
}

/** One answer of possibly several. */
export interface Choice {
  /** From 0. */
  index: number;
  /** What was said, in order. */
  content: Part[];
  /** Why it stopped. In a partial answer absent: it had not. */
  finish?: Finish;
  /** Log probabilities, when asked for. */
  logprobs: TokenLogprob[];
  /** Fields of the choice or its message that this contract does not know. */
  extra: NamedJson[];
}

/** The whole answer, or in an error what had come of it. */
export interface Response {
  /** The provider's id. Absent: none was sent. */
  id?: string;
  /** Provider that answered: the row's id. */
  provider: string;
  /** Model as the provider names it. Absent: it did not say. */
  model?: string;
  /** When the provider made it, Unix milliseconds. Absent: it did not say. */
  created_ms?: number;
  /** The provider's request id, from the head. Absent: none. */
  request_id?: string;
  /** The answers, by index. */
  choices: Choice[];
  /** Tokens. Absent: the provider did not tell. */
  usage?: Usage;
  /** Fields of the answer that this contract does not know (service tier, search results, ...). */
  extra: NamedJson[];
  /** What was dropped, renamed or clamped. */
  warnings: Warning[];
}

/** What went wrong, to match on. */
export type ErrorKind =
  /** The request cannot be sent, or the provider refuses its form (400, 422). */
  | "invalid_request"
  /** The provider is not in the registry. */
  | "unknown_provider"
  /** No key, or a wrong one (401). */
  | "authentication"
  /** A good key that may not do this (403). */
  | "permission"
  /** No such model or path (404). */
  | "not_found"
  /** The prompt does not fit into the model. */
  | "context_length"
  /** Refused for what it contains. */
  | "content_filter"
  /** Too many requests (429); a pause helps. */
  | "rate_limit"
  /** Money or a quota is spent (402, `insufficient_quota`); a pause does not help. */
  | "quota"
  /** The provider failed (5xx, or an error inside an answer). */
  | "server"
  /** The provider is overloaded (503, 529). */
  | "overloaded"
  /** No connection, or it broke before the answer began. */
  | "connection"
  /** The answer broke off. */
  | "cut"
  /** The answer is not what the wire format says. */
  | "protocol"
  /** A deadline passed. */
  | "timeout"
  /** A bound of the client was passed. */
  | "too_large"
  /** The caller gave up. */
  | "cancelled"
  /** A redirect, which is never followed. */
  | "redirect"
  /** A handle that is stale, foreign or dropped; a call out of order. The host's turn. */
  | "invalid_state"
  /** A broken assumption of ours. */
  | "internal"
  /** Held back by us: the deployment failed too often of late. Nothing was sent. */
  | "circuit_open";

/** A model to turn to when the ones before it failed. */
export interface FallbackStep {
  /** `provider/model`. */
  model: string;
  /**
   * Kinds of error it helps against. Empty: all but those that are the request's own fault or the caller's will
   * (`invalid-request`, `too-large`, `cancelled`).
   */
  on?: ErrorKind[];
}

/** How a call may be tried. It overrides the client's policy, field by field. */
export interface Policy {
  /** Attempts at each model, 1 to 100. One that a refused key cost is not counted while another key is left. Default 3. */
  max_attempts?: number;
  /** Upper end of the first backoff, in ms, 0 to 31622400000. Default 500. */
  backoff_base_ms?: number;
  /** Upper end of any backoff, in ms, 0 to 31622400000. Default 8000. */
  backoff_cap_ms?: number;
  /** From the start of the call to its end, in ms, 1 to 31622400000. Default 600000. */
  total_timeout_ms?: number;
  /** Longest silence while waiting for the head or for bytes, in ms, 1 to 31622400000. Default 300000. */
  idle_timeout_ms?: number;
  /** For a connection to stand, in ms, where the transport can tell, 1 to 31622400000. Default 10000. */
  connect_timeout_ms?: number;
  /** From handing out an attempt to the first visible piece of its streamed answer, in ms, 1 to 31622400000. Absent: no bound of its own. */
  first_token_timeout_ms?: number;
  /** When a request of unknown fate is sent again. Default `before-token`. */
  resend_unknown?: ResendUnknown;
  /** Models to turn to, in order, as long as the caller has seen nothing. Empty: none; in a call's options those of the client. */
  fallback?: FallbackStep[];
}

/** What stands beside a request. */
export interface CallOptions {
  /** Overrides of the client's policy. Absent: none. */
  policy?: Policy;
  /** Turn every warning into an error before anything is sent. Absent: no. */
  strict?: boolean;
  /**
   * What the caller's own deadline leaves of the time, in ms. The sooner of it and `total-timeout-ms` ends the call, and the
   * error says which. Absent: the caller has none.
   */
  caller_timeout_ms?: number;
  /** Names the call to a provider that honours such keys; the same for every attempt. Absent: one is made of the seed. */
  idempotency_key?: string;
  /** Keep the bytes of a streamed answer while it runs, so that a snapshot in the middle of it can go on. Absent: no. */
  resumable?: boolean;
}

/** Which bound of time a `timeout` passed. */
export type Deadline =
  /** `connect-timeout-ms`. */
  | "connect"
  /** `first-token-timeout-ms`. */
  | "first_token"
  /** `idle-timeout-ms`. */
  | "idle"
  /** `total-timeout-ms`. */
  | "total"
  /** The caller's own: `caller-timeout-ms`. */
  | "caller";

/** What a caller may do after a failure. */
export type NextStep =
  /** Send the same request again, after `retry-after-ms` if there is one. With `maybe-billed` it may be paid twice. */
  | "resend"
  /** Ask the model to go on from the partial answer. */
  | "continue"
  /** Nothing that is in the caller's hands as the request stands. */
  | "give_up";

/** How far a call had come. */
export type Phase =
  /** Before anything was sent. */
  | "request"
  /** No connection yet. */
  | "connect"
  /** Sent, or perhaps sent; no head yet. */
  | "head"
  /** Inside the answer. */
  | "body"
  /** The answer is there and cannot be read. */
  | "parse";

/** A failed call. */
export interface Error {
  /** What to match on. */
  kind: ErrorKind;
  /** For the person who must act: whose turn it is, what was expected, what came, what helps. No key, ever. */
  message: string;
  /** HTTP status. Absent: there was none. */
  status?: number;
  /** The provider's own code, such as `model_not_found`. Absent: none. */
  provider_code?: string;
  /** Whether sending the same request again may help. */
  retryable: boolean;
  /** The pause the provider asks for, in ms. Absent: none asked. */
  retry_after_ms?: number;
  /** The provider's request id. Absent: none. */
  request_id?: string;
  /** How far the call had come. */
  phase: Phase;
  /** Body bytes of the last attempt that had come. */
  bytes_seen: number;
  /** The provider's own words, at most 4096 bytes. Absent: none. */
  raw?: string;
  /** The answer so far. Absent: nothing had come. */
  partial?: Response;
  /** For a `timeout`: which bound was passed. Absent: it was the provider's own word. */
  deadline?: Deadline;
  /** Whether any attempt may have been billed although no answer came of it. */
  maybe_billed: boolean;
  /** What may be done now, the best first. Never empty. */
  next: NextStep[];
}

/** How an attempt ended. */
export type AttemptEnd =
  /** With a whole answer. */
  | "answered"
  /** With an error. */
  | "failed"
  /** We broke it off. */
  | "aborted";

/** What a pause is for. */
export type WaitReason =
  /** Exponential backoff with jitter. */
  | "backoff"
  /** The provider named it. */
  | "hint"
  /** The deployment cools down, since another call was told to wait. */
  | "cooldown"
  /** All keys of the provider rest. */
  | "keys"
  /** No pause: another key, or another model, is tried at once. */
  | "none";

/** How the call ended. */
export type OutcomeResult =
  /** Well. */
  | ({ type: "response" } & Response)
  /** Not well. */
  | ({ type: "error" } & Error);

/** What kind of part begins. */
export type PartKind =
  /** Deltas are `text-delta`. */
  | "text"
  /** Deltas are `reasoning-delta`. */
  | "reasoning"
  /** Deltas are `refusal-delta`. */
  | "refusal"
  /** Deltas are `tool-arguments-delta`. */
  | "tool_call";

/** The answer has begun. */
export interface StartEvent {
  /** As in `response`. */
  id?: string;
  /** As in `response`. */
  provider: string;
  /** As in `response`. */
  model?: string;
  /** As in `response`. */
  created_ms?: number;
  /** As in `response`. */
  request_id?: string;
}

/** A part begins. */
export interface PartStartEvent {
  /** The choice it belongs to. */
  choice: number;
  /** Its id, unique in the answer, from 0. */
  part: number;
  /** What it is. */
  kind: PartKind;
  /** For a tool call: its id. */
  tool_call_id?: string;
  /** For a tool call: the tool's name. */
  tool_name?: string;
}

/** More of a part. */
export interface DeltaEvent {
  /** The choice. */
  choice: number;
  /** The part. */
  part: number;
  /** What is added. Never empty. */
  text: string;
}

/** A part ends. */
export interface PartEndEvent {
  /** The choice. */
  choice: number;
  /** The part. */
  part: number;
  /** What goes back to the provider with it. Absent: nothing. */
  provider_data?: ProviderData;
}

/** A part that came whole. */
export interface PartEvent {
  /** The choice. */
  choice: number;
  /** Its id. */
  part: number;
  /** The part. */
  content: Part;
}

/** Log probabilities of what came. */
export interface LogprobsEvent {
  /** The choice. */
  choice: number;
  /** In order. */
  tokens: TokenLogprob[];
}

/** Why a choice stopped. */
export interface FinishEvent {
  /** The choice. */
  choice: number;
  /** Why. */
  finish: Finish;
}

/** An attempt failed and another will follow. */
export interface RetryNotice {
  /** The attempt that failed. */
  attempt: number;
  /** Why. */
  error: ErrorKind;
  /** In words. */
  cause: string;
  /** Pause before the next, in ms. */
  delay_ms: number;
  /** What the pause is for. */
  reason: WaitReason;
}

/** Another model is asked from here on. */
export interface FallbackNotice {
  /** The model that failed, `provider/model`. */
  from_model: string;
  /** The model that is asked now. */
  to_model: string;
  /** Why. */
  error: ErrorKind;
  /** In words. */
  cause: string;
}

/** An attempt is held back. */
export interface HoldNotice {
  /** The model it is for, `provider/model`. */
  model: string;
  /** Why. */
  reason: WaitReason;
  /** For how long, in ms. */
  delay_ms: number;
}

/** What the policy did. */
export type Notice =
  /** An attempt failed and another will follow. */
  | ({ type: "retry" } & RetryNotice)
  /** Another model is asked from here on. */
  | ({ type: "fallback" } & FallbackNotice)
  /** An attempt is held back. */
  | ({ type: "hold" } & HoldNotice);

/** The policy did something. */
export interface NoticeEvent {
  /** What. */
  notice: Notice;
}

/**
 * What a stream says. Order: `start`; then for each part `part-start`, its deltas, `part-end` (parts
 * may overlap), `part` for those that come whole; `finish` for each choice; `usage`. `notice`,
 * `warning`, `heartbeat` anywhere. The outcome says the same once more, folded.
 */
export type Event =
  /** The answer has begun. */
  | ({ type: "start" } & StartEvent)
  /** A part begins. */
  | ({ type: "part_start" } & PartStartEvent)
  /** More of a text. */
  | ({ type: "text_delta" } & DeltaEvent)
  /** More thinking. */
  | ({ type: "reasoning_delta" } & DeltaEvent)
  /** More of a refusal. */
  | ({ type: "refusal_delta" } & DeltaEvent)
  /** More of a tool's arguments. */
  | ({ type: "tool_arguments_delta" } & DeltaEvent)
  /** A part ends. */
  | ({ type: "part_end" } & PartEndEvent)
  /** A part that came whole. */
  | ({ type: "part" } & PartEvent)
  /** Log probabilities of what came. */
  | ({ type: "logprobs" } & LogprobsEvent)
  /** Why a choice stopped. */
  | ({ type: "finish" } & FinishEvent)
  /** Tokens so far; the last one counts. */
  | ({ type: "usage" } & Usage)
  /** The provider is alive and has nothing to say. */
  | { type: "heartbeat" }
  /** The policy did something. */
  | ({ type: "notice" } & NoticeEvent)
  /** Something was dropped, renamed or clamped. */
  | ({ type: "warning" } & Warning);

/** A key in a header. */
export interface HeaderAuth {
  /** Lower-case name of the header. */
  name: string;
  /** What stands before the key, such as `Bearer `. May be empty. */
  prefix: string;
}

/** A key in the query. */
export interface QueryAuth {
  /** Name of the parameter. */
  name: string;
}

/** Where the host fills in a key. The core never sees it. */
export type AuthSlot =
  /** In a header. */
  | ({ type: "header" } & HeaderAuth)
  /** In the query of the URL. */
  | ({ type: "query" } & QueryAuth);

/** How a blob is written into a body. */
export type BlobEncoding =
  /** As it is. */
  | "raw"
  /** Base64 with padding, standard alphabet (RFC 4648 section 4). */
  | "base64";

/** Text of a body. */
export interface TextSegment {
  /** The text. */
  text: string;
}

/** A blob of a body. */
export interface BlobSegment {
  /** The host's name for it. */
  id: string;
  /** How it is written. */
  encoding: BlobEncoding;
}

/** A piece of a request body. The host joins them. */
export type BodySegment =
  /** Text, written as UTF-8. */
  | ({ type: "text" } & TextSegment)
  /** Bytes of the host. */
  | ({ type: "blob" } & BlobSegment);

/** One HTTP request for the host to send. Redirects are not to be followed. */
export interface HttpRequest {
  /** Upper case. */
  method: string;
  /** Absolute, `https:` or `http:`; its origin is one of the egress table's. */
  url: string;
  /** Without `host`, `content-length` and credentials. */
  headers: Header[];
  /** Where the key goes. Absent: none is sent. */
  auth?: AuthSlot;
  /** The body, in order. Empty: no body. */
  body: BodySegment[];
  /** Length of the joined body, in bytes. */
  body_length: number;
}

/** An attempt to begin. */
export interface Send {
  /** Names it from now on. From 1, never used twice in a call. */
  attempt: number;
  /** Egress row whose key and origins apply. */
  provider: string;
  /** Which of the row's keys: 0 is the first that is set of `key-env`, 1 the first of `spare-key-env`, and so on. */
  key_slot: number;
  /** What to send. */
  request: HttpRequest;
  /**
   * Longest silence, in ms, counted while the host waits for this attempt's head or bytes (it waits for
   * bytes only while its reader wants more). Absent: no bound.
   */
  idle_ms?: number;
  /** Longest time to connect, in ms. Absent: no bound. */
  connect_timeout_ms?: number;
  /**
   * Most body bytes the core will take; the host may stop reading there and tell `too-large`. Absent: the
   * answer is a stream, and the core counts what it keeps.
   */
  max_body_bytes?: number;
}

/** The head of an HTTP answer. */
export interface ResponseHead {
  /** 100 to 599; interim heads (1xx) are not told. */
  status: number;
  /** In the order in which they came. */
  headers?: Header[];
}

/** What went wrong with the transport. */
export type FailureKind =
  /** The name has no address. */
  | "dns"
  /** No connection. */
  | "connect"
  /** It took longer than `connect-timeout-ms`. */
  | "connect_timeout"
  /** TLS failed: certificate, version. */
  | "tls"
  /** The connection broke. */
  | "reset"
  /** What came is not HTTP. */
  | "http"
  /** The body passed `max-body-bytes`. */
  | "too_large"
  /** No key is set for this provider; nothing was sent. */
  | "missing_key"
  /** The URL is outside the egress table; nothing was sent. */
  | "egress"
  /** A blob is missing or of another length; nothing was sent. */
  | "missing_blob"
  /** The process that held the connection is gone: told after a restore. */
  | "lost"
  /** Anything else. */
  | "other";

/** How far a failed attempt had come. */
export type Reached =
  /** Nothing left the host. */
  | "not_connected"
  /** Connected, nothing sent. */
  | "connected"
  /** Part of the request may be there. */
  | "partly_sent"
  /** The request is there. */
  | "sent"
  /** The head had come. */
  | "head_seen"
  /** Bytes of the body had come. */
  | "body_seen"
  /** The transport cannot tell; counts as possibly sent. */
  | "unknown";

/** One attempt, told at the end. */
export interface AttemptReport {
  /** From 1. */
  attempt: number;
  /** Row it went to. */
  provider: string;
  /** Model it asked for, without the prefix. */
  model: string;
  /** When the request was handed to the host. */
  started_ms: number;
  /** When the head came. Absent: never. */
  head_ms?: number;
  /** When it ended. */
  ended_ms: number;
  /** HTTP status. Absent: no head. */
  status?: number;
  /** Body bytes received. */
  bytes_seen: number;
  /** How it ended. */
  end: AttemptEnd;
  /** What went wrong. Absent: nothing. */
  error?: ErrorKind;
  /** In words. Absent: nothing went wrong. */
  cause?: string;
  /** Pause before the next attempt, in ms. Absent: none followed. */
  wait_ms?: number;
  /** What that pause was for. Absent: none followed. */
  wait_reason?: WaitReason;
  /** Whether the provider may have done the work although no answer came, and may bill it. */
  maybe_billed: boolean;
  /** Which of the provider's keys it used, from 0. */
  key_slot: number;
  /** How far it had come, as the transport told. Absent: it did not fail in the transport. */
  reached?: Reached;
}

/** What the call cost in time and attempts. */
export interface Report {
  /** When it started. */
  started_ms: number;
  /** When it ended. */
  ended_ms: number;
  /** From the start to the first visible piece (text, reasoning, refusal, tool arguments), in ms. Absent: none came. */
  first_token_ms?: number;
  /** Every attempt, in order. */
  attempts: AttemptReport[];
  /** Time during which attempts were held back (`cooldown`, `keys`), in ms. */
  held_ms: number;
}

/** The end of a call. */
export interface Outcome {
  /** Answer or error. */
  result: OutcomeResult;
  /** Times and attempts. */
  report: Report;
}

/** What the host has to do now. Every function that moves a call answers with one. */
export interface Step {
  /** Requests to begin. */
  send: Send[];
  /** Attempts to break off. What still arrives of them may be told or not. */
  abort: number[];
  /** For the caller, in order. */
  events: Event[];
  /** When to call `call-wake` at the latest, if nothing else happens. Absent: no need. */
  wake_at_ms?: number;
  /** The end. Absent: the call goes on. */
  outcome?: Outcome;
  /** The client's memory moved: take a snapshot some time. */
  state_changed: boolean;
}

/** What `call-start` answers. */
export interface Started {
  /** Handle of the call. */
  call: number;
  /** The first step. */
  step: Step;
}

/** A failed attempt. */
export interface TransportFailure {
  /** What went wrong. */
  kind: FailureKind;
  /** How far it had come. */
  reached: Reached;
  /** The transport's own words, without keys. */
  message: string;
}

/** Bounds. Passing one fails the call whose bytes would pass it with `too-large`. */
export interface Limits {
  /** One line of a stream, in bytes. Default 8388608. */
  max_line_bytes?: number;
  /** One body, in bytes after decoding. Default 16777216. */
  max_body_bytes?: number;
  /** One request body, blobs not counted, in bytes. Default 33554432. */
  max_request_bytes?: number;
  /** All bytes that the calls of a client hold together, their request bodies among them, in bytes. Default 67108864. */
  max_held_bytes?: number;
}

/** A provider: a row of data. A row with a known id changes that row: what is absent stays. */
export interface ProviderRow {
  /** Prefix of the model, `[a-z0-9_-]+`. */
  id: string;
  /** Wire format. Absent: that of the known row, else `openai-chat`. */
  protocol?: string;
  /** Where the paths of the wire format begin, without a slash at the end. Absent: that of the known row. */
  base_url?: string;
  /** Where the key goes. Absent: that of the known row, else a bearer token in `authorization`. */
  auth?: AuthSlot;
  /**
   * Environment variables that may hold the key, the first that is set wins. Empty: those of the known row
   * as long as the origin stays the known one or the row had none; else no key is sent.
   */
  key_env?: string[];
  /**
   * Environment variables of further keys, one each, at most 63: turned to when a key is refused (401, 403) or limited
   * (429). Empty: none.
   */
  spare_key_env?: string[];
  /** Header in which the provider honours an idempotency key, lower case. Absent: that of the known row, else none. */
  idempotency_header?: string;
}

/** What protects a provider, and the caller's purse, across the calls of a client. */
export interface Guards {
  /**
   * Retries that a client has in hand, 0 to 1000000. Each one taken costs one, but for those that a 429 asked back by naming
   * a pause; `retry-refill-percent` gives back. Default 10.
   */
  retry_budget?: number;
  /** Hundredths of a retry that each good answer gives back, 0 to 10000. Default 20. */
  retry_refill_percent?: number;
  /** How long it takes for one retry to come back by itself, in ms, 0 to 31622400000. 0: none does. Default 10000. */
  retry_refill_ms?: number;
  /** Failures of a deployment (a model of a provider), one after another, that open its circuit. 0: it never opens. Default 10. */
  breaker_failures?: number;
  /** How long an open circuit lets nothing through, in ms, 1 to 31622400000. Default 10000. */
  breaker_open_ms?: number;
  /** Attempts that a half-open circuit lets through at a time, 1 to 1000; the first good one closes it. Default 1. */
  breaker_probes?: number;
  /** Longest cooldown that a provider's hint may impose on other calls, and longest rest of a limited key, in ms, 0 to 31622400000. 0: none. Default 60000. */
  cooldown_cap_ms?: number;
  /** How long a refused key (401, 403) rests while there are others, in ms, 0 to 31622400000. Default 300000. */
  key_rest_ms?: number;
}

/** What a client is made of. */
export interface ClientConfig {
  /** Changed or added providers. */
  providers?: ProviderRow[];
  /** Defaults of every call. Absent: those documented in `policy`. */
  policy?: Policy;
  /** Bounds. Absent: those documented in `limits`. */
  limits?: Limits;
  /** Retry budget, circuits, cooldowns. Absent: those documented in `guards`. */
  guards?: Guards;
}

/** What a host may do for one provider. Frozen when the client is created. */
export interface EgressRow {
  /** The row's id. */
  provider: string;
  /** Wire format. */
  protocol: string;
  /** Origins (`scheme://host[:port]`) that requests may go to. */
  origins: string[];
  /** Where the key goes. Absent: no key is sent. */
  auth?: AuthSlot;
  /** Environment variables that may hold the key, the first that is set wins. */
  key_env: string[];
  /** Environment variables of further keys, one each. */
  spare_key_env: string[];
}

/** What `client-create` answers. */
export interface Created {
  /** Handle of the client. */
  client: number;
  /** Where requests may go, and with which key. */
  egress: EgressRow[];
}

/** What a client remembers of a deployment. */
export interface DeploymentState {
  /** Row. */
  provider: string;
  /** Model, without the prefix. */
  model: string;
  /** Failures one after another. */
  failures: number;
  /** Until when its circuit lets nothing through. Absent: it is closed. In the past: it is half-open. */
  open_until_ms?: number;
  /** Until when it cools down. Absent: it does not. */
  cooldown_until_ms?: number;
  /** How many circuits of the client had opened when this one did. 0: it never did. */
  opening: number;
}

/** A key that rests. */
export interface KeyState {
  /** Row. */
  provider: string;
  /** Which of its keys. */
  key_slot: number;
  /** Until when. */
  until_ms: number;
  /** Whether it was refused (401, 403) rather than limited. */
  refused: boolean;
}

/** A client's memory: plain data for the next instance. */
export interface ClientSnapshot {
  /** Version of the form; another one is refused. */
  state_version: number;
  /** Newest time the client was told. */
  now_ms: number;
  /** What is left of the retry budget, in hundredths of a retry. */
  retry_hundredths: number;
  /** Since when time has given nothing back to it, Unix milliseconds. */
  refilled_at_ms: number;
  /** Deployments that are not simply well. */
  deployments: DeploymentState[];
  /** Keys that rest. */
  keys: KeyState[];
}

/** A call between two steps: plain data, for another instance or another process. */
export interface CallSnapshot {
  /** Version of the form; another one is refused. */
  state_version: number;
  /**
   * Attempts that were under way. Whoever restores the call goes on telling what happens to them; of those whose connection
   * is gone that is a failure of the kind `lost`.
   */
  running?: number[];
  /** Blobs that the request names; they are the caller's and must be at hand again. */
  blobs?: string[];
  /** The rest, for the core alone. */
  state: Json;
}
