import type { Path } from "../../path.ts";
import { type ObjectVariant, type Shape, union, unionOf, type Variant } from "../schema/shape.ts";

/** What stands at a path: something, for certain or not; or nothing, for certain or as far as is declared. */
export type Lookup = { readonly found: true; readonly shape: Shape; readonly always: boolean } | Miss;

export type Miss = {
  readonly found: false;
  /** Nothing can be there; otherwise nothing is declared to be there. */
  readonly isCertain: boolean;
  /** How many keys of the path do exist. */
  readonly depth: number;
  /** The keys that exist where the path ends. */
  readonly names: readonly string[];
};

/** Follows a path; `isResult` tells of which prefixes `.result` and `.output` are the value itself. */
export function lookup(root: Shape, path: Path, isResult: (prefix: Path) => boolean = () => false): Lookup {
  let current: Lookup = { found: true, shape: root, always: true };
  for (const [index, key] of path.entries()) {
    const { shape, always }: { readonly shape: Shape; readonly always: boolean } = current;
    const isOptional = (key === "result" || key === "output") && isResult(path.slice(0, index));
    const next = step(shape, key, index, isOptional);
    if (!next.found) return next;
    current = { ...next, always: always && next.always };
  }
  return current;
}

function step(shape: Shape, key: string, depth: number, isOptional: boolean): Lookup {
  if (shape === "unknown") return { found: true, shape, always: false };
  const each = shape.map((variant) => stepInto(variant, key, depth, isOptional));
  const found = each.filter((lookup) => lookup.found);
  if (found.length > 0 || each.length === 0)
    return {
      found: true,
      shape: each.length === 0 ? "unknown" : unionOf(found.map((lookup) => lookup.shape)),
      always: found.length === each.length && found.every(({ always }) => always),
    };
  const misses = each.filter((lookup) => !lookup.found);
  const names = [...new Set(misses.flatMap((miss) => miss.names))];
  return { found: false, isCertain: misses.every(({ isCertain }) => isCertain), depth, names };
}

function stepInto(variant: Variant, key: string, depth: number, isOptional: boolean): Lookup {
  const below = childOf(variant, key, depth);
  if (!isOptional) return below;
  const itself: Shape = [variant];
  if (!below.found) return { found: true, shape: itself, always: true };
  return below.always ? below : { found: true, shape: union(below.shape, itself), always: true };
}

function childOf(variant: Variant, key: string, depth: number): Lookup {
  switch (variant.type) {
    case "object":
      return propertyOf(variant, key, depth);
    case "array": {
      const index = /^\d+$/.test(key) ? Number(key) : null;
      const item = index === null ? undefined : variant.first[index];
      if (item !== undefined) return { found: true, shape: item, always: true };
      if (index === null || variant.rest === null) return { found: false, isCertain: true, depth, names: [] };
      return { found: true, shape: variant.rest, always: false };
    }
    case "string":
    case "number":
    case "integer":
    case "boolean":
    case "null":
      return { found: false, isCertain: true, depth, names: [] };
  }
}

function propertyOf({ properties, rest, additional }: ObjectVariant, key: string, depth: number): Lookup {
  const property = properties.get(key);
  if (property) return { found: true, ...property };
  if (rest === "any") return { found: true, shape: additional, always: false };
  return { found: false, isCertain: rest === "none", depth, names: [...properties.keys()] };
}

/** The first place where something is, as `a ?? b`; the miss of the one where more of the path exists. */
export function firstOf(a: Lookup, b: Lookup): Lookup {
  if (!a.found && !b.found) {
    const nearer = b.depth > a.depth ? b : a;
    return { ...nearer, isCertain: a.isCertain && b.isCertain };
  }
  if (!a.found) return b;
  if (a.always || !b.found) return a;
  return { found: true, shape: union(a.shape, b.shape), always: b.always };
}
