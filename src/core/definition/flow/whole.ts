import type { Path } from "../../path.ts";
import type { ObjectVariant } from "../schema/shape.ts";

/** A place that replaces what stood there, when it is written; for certain, or on some ways only. */
export type Whole = { readonly path: Path; readonly always: boolean };

/** What is so after both were written. */
export function wholeAfter(first: readonly Whole[], second: readonly Whole[]): readonly Whole[] {
  return united(first, second, (a, b) => a?.always === true || b?.always === true);
}

/** What holds whichever of two ways was taken; a way that wrote nothing there says nothing against the other. */
export function joinWhole(
  a: { readonly own: ObjectVariant; readonly whole: readonly Whole[] },
  b: { readonly own: ObjectVariant; readonly whole: readonly Whole[] },
): readonly Whole[] {
  const isSilent = ({ own }: { readonly own: ObjectVariant }, [head = ""]: Path) =>
    own.rest === "none" && !own.properties.has(head);
  return united(
    a.whole,
    b.whole,
    (inA, inB, path) => (inA ? inA.always : isSilent(a, path)) && (inB ? inB.always : isSilent(b, path)),
  );
}

/** True when the same is known in both. */
export function sameWhole(a: readonly Whole[], b: readonly Whole[]): boolean {
  const known = new Set(a.map((one) => JSON.stringify(one)));
  return a.length === b.length && b.every((one) => known.has(JSON.stringify(one)));
}

function united(
  a: readonly Whole[],
  b: readonly Whole[],
  isAlways: (a: Whole | undefined, b: Whole | undefined, path: Path) => boolean,
): readonly Whole[] {
  if (a === b) return a;
  const byKey = (list: readonly Whole[]) => new Map(list.map((one) => [JSON.stringify(one.path), one]));
  const [first, second] = [byKey(a), byKey(b)];
  return [...new Map([...first, ...second])].map(([key, { path }]) => ({
    path,
    always: isAlways(first.get(key), second.get(key), path),
  }));
}
