import { define, isList, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { pointerTo } from "../pointer.ts";

/** A JSON Schema, or what is wrong with a picoschema and where. */
export type FromPicoschema =
  | { readonly ok: true; readonly schema: JsonObject }
  | { readonly ok: false; readonly pointer: string; readonly message: string };

const SCALARS = new Set(["string", "boolean", "null", "number", "integer", "any"]);
const CONTAINERS = new Set(["object", "array", "enum"]);

/**
 * Picoschema as dotprompt has it (`name: string, the name`, `tags?(array): string`, `level(enum): [low, high]`,
 * `(*): any`), and what files in the field write besides: `{type, description, required}` as a field, a list of words
 * for an enum, bare `array` and `object`. A field may be called `type`.
 */
export function fromPicoschema(value: JsonValue, pointer = ""): FromPicoschema {
  if (typeof value === "string") return scalar(value, pointer);
  if (isList(value)) return enumOf(value, null, pointer);
  if (isObject(value)) return objectOf(value, null, pointer);
  return wrong(pointer, `expected a type or a map of fields, not ${JSON.stringify(value)}`);
}

function scalar(text: string, pointer: string): FromPicoschema {
  const [word = "", ...rest] = text.split(",");
  const type = word.trim();
  const said = rest.join(",").trim();
  const description = said === "" ? {} : { description: said };
  if (type === "any") return fine(description);
  if (type === "array" || type === "object" || SCALARS.has(type)) return fine({ type, ...description });
  return wrong(pointer, `unknown type "${type}"; there are: ${[...SCALARS, "array", "object"].join(", ")}`);
}

function objectOf(fields: JsonObject, description: string | null, pointer: string): FromPicoschema {
  const properties: Record<string, JsonValue> = {};
  const required: string[] = [];
  let additional: JsonValue = false;
  for (const [key, value] of Object.entries(fields)) {
    const at = pointerTo(pointer, key);
    const name = readName(key);
    if (!name) return wrong(at, `"${key}" is no field: write name, name?, name(array), name?(enum) or (*)`);
    const field = fieldOf(name, value, at);
    if (!field.ok) return field;
    if (name.name === "*") {
      additional = field.schema;
      continue;
    }
    const isOptional = name.isOptional || saysOptional(value);
    define(properties, name.name, name.isOptional ? nullable(field.schema) : field.schema);
    if (!isOptional) required.push(name.name);
  }
  return fine({
    type: "object",
    properties,
    additionalProperties: additional,
    ...(required.length > 0 ? { required } : {}),
    ...(description === null ? {} : { description }),
  });
}

type Name = {
  readonly name: string;
  readonly isOptional: boolean;
  readonly container: string | null;
  readonly description: string | null;
};

function readName(key: string): Name | null {
  if (key.trim() === "(*)") return { name: "*", isOptional: false, container: null, description: null };
  const match = /^([^?()]+)(\?)?(?:\(([^,)]+)(?:,([^)]*))?\))?$/.exec(key.trim());
  const [, name, optional, container, said] = match ?? [];
  if (name === undefined || (container !== undefined && !CONTAINERS.has(container.trim()))) return null;
  return {
    name: name.trim(),
    isOptional: optional !== undefined,
    container: container?.trim() ?? null,
    description: said?.trim() || null,
  };
}

function fieldOf({ container, description }: Name, value: JsonValue, pointer: string): FromPicoschema {
  switch (container) {
    case "enum":
      return isList(value)
        ? enumOf(value, description, pointer)
        : wrong(pointer, "an enum is a list of values");
    case "array": {
      const items = fromPicoschema(value, pointer);
      return items.ok ? fine({ type: "array", items: items.schema, ...describedAs(description) }) : items;
    }
    case "object":
      return isObject(value)
        ? objectOf(value, description, pointer)
        : wrong(pointer, "an object is a map of fields");
    default:
      return isObject(value) && isMapField(value) ? mapField(value, pointer) : fromPicoschema(value, pointer);
  }
}

const MAP_KEYS = new Set([
  "type",
  "description",
  "required",
  "default",
  "enum",
  "items",
  "properties",
  "format",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "pattern",
  "example",
  "examples",
  "additionalProperties",
]);

/** `{type: string, description: …}`: every key is a schema's keyword, and `type` names a type. */
function isMapField(value: JsonObject): boolean {
  const { type } = value;
  const named = typeof type === "string" && (SCALARS.has(type) || type === "array" || type === "object");
  return named && Object.keys(value).every((key) => MAP_KEYS.has(key));
}

function mapField({ required, ...schema }: JsonObject, pointer: string): FromPicoschema {
  const { items, properties } = schema;
  const inner: Record<string, JsonValue> = {};
  if (items !== undefined) {
    const read =
      isObject(items) && isMapField(items) ? mapField(items, pointer) : fromPicoschema(items, pointer);
    if (!read.ok) return read;
    inner["items"] = read.schema;
  }
  if (isObject(properties)) {
    const read = objectOf(properties, null, pointerTo(pointer, "properties"));
    if (!read.ok) return read;
    inner["properties"] = read.schema["properties"] ?? {};
  }
  const { example: _, ...kept } = schema;
  if (kept["type"] === "any") delete (kept as Record<string, JsonValue>)["type"];
  return fine({ ...kept, ...(isList(required) ? { required } : {}), ...inner });
}

function saysOptional(value: JsonValue): boolean {
  return isObject(value) && isMapField(value) && value["required"] === false;
}

function enumOf(values: readonly JsonValue[], description: string | null, pointer: string): FromPicoschema {
  if (values.length === 0 || values.some((value) => typeof value === "object" && value !== null))
    return wrong(pointer, "an enum is a list of texts or numbers");
  return fine({ enum: values, ...describedAs(description) });
}

/** An optional field may also be null: models write it so. */
function nullable(schema: JsonObject): JsonObject {
  const { type } = schema;
  if (typeof type === "string") return { ...schema, type: [type, "null"] };
  const values = schema["enum"];
  return isList(values) && !values.includes(null) ? { ...schema, enum: [...values, null] } : schema;
}

function describedAs(description: string | null): JsonObject {
  return description === null ? {} : { description };
}

function fine(schema: JsonObject): FromPicoschema {
  return { ok: true, schema };
}

function wrong(pointer: string, message: string): FromPicoschema {
  return { ok: false, pointer, message };
}
