import { emptyObject, joinObjects, type ObjectVariant, type Shape } from "../schema/shape.ts";
import type { Block, TryState } from "../types.ts";
import { errorNames } from "./exit.ts";
import type { BlockEnd, Flow } from "./flow-types.ts";
import { overlay, overlayDeep } from "./overlay.ts";
import { type Scene, sceneAt, type View, writesOf } from "./scene.ts";

/** One way through a try: what it writes into the branch, and its result. */
type TryWay = { readonly merge: ObjectVariant; readonly result: Shape };

/** The ways a try can end well: as tried, or as caught; `finally` comes after either. */
export function tryWays(
  flow: Flow,
  state: TryState,
  pointer: string,
  view: View,
  isFinal: boolean,
): readonly TryWay[] {
  const outer = { context: view.context, bound: view.bound, isTry: true };
  const run = (block: Block, key: string, vars: ObjectVariant): BlockEnd => {
    const part = { ...block, pointer: `${pointer}/${key}`, isTry: true };
    return flow.block(part, outer, sceneAt(view.scene.previous, vars), isFinal);
  };
  const tried = run(state.try, "try", emptyObject);
  const lost = writesOf(tried.failed);
  const caught =
    state.catch && tried.failed && run(state.catch, "catch", overlay(seen(view, lost), errorNames));
  const ways: readonly TryWay[] = [
    ...wayOf(tried.end, emptyObject, tried.result),
    ...(caught ? wayOf(caught.end, lost, caught.result) : []),
  ];
  if (!state.finally) return ways;
  const others = tried.failed ? [overlayDeep(lost, writesOf(caught?.failed ?? null))] : [];
  const [first = emptyObject, ...more] = [...ways.map(({ merge }) => merge), ...others];
  const before = seen(view, more.reduce(joinObjects, first));
  const vars = tried.failed ? overlay(before, joinObjects(errorNames, emptyObject)) : before;
  const last = run(state.finally, "finally", vars);
  if (!last.end) return [];
  const added = writesOf(last.end);
  return ways.map(({ merge, result }) => ({ merge: overlayDeep(merge, added), result }));
}

function wayOf(end: Scene | null, before: ObjectVariant, result: Shape): readonly TryWay[] {
  return end ? [{ merge: overlayDeep(before, writesOf(end)), result }] : [];
}

/** What earlier blocks wrote, as the next block sees it. */
function seen({ context }: View, written: ObjectVariant): ObjectVariant {
  const merged = overlayDeep(context, written);
  const properties = [...written.properties].flatMap(([key, { always }]) => {
    const property = merged.properties.get(key);
    return property ? [[key, { shape: property.shape, always }] as const] : [];
  });
  return { ...emptyObject, properties: new Map(properties) };
}
