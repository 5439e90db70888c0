import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Conformance } from "./conformance.ts";

/** Where the committed artefact came from. */
export type Provenance = {
  readonly abi: number;
  readonly go: string;
  readonly flags: string;
  readonly library: { readonly module: string; readonly version: string; readonly sum: string };
  readonly inputs: Readonly<Record<string, string>>;
  readonly wasm: { readonly bytes: number; readonly sha256: string };
  readonly brotli: { readonly bytes: number; readonly sha256: string };
  readonly conformance: Conformance;
};

/** The adapter's folder. */
export const root = join(import.meta.dirname, "..");

/** The committed evaluator. */
export const artefact = join(root, "starlark.wasm.br");

/** The file that says where the artefact came from. */
export const provenance = join(root, "PROVENANCE.json");

/** Hashes of everything of ours that goes into the artefact. */
export function hashOfInputs(): Record<string, string> {
  const wasm = join(root, "wasm");
  const sources = ["cmd", "evalcore", "patches"].flatMap((folder) =>
    readdirSync(join(wasm, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith("_test.go"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const files = [join(wasm, "go.mod"), join(wasm, "go.sum"), ...sources].sort();
  return Object.fromEntries(
    files.map((file) => [relative(wasm, file).replaceAll("\\", "/"), sha256(readFileSync(file))]),
  );
}

/** The SHA-256 of some bytes, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
