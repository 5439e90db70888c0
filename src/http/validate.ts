import type { TObject, TSchema } from "typebox";
import { pointerTo } from "../core/definition/pointer.ts";
import { didYouMean } from "../core/definition/suggest.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { Schemas } from "../engine/ports/schemas.ts";
import type { Fault } from "./schemas/problem.ts";

/** The value with its schema's defaults, and what is wrong with it. */
export function checked(
  schemas: Schemas,
  schema: TSchema,
  value: unknown,
): { readonly value: unknown; readonly errors: readonly Fault[] } {
  const result = schemas.validate(schema as unknown as JsonObject, value as JsonValue);
  if (result.valid) return { value: result.value, errors: [] };
  const errors = result.errors.map(({ pointer, message, hint }) => ({
    pointer,
    message,
    ...(hint !== undefined && { hint }),
  }));
  return { value: result.value, errors };
}

/**
 * Query parameters, header values or path parameters as their schema means them: text becomes a number or truth
 * value, a list takes every occurrence. `isClosed`: a name that the schema does not know is a fault.
 */
export function checkedTexts(
  schemas: Schemas,
  schema: TObject,
  texts: Readonly<Record<string, readonly string[]>>,
  isClosed: boolean,
): { readonly value: unknown; readonly errors: readonly Fault[] } {
  const value: Record<string, unknown> = {};
  const errors: Fault[] = [];
  for (const [name, given] of Object.entries(texts)) {
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (property === undefined) {
      if (isClosed) errors.push(unknownName(name, Object.keys(schema.properties)));
    } else if (typeOf(property) === "array") value[name] = given.map((text) => text);
    else if (given.length > 1)
      errors.push({ pointer: pointerTo("", name), message: "is given more than once" });
    else value[name] = meant(typeOf(property), given[0] ?? "");
  }
  if (errors.length > 0) return { value, errors };
  return checked(schemas, schema, value);
}

function unknownName(name: string, known: readonly string[]): Fault {
  const hint = didYouMean(name, known) ?? (known.length > 0 ? `there are: ${known.join(", ")}` : undefined);
  return {
    pointer: pointerTo("", name),
    message: `"${name}" is not known here`,
    ...(hint !== undefined && { hint }),
  };
}

function typeOf(schema: TSchema): string | undefined {
  return (schema as { readonly type?: string }).type;
}

/** A text that is no number or truth value stays what it is, for the check to say so. */
function meant(type: string | undefined, text: string): unknown {
  if (type === "integer" || type === "number") return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
}
