import type { Path } from "../../path.ts";
import {
  anyObject,
  emptyObject,
  joinObjects,
  moreOpen,
  type ObjectVariant,
  objectsIn,
  type Property,
  type Shape,
  union,
  unionOf,
} from "../schema/shape.ts";
import type { Whole } from "./whole.ts";

/** `{...base, ...over}`: what is written over something else replaces it where it is there. */
export function overlay(base: ObjectVariant, over: ObjectVariant): ObjectVariant {
  return laid(base, over, (_, shape) => shape);
}

/** As `mergeDeep`: objects are merged key by key, but for the places in `whole`; anything else is replaced. */
export function overlayDeep(
  base: ObjectVariant,
  over: ObjectVariant,
  whole: Iterable<Whole> = [],
): ObjectVariant {
  const below = Map.groupBy(whole, ({ path: [head] }) => head);
  return laid(base, over, (lower, upper, key) => {
    const here = (below.get(key) ?? []).map(({ path, always }) => ({ path: path.slice(1), always }));
    const itself = here.find(({ path }) => path.length === 0);
    if (itself?.always) return upper;
    const merged = mergeShapes(lower, upper, here);
    return itself ? union(merged, upper) : merged;
  });
}

type Merge = (below: Shape, above: Shape, key: string) => Shape;

function laid(base: ObjectVariant, over: ObjectVariant, merge: Merge): ObjectVariant {
  if (over.properties.size === 0 && over.rest === "none") return base;
  if (base.properties.size === 0 && base.rest === "none") return over;
  const properties = new Map<string, Property>();
  for (const [key, property] of base.properties) {
    const above = over.properties.get(key);
    if (above)
      properties.set(
        key,
        covered(property, above, (lower, upper) => merge(lower, upper, key)),
      );
    else if (over.rest !== "any") properties.set(key, property);
    else properties.set(key, { ...property, shape: union(property.shape, over.additional) });
  }
  for (const [key, property] of over.properties) {
    if (base.properties.has(key)) continue;
    const hidden = { shape: base.additional, always: false };
    const mergeHere = (lower: Shape, upper: Shape) => merge(lower, upper, key);
    properties.set(key, base.rest === "any" ? covered(hidden, property, mergeHere) : property);
  }
  const additional = union(base.additional, over.additional);
  return { type: "object", properties, rest: moreOpen(base.rest, over.rest), additional };
}

function covered(below: Property, above: Property, merge: (below: Shape, above: Shape) => Shape): Property {
  const merged = merge(below.shape, above.shape);
  const shape = below.always ? merged : union(merged, above.shape);
  return above.always ? { shape, always: true } : { shape: union(below.shape, shape), always: below.always };
}

function mergeShapes(below: Shape, above: Shape, whole: readonly Whole[]): Shape {
  if (above === "unknown" || below === above) return above;
  const [lower, upper] = [below === "unknown" ? [anyObject] : objectsIn(below), objectsIn(above)];
  const [first, ...others] = lower;
  if (!first || upper.length === 0) return above;
  const base = others.reduce(joinObjects, first);
  const merged = upper.map((variant): Shape => [overlayDeep(base, variant, whole)]);
  const isAlwaysObject = below !== "unknown" && below.length === lower.length;
  return unionOf([
    ...merged,
    above.filter(({ type }) => type !== "object"),
    ...(isAlwaysObject ? [] : [upper]),
  ]);
}

/** A copy with `path` set; parents that are missing or no objects are created. */
export function writeShape(target: ObjectVariant, path: Path, shape: Shape): ObjectVariant {
  const [head, ...rest] = path;
  if (head === undefined) return target;
  const known = target.properties.get(head);
  const written = rest.length === 0 ? shape : [writeShape(parentOf(target, known), rest, shape)];
  const properties = new Map(target.properties);
  properties.set(head, { shape: written, always: true });
  return { ...target, properties };
}

function parentOf(target: ObjectVariant, known: Property | undefined): ObjectVariant {
  if (!known) return target.rest === "any" ? anyObject : emptyObject;
  if (known.shape === "unknown") return anyObject;
  const objects = objectsIn(known.shape);
  const isAlwaysObject = known.always && objects.length === known.shape.length;
  const [first, ...others] = isAlwaysObject ? objects : [...objects, emptyObject];
  return others.reduce(joinObjects, first ?? emptyObject);
}
