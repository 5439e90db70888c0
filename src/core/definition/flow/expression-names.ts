import { parsePath } from "../../path.ts";
import type { Issue } from "../diagnostic.ts";
import { type Described, type Expression, offsetIn, shadowed } from "../expressions.ts";
import { type KnownNames, unknownName } from "../known-names.ts";
import { objectOf, type Shape } from "../schema/shape.ts";
import type { State } from "../types.ts";
import { firstOf, type Lookup, lookup } from "./lookup.ts";
import { explainMiss } from "./misses.ts";
import { overlay } from "./overlay.ts";
import { readShape, type View } from "./scene.ts";

/** An expression of a state, and what the evaluator says of it. */
export type Said = { readonly expression: Expression; readonly described: Described };

/** An author who asks first whether a key is there knows that it may not be. */
const ASKS_FIRST = /\bhasattr\s*\(|["']\s+(?:not\s+)?in\b/;
/** The evaluator joins keys with dots. */
const HAS_DOTTED_KEY = /\[\s*["'][^"']*\.[^"']*["']\s*\]/;

/** The names and paths in a state's expressions that lead nowhere when it is reached. */
export function judgeNames(
  state: State,
  view: View,
  said: readonly Said[],
  known: KnownNames,
): readonly Issue[] {
  return said.flatMap(({ expression, described }) => {
    const { text } = expression.program;
    if (described.error) return [];
    // what `known` tells has been said
    const hidden = expression.known ? [] : shadowed(expression, (name) => dataNamed(state, view, name));
    if (ASKS_FIRST.test(text) || HAS_DOTTED_KEY.test(text)) return hidden;
    const names = described.names.filter(({ builtin }) => !builtin);
    return [...hidden, ...names.flatMap((name) => judgeName(state, view, expression, name, known))];
  });
}

/** How the data of a name is written where a builtin has that name too; `null` where no such data is known. */
function dataNamed(state: State, view: View, name: string): string | null {
  const isKnown = (found: Lookup) => found.found && (found.always || found.shape !== "unknown");
  const data = dataOf(state, view);
  if (data !== null && isKnown(lookup(objectsOnly(data), [name]))) return `result.${name}`;
  return isKnown(lookupName(state, view, [name])) ? `ctx.${name}` : null;
}

function judgeName(
  state: State,
  view: View,
  expression: Expression,
  { name, line, column, paths }: Described["names"][number],
  known: KnownNames,
): readonly Issue[] {
  const found = new Map<string, Issue>();
  for (const path of paths) {
    const keys = [name, ...path.split(".").filter((key) => key !== "")];
    // said already, wherever it stands
    if (expression.known && unknownName(known, keys)) continue;
    const miss = lookupName(state, view, keys);
    if (miss.found) continue;
    const { message, hint } = explainMiss({ root: "name", keys }, miss);
    if (found.has(message)) continue;
    found.set(message, {
      code: "UNKNOWN_NAME",
      severity: miss.isCertain ? "error" : "warning",
      path: expression.pointer,
      offset: expression.offset + offsetIn(expression.program.text, line, column),
      message: `${expression.what}: ${message}`,
      ...(hint !== undefined && { hint }),
    });
  }
  return [...found.values()];
}

const DATA_NAMES = ["result", "_value", "val"];

/** Finds a name as the run will (`scopeOf` of `run/context.ts`): the first layer that has it decides. */
function lookupName(state: State, view: View, [name = "", ...keys]: readonly string[]): Lookup {
  const data = dataOf(state, view);
  const bound = state.type === "transform" ? { input: view.scene.previous } : {};
  const reserved = overlay(view.reserved, objectOf(bound));
  const ctx: Shape = [overlay(reserved, view.context)];
  const named = Object.fromEntries(DATA_NAMES.map((key) => [key, data ?? "unknown"]));
  const layers: readonly Shape[] = [
    [objectOf({ ...(data ? named : {}), ctx })],
    [reserved],
    ...(data === null ? [] : [objectsOnly(data)]),
    [view.context],
  ];
  const each = layers.map((layer) => lookup(layer, [name]));
  const root = each.reduce(firstOf);
  if (!root.found)
    return { ...root, names: each.flatMap((miss) => (miss.found ? [] : miss.names)).reverse() };
  if (keys.length === 0) return root;
  const dataIsResult = isReadFromResult(state, view);
  const below = lookup(root.shape, keys, (prefix) => {
    if (name === "ctx") return view.isResult(prefix);
    return view.isResult([name, ...prefix]) || (dataIsResult && data !== null && DATA_NAMES.includes(name));
  });
  return below.found ? below : { ...below, depth: below.depth + 1 };
}

/** What a switch looks at; `null` when it names nothing. */
function dataOf(state: State, view: View): Shape | null {
  const path = state.type === "switch" && state.dataPath !== undefined ? parsePath(state.dataPath) : null;
  if (!path) return null;
  const found = readShape(view, path);
  return found.found ? found.shape : "unknown";
}

function isReadFromResult(state: State, view: View): boolean {
  const path = state.type === "switch" && state.dataPath !== undefined ? parsePath(state.dataPath) : null;
  return path !== null && view.isResult(path.keys);
}

/** Only the keys of an object become names. */
function objectsOnly(data: Shape): Shape {
  if (data === "unknown") return data;
  const objects = data.filter(({ type }) => type === "object");
  return objects.length > 0 ? objects : [objectOf({})];
}
