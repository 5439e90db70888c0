import { isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { describeSchema, explain, type Finding } from "./finding.ts";
import { fits } from "./fits.ts";
import { promised, shapeOfSchema } from "./shape-of-schema.ts";

/** A JSON Schema (draft 2020-12 or 07), or none. */
export type MaybeSchema = JsonObject | boolean | null | undefined;

/**
 * How values of `output` may break `input` (PRD §3.5): an error breaks it for certain, a warning may. No finding
 * where nothing can be decided.
 */
export function compatible(output: MaybeSchema, input: MaybeSchema): readonly Finding[] {
  if (input === null || input === undefined || input === true) return [];
  if (output === null || output === undefined) return asksNothing(input) ? [] : [unchecked(input)];
  if (sameValue(output, input)) return [];
  return fits(shapeOfSchema(output, promised), input);
}

function asksNothing(schema: JsonValue): boolean {
  return isObject(schema) && Object.keys(schema).length === 0;
}

function unchecked(input: JsonObject | false): Finding {
  const expected = isObject(input) ? describeSchema(input, input) : "nothing";
  return { kind: "unchecked", severity: "warning", pointer: "", expected, actual: "anything" };
}

function sameValue(a: JsonValue, b: JsonValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What was found, for people: a verdict, then a line for each finding, errors first. */
export function compatibilityReport(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === "error");
  const warnings = findings.filter(({ severity }) => severity === "warning");
  const counts = [counted(errors.length, "error"), counted(warnings.length, "warning")].filter(
    (text) => text !== "",
  );
  const verdict = errors.length > 0 ? "incompatible" : "compatible";
  const head = counts.length === 0 ? verdict : `${verdict}: ${counts.join(", ")}`;
  const lines = [...errors, ...warnings].map(
    (finding) => `  ${finding.severity.padEnd(7)}  ${finding.pointer || "(the whole)"}  ${explain(finding)}`,
  );
  return [head, ...lines].join("\n");
}

function counted(count: number, what: string): string {
  return count === 0 ? "" : `${count} ${what}${count === 1 ? "" : "s"}`;
}
