import { hash } from "node:crypto";
import type { Definition } from "./types.ts";

/**
 * True when two definitions mean the same: whatever is laid out, commented or spelled differently does not count, nor does
 * the form, which follows from the rest and from the program that read it.
 */
export function isSameDefinition(a: Definition, b: Definition): boolean {
  return a === b || canonicalText(a) === canonicalText(b);
}

/** SHA-256 (hex) of what a definition means, however it is laid out. */
export function definitionDigest(definition: Definition): string {
  const digest = digests.get(definition) ?? hash("sha256", textOf(definition));
  digests.set(definition, digest);
  return digest;
}

/** Definitions never change, and a sync compares the same ones again and again. */
const known = new WeakMap<Definition, string>();
const digests = new WeakMap<Definition, string>();

function canonicalText(definition: Definition): string {
  const { form: _form, ...rest } = definition;
  const text = known.get(definition) ?? textOf(rest);
  known.set(definition, text);
  return text;
}

/** Text that is equal for values that mean the same: keys in order, nothing undefined. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, below]) => below !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, below]) => `${JSON.stringify(key)}:${textOf(below)}`).join(",")}}`;
}
