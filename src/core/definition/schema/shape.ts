import { isList, isObject, type JsonPrimitive, type JsonValue } from "../../json.ts";

/** What is known of a value before a run: nothing, or that it is one of these. An empty list: there is no value. */
export type Shape = "unknown" | readonly Variant[];

export type Variant = ObjectVariant | ListVariant | ScalarVariant;

export type ScalarType = "string" | "number" | "integer" | "boolean" | "null";

export type ScalarVariant = {
  readonly type: ScalarType;
  /** All values it can have; absent when any of its type is possible. */
  readonly values?: readonly JsonPrimitive[];
};

export type ListVariant = {
  readonly type: "array";
  /** The items at the front. */
  readonly first: readonly Shape[];
  /** Each item behind them; `null` when there are none. */
  readonly rest: Shape | null;
};

export type ObjectVariant = {
  readonly type: "object";
  readonly properties: ReadonlyMap<string, Property>;
  readonly rest: Rest;
  /** What a property is that `properties` does not name. */
  readonly additional: Shape;
};

export type Property = { readonly shape: Shape; readonly always: boolean };

/**
 * Whether an object has properties beyond the listed ones: certainly not; none that its agent declares; none
 * that the workflow declares, though a caller may send more; or any.
 */
export type Rest = "none" | "undeclared" | "callers" | "any";

const RESTS: readonly Rest[] = ["none", "undeclared", "callers", "any"];
const MAX_VALUES = 32;
const MAX_OBJECTS = 6;

/** The more open of two. */
export function moreOpen(a: Rest, b: Rest): Rest {
  return RESTS.indexOf(a) > RESTS.indexOf(b) ? a : b;
}

/** The more closed of two. */
export function moreClosed(a: Rest, b: Rest): Rest {
  return RESTS.indexOf(a) < RESTS.indexOf(b) ? a : b;
}

/** An object with exactly these properties, all of them there. */
export function objectOf(properties: Readonly<Record<string, Shape>>): ObjectVariant {
  const entries = Object.entries(properties).map(([key, shape]) => [key, { shape, always: true }] as const);
  return { type: "object", properties: new Map(entries), rest: "none", additional: "unknown" };
}

/** An object of which nothing is known. */
export const anyObject: ObjectVariant = {
  type: "object",
  properties: new Map(),
  rest: "any",
  additional: "unknown",
};

/** An object without properties. */
export const emptyObject: ObjectVariant = objectOf({});

/** Any value of a type. */
export function scalar(type: ScalarType): Shape {
  return [{ type }];
}

/** A list of any length. */
export function listOf(items: Shape): ListVariant {
  return { type: "array", first: [], rest: items };
}

/** Exactly this value; `leaf` says what its strings are. */
export function shapeOfValue(value: JsonValue, leaf: (text: string) => Shape = literal): Shape {
  if (typeof value === "string") return leaf(value);
  if (isList(value))
    return [{ type: "array", first: value.map((item) => shapeOfValue(item, leaf)), rest: null }];
  if (!isObject(value)) return literal(value);
  const properties = Object.entries(value).map(
    ([key, item]) => [key, { shape: shapeOfValue(item, leaf), always: true }] as const,
  );
  return [{ ...emptyObject, properties: new Map(properties) }];
}

/** One known value that is no list and no object. */
export function literal(value: JsonPrimitive): Shape {
  return [{ type: scalarTypeOf(value), values: [value] }];
}

/** The JSON Schema type of a value, the narrowest that fits. */
export function scalarTypeOf(value: JsonPrimitive): ScalarType {
  if (value === null) return "null";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  return Number.isInteger(value) ? "integer" : "number";
}

/** A value that is one or the other. */
export function union(a: Shape, b: Shape): Shape {
  if (a === b) return a;
  if (a === "unknown" || b === "unknown") return "unknown";
  return b.reduce(withVariant, a);
}

/** A value that is one of several. */
export function unionOf(shapes: readonly Shape[]): Shape {
  return shapes.reduce(union, []);
}

function withVariant(variants: readonly Variant[], added: Variant): readonly Variant[] {
  if (variants.some((variant) => sameVariant(variant, added))) return variants;
  switch (added.type) {
    case "object": {
      const objects = objectsIn(variants);
      if (objects.length < MAX_OBJECTS) return [...variants, added];
      return [...variants.filter(({ type }) => type !== "object"), objects.reduce(joinObjects, added)];
    }
    case "array":
      return replaced(variants, added, (known) => (known.type === "array" ? joinLists(known, added) : known));
    case "string":
    case "number":
    case "integer":
    case "boolean":
    case "null":
      return replaced(variants, added, (known) =>
        known.type === added.type ? joinScalars(known as ScalarVariant, added) : known,
      );
  }
}

function replaced(
  variants: readonly Variant[],
  added: Variant,
  join: (known: Variant) => Variant,
): readonly Variant[] {
  return variants.some(({ type }) => type === added.type) ? variants.map(join) : [...variants, added];
}

function joinScalars(a: ScalarVariant, b: ScalarVariant): ScalarVariant {
  const values = a.values && b.values && [...new Set([...a.values, ...b.values])];
  return values && values.length <= MAX_VALUES ? { type: a.type, values } : { type: a.type };
}

function joinLists(a: ListVariant, b: ListVariant): ListVariant {
  return listOf(union(itemsOf(a), itemsOf(b)));
}

/** What an item of a list is, whichever it is. */
export function itemsOf({ first, rest }: ListVariant): Shape {
  return unionOf(rest === null ? first : [...first, rest]);
}

/** The variants that are objects. */
export function objectsIn(variants: readonly Variant[]): readonly ObjectVariant[] {
  return variants.filter((variant): variant is ObjectVariant => variant.type === "object");
}

/** What holds of an object that is the one or the other. */
export function joinObjects(a: ObjectVariant, b: ObjectVariant): ObjectVariant {
  if (a === b) return a;
  const properties = new Map<string, Property>();
  for (const key of new Set([...a.properties.keys(), ...b.properties.keys()])) {
    const [left, right] = [a.properties.get(key), b.properties.get(key)];
    if (left && right && left.shape === right.shape && left.always === right.always)
      properties.set(key, left);
    else if (left && right)
      properties.set(key, { shape: union(left.shape, right.shape), always: left.always && right.always });
    else
      properties.set(key, onOneSide(left, b) ?? onOneSide(right, a) ?? { shape: "unknown", always: false });
  }
  const additional = union(a.additional, b.additional);
  return { type: "object", properties, rest: moreOpen(a.rest, b.rest), additional };
}

function onOneSide(property: Property | undefined, other: ObjectVariant): Property | null {
  if (!property) return null;
  const shape = other.rest === "any" ? union(property.shape, other.additional) : property.shape;
  return { shape, always: false };
}

/** True when the same is known of both. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a === "unknown" || b === "unknown" || a.length !== b.length) return false;
  return a.every((variant, index) => sameVariant(variant, b[index]));
}

function sameVariant(a: Variant, b: Variant | undefined): boolean {
  if (a === b) return true;
  if (a.type === "object") return b?.type === "object" && sameObject(a, b);
  if (a.type === "array")
    return (
      b?.type === "array" &&
      a.first.length === b.first.length &&
      a.first.every((shape, index) => sameShape(shape, b.first[index] ?? "unknown")) &&
      (a.rest === null || b.rest === null ? a.rest === b.rest : sameShape(a.rest, b.rest))
    );
  if (b === undefined || b.type === "object" || b.type === "array" || a.type !== b.type) return false;
  return (
    a.values?.length === b.values?.length && (a.values ?? []).every((value) => b.values?.includes(value))
  );
}

/** True when the same is known of both objects. */
export function sameObject(a: ObjectVariant, b: ObjectVariant): boolean {
  if (a === b) return true;
  if (a.properties.size !== b.properties.size || a.rest !== b.rest) return false;
  if (!sameShape(a.additional, b.additional)) return false;
  return [...a.properties].every(([key, { shape, always }]) => {
    const other = b.properties.get(key);
    return other !== undefined && other.always === always && sameShape(shape, other.shape);
  });
}

/** `integer`, `string or null`: what a value is, in the words of JSON Schema. */
export function describeShape(shape: Shape): string {
  if (shape === "unknown") return "anything";
  if (shape.length === 0) return "nothing";
  return [...new Set(shape.map(describeVariant))].join(" or ");
}

function describeVariant(variant: Variant): string {
  if (variant.type === "object" || variant.type === "array" || !variant.values) return variant.type;
  if (variant.type === "null") return "null";
  const shown = variant.values.slice(0, 5).map((value) => JSON.stringify(value));
  return shown.length < variant.values.length ? `${shown.join(" or ")} or …` : shown.join(" or ");
}
