import { define, isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { dereferenced } from "./reference.ts";
import { sampleNumber, sampleText } from "./sample-scalars.ts";

/** Deeper than this only what is required is filled in. */
const DEPTH = 5;
const MAX_DEPTH = 32;
/** After this many values everything is left empty, so that a schema that contains itself comes to an end. */
const MAX_VALUES = 2000;

/**
 * The smallest value a schema allows, with `[simulated <field>]` as text: what an agent without a script answers.
 * Where an object says nothing is required, all its declared fields are given. Text patterns, `not` and
 * conditions are not solved; the output check reports what does not hold.
 */
export function sample(schema: JsonObject, field: string): JsonValue {
  return build({ root: schema, schema, field, depth: 0, budget: { left: MAX_VALUES } });
}

type Place = {
  readonly root: JsonObject;
  readonly schema: JsonValue | undefined;
  readonly field: string;
  readonly depth: number;
  readonly budget: { left: number };
};

function build(place: Place): JsonValue {
  const { root, field, budget } = place;
  const schema = merged(root, place.schema);
  budget.left--;
  if (Object.hasOwn(schema, "const")) return schema["const"] ?? null;
  const { enum: choices, default: fallback } = schema;
  if (isList(choices) && choices.length > 0) return choices[0] ?? null;
  if (fallback !== undefined) return fallback;
  switch (typeOf(schema)) {
    case "object":
      return object({ ...place, schema });
    case "array":
      return list({ ...place, schema });
    case "integer":
      return sampleNumber(schema, true);
    case "number":
      return sampleNumber(schema, false);
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return sampleText(schema, field);
  }
}

function object(place: Place & { readonly schema: JsonObject }): JsonObject {
  const { schema, depth, budget } = place;
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = isList(schema["required"])
    ? schema["required"].filter((key) => typeof key === "string")
    : [];
  const optional = depth < DEPTH ? Object.keys(properties) : [];
  const value: Record<string, JsonValue> = {};
  for (const key of required.length > 0 ? required : optional) {
    if (budget.left <= 0 || depth > MAX_DEPTH) break;
    const below = Object.hasOwn(properties, key) ? properties[key] : undefined;
    define(value, key, build({ ...place, schema: below, field: key, depth: depth + 1 }));
  }
  return value;
}

function list(place: Place & { readonly schema: JsonObject }): JsonValue {
  const { depth, budget } = place;
  const { minItems, prefixItems, items } = place.schema;
  // draft 07 writes a tuple as a list of `items`
  const tuple = isList(prefixItems) ? prefixItems : isList(items) ? items : [];
  const isOver = budget.left <= 0 || depth > MAX_DEPTH;
  const length = typeof minItems === "number" && !isOver ? Math.min(minItems, 1000) : 0;
  return Array.from({ length }, (_, index) =>
    build({ ...place, schema: tuple[index] ?? (isList(items) ? undefined : items), depth: depth + 1 }),
  );
}

/** The schema with its reference followed, `allOf` and the first alternative of a choice laid over it. */
function merged(root: JsonObject, written: JsonValue | undefined): JsonObject {
  const schema = dereferenced(root, written);
  const all = isList(schema["allOf"]) ? schema["allOf"] : [];
  const choice = isList(schema["anyOf"]) ? schema["anyOf"] : schema["oneOf"];
  const parts = [...all, ...(isList(choice) ? choice.slice(0, 1) : [])];
  return parts.map((part) => dereferenced(root, part)).reduce(overlay, schema);
}

function overlay(schema: JsonObject, part: JsonObject): JsonObject {
  const properties = [schema["properties"], part["properties"]].filter(isObject);
  const required = [schema["required"], part["required"]].filter(isList).flat();
  return {
    ...schema,
    ...part,
    ...(properties.length > 0 ? { properties: Object.assign({}, ...properties) as JsonObject } : {}),
    ...(required.length > 0 ? { required: [...new Set(required)] } : {}),
  };
}

function typeOf(schema: JsonObject): string {
  const { type } = schema;
  if (typeof type === "string") return type;
  const named = isList(type) ? (type.find((name) => name !== "null") ?? type[0]) : undefined;
  if (typeof named === "string") return named;
  if ("properties" in schema || "required" in schema) return "object";
  return "items" in schema || "prefixItems" in schema ? "array" : "string";
}
