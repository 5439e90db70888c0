import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Conformance, runConformance } from "../../../src/adapters/starlark/wasm/conformance.ts";

const adapter = new URL("../../../src/adapters/starlark/", import.meta.url);
const cases = fileURLToPath(new URL("wasm/build/cases.json", adapter));
const recorded: Conformance = JSON.parse(
  readFileSync(new URL("PROVENANCE.json", adapter), "utf8"),
).conformance;

test("the recorded conformance is what the design asks for", () => {
  expect(recorded.cases).toBeGreaterThanOrEqual(931);
  expect(recorded.passed).toBeGreaterThanOrEqual(926);
});

const here = existsSync(cases);
if (!here) {
  console.warn(
    "SKIPPED: the library's assertions are not in wasm/build/cases.json; `npm run build:wasm` puts them there",
  );
}

test.skipIf(!here)("the library's own assertions still hold", async () => {
  expect(await runConformance(cases)).toEqual(recorded);
});
