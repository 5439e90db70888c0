import { isList, isObject, type JsonObject, type JsonPrimitive, type JsonValue } from "../../json.ts";
import { resolveRef } from "./refs.ts";
import {
  anyObject,
  type ListVariant,
  moreClosed,
  type ObjectVariant,
  type Property,
  type Rest,
  type ScalarType,
  type Shape,
  scalarTypeOf,
  shapeOfValue,
  unionOf,
  type Variant,
} from "./shape.ts";

/** How a schema is read. */
export type Reading = {
  /** What properties a schema leaves open that lists some and says nothing of others. */
  readonly silent: Rest;
  /** True where a missing property with a `default` is filled in. */
  readonly fillsDefaults: boolean;
};

/** An agent's output, which keeps to what its schema lists. */
export const promised: Reading = { silent: "undeclared", fillsDefaults: false };

/** A run's input, which is completed by its schema and may carry more. */
export const given: Reading = { silent: "callers", fillsDefaults: true };

type Walk = Reading & {
  readonly root: JsonObject;
  readonly open: readonly string[];
  readonly depth: number;
  readonly budget: { left: number };
};

/** Beyond this a schema is not looked into any deeper. */
const MAX_NODES = 5000;
const MAX_DEPTH = 64;
const MAX_SAME_REF = 2;

/** What a schema says of the values that satisfy it; whatever is too involved is left out, never guessed. */
export function shapeOfSchema(schema: JsonValue, reading: Reading): Shape {
  const root = isObject(schema) ? schema : {};
  return read({ ...reading, root, open: [], depth: 0, budget: { left: MAX_NODES } }, schema);
}

function read(above: Walk, schema: JsonValue): Shape {
  if (schema === false) return [];
  if (!isObject(schema) || above.depth > MAX_DEPTH || --above.budget.left < 0) return "unknown";
  const walk = { ...above, depth: above.depth + 1 };
  const parts = [ownShape(walk, schema), referred(walk, schema["$ref"])];
  for (const part of listed(schema["allOf"])) parts.push(read(walk, part));
  for (const keyword of ["anyOf", "oneOf"] as const)
    if (isList(schema[keyword])) parts.push(unionOf(schema[keyword].map((option) => read(walk, option))));
  return parts.reduce(both);
}

function referred(walk: Walk, ref: JsonValue | undefined): Shape {
  if (typeof ref !== "string" || walk.open.filter((open) => open === ref).length >= MAX_SAME_REF)
    return "unknown";
  const target = resolveRef(walk.root, ref);
  return target === undefined ? "unknown" : read({ ...walk, open: [...walk.open, ref] }, target);
}

function ownShape(walk: Walk, schema: JsonObject): Shape {
  if (Object.hasOwn(schema, "const")) return shapeOfValue(schema["const"] ?? null);
  if (isList(schema["enum"])) return unionOf(schema["enum"].map((value) => shapeOfValue(value)));
  const types = typesOf(schema) ?? impliedTypes(schema);
  if (!types) return "unknown";
  return types.flatMap((type): readonly Variant[] => {
    if (type === "object") return [objectShape(walk, schema)];
    if (type === "array") return [listShape(walk, schema)];
    return SCALARS.has(type) ? [{ type: type as ScalarType }] : [];
  });
}

const SCALARS = new Set(["string", "number", "integer", "boolean", "null"]);

/** The types a schema names, `nullable` included; `null` when it names none. */
export function typesOf(schema: JsonObject): readonly string[] | null {
  const { type } = schema;
  const named = isList(type) ? type.filter((one) => typeof one === "string") : type;
  const types = typeof named === "string" ? [named] : isList(named) && named.length > 0 ? named : null;
  return types && schema["nullable"] === true ? [...new Set([...types, "null"])] : types;
}

/** Somebody who writes `properties` without `type` means an object. */
function impliedTypes(schema: JsonObject): readonly string[] | null {
  if (["properties", "required", "additionalProperties"].some((key) => Object.hasOwn(schema, key)))
    return ["object"];
  return ["items", "prefixItems"].some((key) => Object.hasOwn(schema, key)) ? ["array"] : null;
}

function objectShape(walk: Walk, schema: JsonObject): ObjectVariant {
  const declared = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = new Set(listed(schema["required"]));
  const properties = new Map<string, Property>();
  for (const [key, below] of Object.entries(declared)) {
    const isFilled = walk.fillsDefaults && isObject(below) && Object.hasOwn(below, "default");
    properties.set(key, { shape: read(walk, below), always: required.has(key) || isFilled });
  }
  for (const key of required)
    if (typeof key === "string" && !properties.has(key))
      properties.set(key, { shape: "unknown", always: true });
  const { additionalProperties: more } = schema;
  const additional = isObject(more) ? read(walk, more) : "unknown";
  return { type: "object", properties, rest: restOf(walk, schema), additional };
}

function restOf({ silent }: Walk, schema: JsonObject): Rest {
  const { additionalProperties: more, properties } = schema;
  if (Object.hasOwn(schema, "patternProperties")) return "any";
  if (more === false || schema["unevaluatedProperties"] === false) return "none";
  if (more !== undefined) return "any";
  return isObject(properties) && Object.keys(properties).length > 0 ? silent : "any";
}

function listShape(walk: Walk, schema: JsonObject): ListVariant {
  const { items } = schema;
  const tuple = isList(items) ? items : listed(schema["prefixItems"]);
  const rest = isList(items) ? schema["additionalItems"] : items;
  // a tuple's items need not all be there: each is what an item may be
  const shapes = tuple.map((item) => read(walk, item));
  const behind = rest === undefined ? "unknown" : rest === false ? [] : read(walk, rest);
  if (tuple.length === 0) return { type: "array", first: [], rest: behind };
  const least = typeof schema["minItems"] === "number" ? schema["minItems"] : 0;
  const first = shapes.slice(0, least);
  return { type: "array", first, rest: unionOf([...shapes.slice(least), behind]) };
}

function listed(value: JsonValue | undefined): readonly JsonValue[] {
  return isList(value) ? value : [];
}

/** A value of which both are true. */
function both(a: Shape, b: Shape): Shape {
  if (a === "unknown") return b;
  if (b === "unknown") return a;
  const found = a.flatMap((left) => b.flatMap((right) => overlap(left, right) ?? []));
  return found.length > 0 ? found : a;
}

function overlap(a: Variant, b: Variant): Variant | null {
  if (a.type === "object" && b.type === "object") return bothObjects(a, b);
  if (a.type === "array" && b.type === "array") return bothLists(a, b);
  if (a.type === "object" || a.type === "array" || b.type === "object" || b.type === "array") return null;
  const known = a.values ?? b.values;
  if (known) {
    const values = known.filter((value) => allows(a, value) && allows(b, value));
    return values.length > 0 ? { type: values.every(isWhole) ? "integer" : a.type, values } : null;
  }
  if (a.type === b.type) return a;
  return isNumeric(a.type) && isNumeric(b.type) ? { type: "integer" } : null;
}

function allows(
  variant: { readonly type: string; readonly values?: readonly JsonPrimitive[] },
  value: JsonPrimitive,
) {
  const type = scalarTypeOf(value);
  const isOfType = type === variant.type || (type === "integer" && variant.type === "number");
  return isOfType && (variant.values?.includes(value) ?? true);
}

function isWhole(value: JsonPrimitive): boolean {
  return Number.isInteger(value);
}

function isNumeric(type: string): boolean {
  return type === "integer" || type === "number";
}

function bothObjects(a: ObjectVariant, b: ObjectVariant): ObjectVariant {
  if (b === anyObject) return a;
  const properties = new Map(a.properties);
  for (const [key, { shape, always }] of b.properties) {
    const known = properties.get(key);
    properties.set(
      key,
      known ? { shape: both(known.shape, shape), always: known.always || always } : { shape, always },
    );
  }
  const additional = both(a.additional, b.additional);
  return { type: "object", properties, rest: moreClosed(a.rest, b.rest), additional };
}

function bothLists(a: ListVariant, b: ListVariant): ListVariant {
  if (a.rest === null) return a;
  if (b.rest === null) return b;
  return a.first.length > 0 || b.first.length > 0 ? a : { ...a, rest: both(a.rest, b.rest) };
}
