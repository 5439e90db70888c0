import { isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Finding } from "./finding.ts";
import { asksNothing, fits, unchecked } from "./fits.ts";
import { promised, shapeOfSchema } from "./shape-of-schema.ts";

/** A JSON Schema (draft 2020-12 or 07), or none. */
export type MaybeSchema = JsonObject | boolean | null | undefined;

/**
 * How values of `output` may break `input` (PRD §3.5): an error breaks it for certain, a warning may. No finding
 * where nothing can be decided.
 */
export function compatible(output: MaybeSchema, input: MaybeSchema): readonly Finding[] {
  if (input === null || input === undefined || input === true) return [];
  if (output === null || output === undefined)
    return asksNothing(input) ? [] : [unchecked(isObject(input) ? input : {}, input, "")];
  if (sameValue(output, input)) return [];
  return fits(shapeOfSchema(output, promised), input);
}

function sameValue(a: JsonValue, b: JsonValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
