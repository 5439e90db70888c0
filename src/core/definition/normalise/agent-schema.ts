import { isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Fields, Found } from "./fields.ts";
import { refuse } from "./read.ts";

/** Keywords one of which every JSON Schema for an object has; a map without them is Picoschema. */
const MARKS = ["type", "properties", "$ref", "$schema", "anyOf", "oneOf", "allOf", "enum", "const", "items"];

/** An agent's input or output schema: a JSON Schema as a map, or as JSON text. */
export function readAgentSchema(fields: Fields, found: Found | null): JsonObject | undefined {
  if (!found) return undefined;
  const value = typeof found.value === "string" ? parseJson(found.value) : found.value;
  if (isObject(value) && isJsonSchema(value)) return value;
  if (value === undefined && typeof found.value === "string" && /^\s*[{[]/.test(found.value))
    return refuse(fields, found, "is not valid JSON", "JSON Schema", "INVALID_SCHEMA");
  if (value === undefined || isObject(value))
    return refuse(
      fields,
      found,
      "is Picoschema, which is not supported yet",
      "JSON Schema",
      "UNSUPPORTED",
      'write it as JSON Schema: "type: object" with "properties"',
    );
  return refuse(fields, found, "must be a JSON Schema", "JSON Schema", "INVALID_SCHEMA");
}

const TYPES = new Set<JsonValue>(["object", "array", "string", "number", "integer", "boolean", "null"]);

function isJsonSchema(schema: JsonObject): boolean {
  if (Object.keys(schema).length === 0) return true;
  const type = schema["type"];
  // Picoschema may have a field called `type`
  if (type !== undefined && !Array.isArray(type) && !TYPES.has(type)) return false;
  return MARKS.some((mark) => Object.hasOwn(schema, mark));
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
