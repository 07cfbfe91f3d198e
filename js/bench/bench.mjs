// What a call costs over the floor, in CPU time of this process (user and system).
//
// `node bench/bench.mjs --base-url URL [--wakes-url URL] [--rounds N] [--calls N] [--case NAME]`, the URLs those of
// simulators: the first writes its events ten at a time, the second one by one with a pause between. The floor is the
// least one can do with the same answer: bare `fetch`, `JSON.parse` of every chunk, the smallest SSE loop. Contenders
// take turns within a round. One JSON line for each case, contender and round.

import { parseArgs } from "node:util";
import { Client } from "../dist/index.js";

const { values } = parseArgs({
  options: {
    "base-url": { type: "string" },
    "wakes-url": { type: "string" },
    rounds: { type: "string", default: "5" },
    calls: { type: "string", default: "200" },
    case: { type: "string" },
    contender: { type: "string" },
  },
});
const baseUrl = values["base-url"];
if (baseUrl === undefined) throw new Error("--base-url is missing; next: `literllm mock --events-per-write 10 --chunk-delay-ms 1`");

const PROMPT = "Tell me a short story about a river.";

const CASES = [
  { name: "plain", url: baseUrl, model: "mock-tokens-20", stream: false, chunks: 1, warmUp: 3000 },
  { name: "bursts", url: baseUrl, model: "mock-tokens-100", stream: true, chunks: 100, warmUp: 1000 },
  { name: "wakes", url: values["wakes-url"], model: "mock-tokens-100", stream: true, chunks: 100, warmUp: 50 },
];

/** The smallest client: what everybody would write in an afternoon. */
async function floor({ url, model, stream }) {
  const messages = [{ role: "user", content: PROMPT }];
  const body = { model, messages, ...(stream && { stream, stream_options: { include_usage: true } }) };
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: stream ? "text/event-stream" : "application/json" },
    body: JSON.stringify(body),
  });
  if (!stream) return JSON.parse(await response.text()).choices[0].message.content;
  const decoder = new TextDecoder();
  let text = "";
  let rest = "";
  for await (const bytes of response.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
      text += JSON.parse(line.slice(6)).choices[0]?.delta.content ?? "";
    }
  }
  return text;
}

const clients = new Map();
function clientOf(url) {
  if (!clients.has(url)) clients.set(url, new Client({ baseUrl: { openai: url } }));
  return clients.get(url);
}

async function literllm({ url, model, stream }) {
  const client = clientOf(url);
  if (!stream) {
    return (await client.chat({ model: `openai/${model}`, messages: [{ role: "user", content: PROMPT }] })).text;
  }
  let text = "";
  for await (const event of client.stream(`openai/${model}`, PROMPT)) {
    if (event.type === "text_delta") text += event.text;
  }
  return text;
}

const CONTENDERS = Object.entries({ floor, literllm }).filter(([name]) => [undefined, name].includes(values.contender));

async function measure(one, run, calls) {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call++) {
    const text = await run(one);
    if (text.length < 20) throw new Error(`${one.name}: the answer is "${text}"`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

for (const one of CASES) {
  if (one.url === undefined || ![undefined, one.name].includes(values.case)) continue;
  // A stream of a hundred wakes takes a fifth of a second of waiting.
  const calls = one.name === "wakes" ? Math.ceil(Number(values.calls) / 10) : Number(values.calls);
  // V8 compiles what is called often once more, in threads whose time counts here: a server has that behind it.
  for (const [, run] of CONTENDERS) await measure(one, run, one.warmUp);
  for (let round = 1; round <= Number(values.rounds); round++) {
    for (const [contender, run] of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
      const cpu = await measure(one, run, calls);
      const line = { case: one.name, contender, round, cpu_us_per_call: cpu, cpu_us_per_chunk: cpu / one.chunks };
      console.log(JSON.stringify(line));
    }
  }
}
