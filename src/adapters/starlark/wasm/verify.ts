import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { artefact, hashOfInputs, type Provenance, provenance, sha256 } from "./provenance.ts";

// Checks, without Go, that the committed evaluator is the one built from the committed sources.

const recorded: Provenance = JSON.parse(readFileSync(provenance, "utf8"));
const packed = readFileSync(artefact);
const problems: string[] = [];

const packedHash = sha256(packed);
if (packedHash !== recorded.brotli.sha256) problems.push("the artefact is not the one in PROVENANCE.json");
if (readFileSync(`${artefact}.sha256`, "utf8") !== `${packedHash}  ${basename(artefact)}\n`) {
  problems.push("the artefact is not the one in its .sha256 file");
}
if (sha256(brotliDecompressSync(packed)) !== recorded.wasm.sha256) {
  problems.push("the inflated artefact is not the WebAssembly module in PROVENANCE.json");
}
const inputs = hashOfInputs();
for (const file of new Set([...Object.keys(inputs), ...Object.keys(recorded.inputs)])) {
  if (inputs[file] !== recorded.inputs[file])
    problems.push(`wasm/${file} has changed since the artefact was built`);
}

for (const problem of problems) console.error(`starlark: ${problem}`);
if (problems.length > 0) {
  console.error("starlark: rebuild it with `npm run build:wasm` (needs Go)");
  process.exitCode = 1;
}
