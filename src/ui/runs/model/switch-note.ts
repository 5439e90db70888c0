import type { JsonValue } from "../../../core/json.ts";
import { child, parsePath, readPath } from "../../../core/path.ts";
import { blockAt } from "../../../core/run/blocks.ts";
import { readFrom, scopeOf, stateResultsOf, viewOf } from "../../../core/run/context.ts";
import type { History } from "./history.ts";
import type { StepTrail } from "./index-events.ts";

/** What is worth saying beside a left state: the arm a switch took and why, or where an error led. */
export function noteOfExit(history: History, trail: StepTrail, n: number): string | null {
  const { exit } = trail;
  if (!exit || exit.seq > n) return null;
  if (exit.error) return `error handled → ${exit.next ?? "end"}`;
  if (trail.type !== "switch") return null;
  const why = exit.condition === null || exit.condition === undefined ? "otherwise" : exit.condition;
  const value = exit.condition ? withValues(exit.condition, seenBy(history, trail)) : null;
  return `${why}${value === null ? "" : ` (${value})`} → ${exit.next ?? "end"}`;
}

/** The value that a dot-path of a condition had; undefined where there was none. */
export type Look = (path: string) => JsonValue | undefined;

/** A condition with the values it saw in the place of their names: `0.083 > 0.05`; null where none is known. */
export function withValues(condition: string, look: Look): string | null {
  let isChanged = false;
  const text = condition.replace(NAMES, (whole, _, path?: string) => {
    const value = path === undefined ? null : shownValue(look(path));
    isChanged ||= value !== null;
    return value ?? whole;
  });
  return isChanged ? text : null;
}

/** The values a condition saw, in the order of their names: `0.083, true`; null where none is known. */
export function valuesIn(condition: string, look: Look): string | null {
  const paths = new Set([...condition.matchAll(NAMES)].flatMap(([, , path]) => path ?? []));
  const values = [...paths].flatMap((path) => shownValue(look(path)) ?? []);
  return values.length === 0 ? null : values.join(", ");
}

/** The dot-paths of a condition that may name values: no functions, and nothing that stands in quotes. */
const NAMES = /(["'])(?:\\.|(?!\1)[^\\])*\1|(?<![\w.)\]])([A-Za-z_]\w*(?:\.\w+|\[\d+\])*)(?![\w.([])/g;

function shownValue(value: JsonValue | undefined): string | null {
  return value === undefined || (typeof value === "object" && value !== null) ? null : JSON.stringify(value);
}

const looks = new WeakMap<StepTrail, Look>();

/** What a switch that was left saw when it was entered. Folded once: it never changes. */
export function seenBy(history: History, trail: StepTrail): Look {
  const known = looks.get(trail);
  if (known) return known;
  const look = lookAt(history, trail);
  looks.set(trail, look);
  return look;
}

const nothing: Look = () => undefined;

function lookAt(history: History, trail: StepTrail): Look {
  const run = history.at(trail.seq);
  if (!run) return nothing;
  const view = viewOf(run, trail.branch, trail.at);
  const stateResults = stateResultsOf(history.definition);
  const from = dataPathOf(history, trail);
  const scope = scopeOf(view, stateResults, from ? readFrom(view, from, stateResults) : undefined);
  return (path) => {
    const rooted = parsePath(path);
    const keys = path.split(/[.[\]]+/).filter(Boolean);
    const [head = ""] = keys;
    const layer = scope.layers.find((one) => child(one, head) !== undefined);
    const found = readPath(layer, keys);
    return found === undefined && rooted ? readFrom(view, rooted, stateResults) : found;
  };
}

function dataPathOf({ definition }: History, { branch, state: name }: StepTrail) {
  try {
    const state = blockAt(definition, branch).states.find((one) => one.name === name);
    return state?.type === "switch" && state.dataPath !== undefined ? parsePath(state.dataPath) : null;
  } catch {
    return null; // of a branch this version cannot place
  }
}
