import { emptyObject, joinObjects, type ObjectVariant, type Shape } from "../schema/shape.ts";
import type { Block, TryState } from "../types.ts";
import { errorNames } from "./exit.ts";
import type { BlockEnd, Flow } from "./flow-types.ts";
import { overlay } from "./overlay.ts";
import {
  joinWritten,
  laidOver,
  levelOf,
  type Scene,
  sceneAt,
  type View,
  type Written,
  writtenOver,
} from "./scene.ts";
import { nowhere } from "./whole.ts";

const NOTHING: Written = { own: emptyObject, whole: nowhere, results: emptyObject };

/** One way through a try: what it writes into the branch, and its result. */
type TryWay = { readonly merge: Written; readonly result: Shape };

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
    ...wayOf(tried.end, NOTHING, tried.result),
    ...(caught ? wayOf(caught.end, lost, caught.result) : []),
  ];
  if (!state.finally) return ways;
  const others = tried.failed ? [writtenOver(lost, writesOf(caught?.failed ?? null))] : [];
  const [first = NOTHING, ...more] = [...ways.map(({ merge }) => merge), ...others];
  const before = seen(view, more.reduce(joinWritten, first));
  const vars = tried.failed ? overlay(before, joinObjects(errorNames, emptyObject)) : before;
  const last = run(state.finally, "finally", vars);
  if (!last.end) return [];
  const added = writesOf(last.end);
  return ways.map(({ merge, result }) => ({ merge: writtenOver(merge, added), result }));
}

function wayOf(end: Scene | null, before: Written, result: Shape): readonly TryWay[] {
  return end ? [{ merge: writtenOver(before, writesOf(end)), result }] : [];
}

/** What a block leaves behind. What it wrote into `steps` by hand mixes with results in ways that are not followed. */
function writesOf(scene: Scene | null): Written {
  if (!scene) return NOTHING;
  const { own, whole, results } = scene;
  if (!own.properties.has("steps")) return { own, whole, results };
  const steps = { shape: "unknown", always: false } as const;
  return { own: { ...own, properties: new Map([...own.properties, ["steps", steps]]) }, whole, results };
}

/** What earlier blocks wrote, as the next block sees it. */
function seen({ context }: View, written: Written): ObjectVariant {
  const merged = laidOver(context, written);
  const properties = [...levelOf(written).properties].flatMap(([key, { always }]) => {
    const property = merged.properties.get(key);
    return property ? [[key, { shape: property.shape, always }] as const] : [];
  });
  return { ...emptyObject, properties: new Map(properties) };
}
