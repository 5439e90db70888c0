import { checkDefinition } from "../../core/definition/check.ts";
import type { Diagnostic, Locate } from "../../core/definition/diagnostic.ts";
import type { Definition } from "../../core/definition/types.ts";
import type { JsonValue } from "../../core/json.ts";
import { parseSource, type SourceFormat } from "./yaml.ts";

export type ReadDefinition = {
  /** `null` when anything about the text is an error. */
  readonly definition: Definition | null;
  readonly diagnostics: readonly Diagnostic[];
  /** The text as plain JSON, before any alias was resolved; absent when it could not be read. */
  readonly value?: JsonValue;
  readonly locate: Locate;
};

/** Reads a workflow from its text: parsed, in canonical form, and checked as far as the text alone allows. */
export function readDefinition(source: {
  readonly text: string;
  readonly format: SourceFormat;
  /** For messages: a file's path, or `request`. */
  readonly file: string;
}): ReadDefinition {
  const { value, diagnostics, locate } = parseSource(source.text, source.format);
  if (value === undefined) return { definition: null, diagnostics, locate };
  return { ...checkDefinition(value, locate), value, locate };
}
