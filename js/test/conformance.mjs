// Plays the vectors of `tests/vectors` to this host's core and prints everything that crosses.
//
// `node test/conformance.mjs VECTORS_DIR [CUTTING...]`, the cuttings `whole`, `bytes` and `seeded` (all of them when none
// is named). One line for each crossing, its fields apart by tabs: vector, cutting, number of the crossing from 0,
// function, `ok` or `err`, the core's document as it came, and the same read into this host's types (which are the JSON
// form itself) and written again in canonical form (RFC 8785). What every host prints must be the same bytes.

import { existsSync, readFileSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import canonicalize from "canonicalize";

import { makeCore } from "../dist/instance.js";
import { MEMORY_BYTES } from "../dist/engine.js";

const START_MS = 1_700_000_000_000;
const STEP_MS = 10;
const SEED = 7n;
const SEEDED_CUTS = 20;
const CUTTINGS = ["whole", "bytes", "seeded"];

const [root, ...named] = process.argv.slice(2);
if (root === undefined || named.some((cutting) => !CUTTINGS.includes(cutting))) {
  console.error(`usage: node conformance.mjs VECTORS_DIR [${CUTTINGS.join("|")}]...`);
  process.exit(2);
}

const file = new URL("../core/literllm_web.wasm", import.meta.url);
const module = new WebAssembly.Module(readFileSync(file));

/** One vector, one cutting. */
class Player {
  // A new instance each time: the handles in the documents follow from what an instance did before.
  #core = makeCore(module, MEMORY_BYTES);
  #folder;
  #index = 0;
  #nowMs = START_MS;
  #call = 0;

  constructor(name, cutting) {
    this.name = name;
    this.cutting = cutting;
    this.#folder = join(root, name);
  }

  play() {
    const created = this.#cross("client-create", () => this.#core.client_create(this.#text("config.json"), 1));
    if (created === undefined) return;
    const [request, options] = [this.#text("request.json"), this.#text("options.json")];
    const started = this.#cross("call-start", () => this.#core.call_start(created.client, request, options, START_MS, SEED));
    if (started !== undefined) {
      this.#call = started.call;
      this.#run(started.step);
    }
    this.#core.client_drop(created.client);
  }

  #run(step) {
    for (let attempts = 0; step !== undefined && step.outcome === undefined; ) {
      if (step.send.length > 0) {
        attempts++;
        step = this.#answer(step.send[0].attempt, attempts === 1 ? "" : `-${attempts}`);
      } else if (step.wake_at_ms !== undefined) {
        this.#nowMs = Math.max(this.#nowMs, step.wake_at_ms);
        step = this.#cross("call-wake", () => this.#core.call_wake(this.#call, undefined, this.#nowMs));
      } else {
        throw new Error(`${this.name}: the call waits for nothing and does not end`);
      }
    }
  }

  /** Tells what happens to one attempt, until it is over; answers with the last step. */
  #answer(attempt, suffix) {
    const call = this.#call;
    if (this.#exists(`head${suffix}.json`)) {
      const head = this.#text(`head${suffix}.json`);
      const nowMs = this.#later();
      this.#cross("call-head", () => this.#core.call_head(call, attempt, head, nowMs));
    }
    const body = readdirSync(this.#folder).find((file) => file.split(".")[0] === `body${suffix}`);
    if (body !== undefined) {
      const nowMs = this.#later();
      for (const piece of this.#pieces(readFileSync(join(this.#folder, body)))) {
        const step = this.#cross("call-body", () => this.#core.call_body(call, attempt, piece, nowMs));
        if (step === undefined || step.outcome !== undefined || step.abort.includes(attempt)) return step;
      }
    }
    const nowMs = this.#later();
    if (this.#exists(`failure${suffix}.json`)) {
      const failure = this.#text(`failure${suffix}.json`);
      return this.#cross("call-failed", () => this.#core.call_failed(call, attempt, failure, nowMs));
    }
    return this.#cross("call-end", () => this.#core.call_end(call, attempt, nowMs));
  }

  /** Crosses and prints. `undefined`: the core said no. */
  #cross(name, act) {
    let document;
    let state = "ok";
    try {
      document = act();
    } catch (error) {
      if (typeof error !== "string") throw error;
      [document, state] = [error, "err"];
    }
    const value = JSON.parse(document);
    print([this.name, this.cutting, this.#index++, name, state, document, canonicalize(value)].join("\t") + "\n");
    return state === "ok" ? value : undefined;
  }

  #exists(file) {
    return existsSync(join(this.#folder, file));
  }

  #text(file) {
    return this.#exists(file) ? readFileSync(join(this.#folder, file), "utf8") : "{}";
  }

  #later() {
    this.#nowMs += STEP_MS;
    return this.#nowMs;
  }

  #pieces(body) {
    const places = [0, body.length];
    if (this.cutting === "bytes" && body.length > 0) {
      for (let place = 1; place < body.length; place++) places.push(place);
    }
    if (this.cutting === "seeded") places.push(...seeded(this.name, body.length + 1));
    places.sort((one, two) => one - two);
    return places.slice(1).map((end, index) => body.subarray(places[index], end));
  }
}

/** Twenty places below `bound` that follow from the vector's name: FNV-1a, then SplitMix64. */
function seeded(name, bound) {
  const u64 = (value) => BigInt.asUintN(64, value);
  let state = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(name)) state = u64((state ^ BigInt(byte)) * 0x100000001b3n);
  return Array.from({ length: SEEDED_CUTS }, () => {
    state = u64(state + 0x9e3779b97f4a7c15n);
    let x = state;
    x = u64((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
    x = u64((x ^ (x >> 27n)) * 0x94d049bb133111ebn);
    return Number((x ^ (x >> 31n)) % BigInt(bound));
  });
}

/** Waits for a slow reader: what is printed is compared to its last byte. */
let printed = [];
function print(line) {
  printed.push(line);
  if (printed.length >= 1000) flush();
}

function flush() {
  let bytes = Buffer.from(printed.join(""));
  printed = [];
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

const folders = (parent) =>
  readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => Buffer.from(entry.name))
    .sort(Buffer.compare)
    .map(String);

for (const format of folders("")) {
  for (const folder of folders(format)) {
    for (const cutting of named.length > 0 ? named : CUTTINGS) new Player(`${format}/${folder}`, cutting).play();
  }
}
flush();
