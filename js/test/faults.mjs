// Plays fault scripts to the simulator and prints what came of each.
//
// `node test/faults.mjs ADDRESS`, the address of `literllm mock --scripts`. One line of JSON for each script, as
// `tests/faults/README.md` tells. What every host prints must be the same decisions.

import { Client, LiterLLMError } from "../dist/index.js";

/** Scripts played together: most of their time is spent waiting. */
const AT_A_TIME = 8;

const [address] = process.argv.slice(2);
if (address === undefined) {
  console.error("usage: node faults.mjs ADDRESS");
  process.exit(2);
}

const scripts = await (await fetch(`${address}/faults`)).json();
await Promise.all(
  Array.from({ length: AT_A_TIME }, async () => {
    for (let script = scripts.shift(); script !== undefined; script = scripts.shift()) {
      console.log(JSON.stringify(await play(script)));
    }
  }),
);

/** One client, its calls one after the other. */
async function play({ script, seed, config, calls }) {
  const client = new Client({ ...config, seed: () => seed });
  const lines = [];
  for (const one of calls) lines.push(await call(client, one));
  return { script, calls: lines };
}

async function call(client, { request, options, cancel }) {
  const { caller_timeout_ms: timeoutMs, idempotency_key: idempotencyKey, ...same } = options;
  const beside = { ...same, ...(timeoutMs && { timeoutMs }), ...(idempotencyKey && { idempotencyKey }) };
  const notices = [];
  try {
    if (!request.stream) return line(await client.chat(request, beside), []);
    const { model, messages, stream: _, ...fields } = request;
    const stream = client.stream(model, messages, { ...fields, ...beside });
    for await (const event of stream) {
      if (event.type === "notice") notices.push(notice(event.notice));
      if (givesUp(cancel, event)) stream.cancel();
    }
    return line(await stream.answer(), notices);
  } catch (error) {
    if (!(error instanceof LiterLLMError)) throw error;
    return line(error, notices);
  }
}

function givesUp(cancel, event) {
  if (cancel === "first_delta") return event.type === "text_delta";
  return cancel === "wait" && event.type === "notice" && event.notice.type !== "fallback";
}

/** What came of a call. */
function line(end, notices) {
  const failed = end instanceof LiterLLMError ? end : undefined;
  const response = failed ? failed.detail.partial : end.response;
  return {
    outcome: failed?.kind ?? "response",
    text: failed ? failed.textSoFar : end.text,
    next: failed?.next ?? [],
    maybe_billed: failed?.maybeBilled ?? false,
    deadline: failed?.deadline ?? null,
    message: failed?.message ?? null,
    warnings: (response?.warnings ?? []).map((warning) => warning.field),
    attempts: (end.report?.attempts ?? []).map(attempt),
    notices,
  };
}

function attempt(report) {
  return {
    model: `${report.provider}/${report.model}`,
    status: report.status ?? null,
    error: report.error ?? null,
    wait_ms: report.wait_ms ?? null,
    wait_reason: report.wait_reason ?? null,
    key_slot: report.key_slot,
    maybe_billed: report.maybe_billed,
  };
}

function notice({ type, from_model, to_model, model, error, reason, delay_ms }) {
  // What a kind of notice has not is undefined, and left out of the text.
  return { type, from_model, to_model, model, error, reason, delay_ms };
}
