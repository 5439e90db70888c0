import type { Path } from "../../path.ts";
import { type ObjectVariant, objectsIn } from "../schema/shape.ts";

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

/**
 * The places as they are when something is to be written at or below one of these names: of a place that may not have
 * been written before, nobody knows then whether what stands there replaces what stood there.
 */
export function wholeBefore({ own, whole }: Written, names: ReadonlySet<string>): Wholes {
  const doubtful = [...whole].filter(
    ([, { path, always }]) => always && names.has(path[0] ?? "") && !isWritten(own, path),
  );
  if (doubtful.length === 0) return whole;
  return new Map([...whole, ...doubtful.map(([key, { path }]) => [key, { path, always: false }] as const)]);
}

/** True when there is something at the path for certain. */
function isWritten(own: ObjectVariant, [head, ...rest]: Path): boolean {
  if (head === undefined) return true;
  const property = own.properties.get(head);
  if (!property?.always) return false;
  if (rest.length === 0) return true;
  if (property.shape === "unknown") return false;
  const objects = objectsIn(property.shape);
  return objects.length === property.shape.length && objects.every((object) => isWritten(object, rest));
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
