// Writes `core/hash.js`: the SHA-256 of the module, which stands beside every snapshot.
//
// `node core-hash.mjs`, the first part of `npm run build`. It is not reckoned when the package runs, since an edge runtime
// hands us a compiled module and never its bytes.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const here = (name) => new URL(`core/${name}`, import.meta.url);

if (!existsSync(here("literllm_web.wasm"))) {
  console.error("core/literllm_web.wasm is absent; next: `cargo xtask build`");
  process.exit(1);
}
const sha256 = createHash("sha256").update(readFileSync(here("literllm_web.wasm"))).digest("hex");
const first = "// Written by `npm run build` (core-hash.mjs).\n";
lay("hash.js", `${first}export const SHA256 = "${sha256}";\n`);
lay("hash.d.ts", `${first}/** SHA-256 of literllm_web.wasm, in hex. */\nexport const SHA256: string;\n`);

/** Leaves a file alone that says the same. */
function lay(name, text) {
  if (!existsSync(here(name)) || readFileSync(here(name), "utf8") !== text) writeFileSync(here(name), text);
}
