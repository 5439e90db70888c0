import type { Path } from "../../path.ts";
import type { ObjectVariant } from "../schema/shape.ts";

/** A place that replaces what stood there, when it is written; for certain, or on some ways only. */
export type Whole = { readonly path: Path; readonly always: boolean };

/** Such places, each once, by its path as JSON. */
export type Wholes = ReadonlyMap<string, Whole>;

export const nowhere: Wholes = new Map();

export function wholesOf(places: readonly Whole[]): Wholes {
  return new Map(places.map((place) => [JSON.stringify(place.path), place]));
}

/** What is so after both were written. */
export function wholeAfter(first: Wholes, second: Wholes): Wholes {
  if (second.size === 0) return first;
  const after = new Map(first);
  for (const [key, place] of second) if (!after.get(key)?.always) after.set(key, place);
  return after;
}

type Written = { readonly own: ObjectVariant; readonly whole: Wholes };

/** What holds whichever of two ways was taken; a way that wrote nothing there says nothing against the other. */
export function joinWhole(a: Written, b: Written): Wholes {
  if (a.whole === b.whole) return a.whole;
  const isSo = ({ own, whole }: Written, key: string, [head = ""]: Path) =>
    whole.get(key)?.always ?? (own.rest === "none" && !own.properties.has(head));
  const joined = new Map<string, Whole>();
  for (const [key, { path }] of [...a.whole, ...b.whole])
    joined.set(key, { path, always: isSo(a, key, path) && isSo(b, key, path) });
  return joined;
}

/** True when the same is known in both. */
export function sameWhole(a: Wholes, b: Wholes): boolean {
  return a.size === b.size && [...b].every(([key, { always }]) => a.get(key)?.always === always);
}
