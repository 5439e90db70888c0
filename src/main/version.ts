import { readFileSync } from "node:fs";
import { packageFile } from "./places.ts";

/** Station's own version, from its package. */
export const version: string = readVersion();

function readVersion(): string {
  const text = readFileSync(packageFile, "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
