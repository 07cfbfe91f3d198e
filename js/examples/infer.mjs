// One question by the one-liner: `node examples/infer.mjs MODEL BASE_URL PROMPT`; the answer as one JSON object.

import { createHash } from "node:crypto";

import { BASE64 } from "../core/inline.js";
import { Client } from "@literllm/client";

const [model, baseUrl, prompt] = process.argv.slice(2);
const client = new Client({ baseUrl: { [model.split("/")[0]]: baseUrl } });
const { text, tokens, finish = null, usage = null } = await client.infer(model, prompt);
// Of the module that ran.
const core_sha256 = createHash("sha256").update(Buffer.from(BASE64, "base64")).digest("hex");
console.log(JSON.stringify({ core_sha256, text, tokens, finish, usage }));
