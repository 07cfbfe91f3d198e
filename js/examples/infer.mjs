// One question by the one-liner: `node examples/infer.mjs MODEL BASE_URL PROMPT`; what came of it as one JSON object.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Client } from "@literllm/client";

const [model, baseUrl, prompt] = process.argv.slice(2);
const client = new Client({ baseUrl: { [model.split("/")[0]]: baseUrl } });
const { text, tokens, finish, usage } = await client.infer(model, prompt);
const core = await readFile(new URL("../core/literllm_web.wasm", import.meta.url));
const core_sha256 = createHash("sha256").update(core).digest("hex");
console.log(JSON.stringify({ core_sha256, text, tokens, finish, usage }));
