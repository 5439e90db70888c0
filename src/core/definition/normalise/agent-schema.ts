import { isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Fields, Found } from "./fields.ts";
import { fromPicoschema } from "./picoschema.ts";
import { refuse } from "./read.ts";

/** Keywords one of which every JSON Schema for an object has; a map without them is Picoschema. */
const MARKS = ["type", "properties", "$ref", "$schema", "anyOf", "oneOf", "allOf", "enum", "const", "items"];

/** Those that take no word: where one stands, a field of Picoschema is called so. */
const WORDLESS = ["properties", "items", "enum", "anyOf", "oneOf", "allOf"];

/** An agent's input or output schema: a JSON Schema as a map or as JSON text, or Picoschema. */
export function readAgentSchema(fields: Fields, found: Found | null): JsonObject | undefined {
  if (!found) return undefined;
  const value = typeof found.value === "string" ? parseJson(found.value) : found.value;
  if (isObject(value) && isJsonSchema(value)) return value;
  if (value === undefined && typeof found.value === "string" && /^\s*[{[]/.test(found.value))
    return refuse(fields, found, "is not valid JSON", "JSON Schema", "INVALID_SCHEMA");
  if (Array.isArray(value))
    return refuse(fields, found, "must be a JSON Schema", "JSON Schema", "INVALID_SCHEMA");
  const pico = fromPicoschema(value ?? found.value, "");
  if (pico.ok) return pico.schema;
  return refuse(
    fields,
    { ...found, pointer: `${found.pointer}${pico.pointer}` },
    `is neither JSON Schema nor Picoschema: ${pico.message}`,
    "JSON Schema or Picoschema",
    "INVALID_SCHEMA",
  );
}

const TYPES = new Set<JsonValue>(["object", "array", "string", "number", "integer", "boolean", "null"]);

function isJsonSchema(schema: JsonObject): boolean {
  const keys = Object.keys(schema);
  if (keys.length === 0) return true;
  const { type, properties } = schema;
  // Picoschema may have a field called `type`
  if (type !== undefined && !Array.isArray(type) && !TYPES.has(type)) return false;
  if (type === "object" && isObject(properties)) return true;
  if (WORDLESS.some((keyword) => typeof schema[keyword] === "string")) return false;
  return MARKS.some((mark) => Object.hasOwn(schema, mark)) && keys.every((key) => KEYWORDS.has(key));
}

const KEYWORDS = new Set([
  ...MARKS,
  ..."title description default examples format pattern required additionalProperties patternProperties".split(
    " ",
  ),
  ..."minProperties maxProperties minItems maxItems uniqueItems prefixItems contains minimum maximum not".split(
    " ",
  ),
  ..."exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength if then else dependentRequired".split(
    " ",
  ),
  ..."definitions $defs $id $comment nullable readOnly writeOnly deprecated example propertyNames".split(" "),
]);

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
