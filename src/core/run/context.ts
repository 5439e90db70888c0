import { isLean } from "../definition/form.ts";
import type { Definition, State } from "../definition/types.ts";
import { isObject, type JsonObject, type JsonValue, mergeDeep } from "../json.ts";
import { child, type Path, parsePath, type RootedPath, readPath, writePath } from "../path.ts";
import { isoTime } from "../time.ts";
import { blocksOf, openerOf } from "./blocks.ts";
import { ERROR_NAMES } from "./errors.ts";
import { type BranchPath, parentOf } from "./ids.ts";
import type { Scope } from "./questions.ts";
import type { Branch, Run, Step, Writes } from "./run.ts";

/** The names a state can read, besides those in the context. */
export type View = {
  /** The branch's context: its parents', overlaid with its own. */
  readonly context: JsonObject;
  /** The names beside it, which a bare name means first: `input`, `workflow`, `steps`, `_timestamp`, and what is bound. */
  readonly reserved: JsonObject;
  /** The previous state's result; the run's input before the first. */
  readonly previous: JsonValue;
};

/** Writes the result of a left state into its branch; the one place that knows what leaving a state means. */
export function applyExit(branch: Branch, step: Step): Branch {
  const { exit } = step;
  if (!exit) return branch;
  const output = step.progress.status === "SUCCEEDED" ? step.progress.output : null;
  const result = exit.result !== undefined ? exit.result : output;
  const blocks = exit.merge ? splitResults(branch.own, exit.merge, exit.whole) : NOTHING;
  const own = mergeDeep(branch.own, blocks.writes, blocks.whole);
  const whole = joined(branch.whole, blocks.whole);
  const path = exit.resultPath === null ? null : pathOf(exit.resultPath);
  return {
    ...branch,
    own: path ? writePath(own, path, result) : own,
    whole: path ? joined(whole, [path]) : whole,
    results: { ...branch.results, ...blocks.results, [step.state]: result },
    previous: passesThrough(step) ? branch.previous : result,
  };
}

/** A run's context at its start: its input, but for `steps`, where only states write. */
export function ownAtStart(input: JsonObject): JsonObject {
  if (!Object.hasOwn(input, "steps")) return input;
  const { steps: _steps, ...own } = input;
  return own;
}

/** What a branch wrote, its states' results included, as its parent takes it over. */
export function writesOf(branch: Branch): Required<Writes> {
  const results = Object.keys(branch.results).map((name) => ["steps", name]);
  return { writes: levelOf(branch), whole: joined(branch.whole, results) };
}

/** Two branches' writes as one: the second wrote later. */
export function writtenOver(first: Writes, second: Writes): Required<Writes> {
  const { writes, whole = [] } = second;
  return { writes: mergeDeep(first.writes, writes, whole), whole: joined(first.whole ?? [], whole) };
}

const NOTHING = { writes: {}, whole: [], results: {} } as const;

/**
 * The results of a block's states, which become the branch's own as if it had been there, and what else was written. What
 * the branch has written into `steps` by hand hides results: what comes to stand in its place is written there, too.
 */
function splitResults(own: JsonObject, merge: JsonObject, whole: readonly Path[]) {
  const steps = merge["steps"];
  const isResult = (path: Path) => isResultOfState(path) && readPath(own, path) === undefined;
  const [ofStates, others] = [whole.filter(isResult), whole.filter((path) => !isResult(path))];
  if (ofStates.length === 0 || !isObject(steps)) return { writes: merge, whole, results: {} };
  const names = new Set(ofStates.map(([, name]) => name));
  const pick = (isOfState: boolean) =>
    Object.fromEntries(Object.entries(steps).filter(([name]) => names.has(name) === isOfState));
  const [results, written] = [pick(true), pick(false)];
  const { steps: _steps, ...rest } = merge;
  const writes = Object.keys(written).length > 0 ? { ...rest, steps: written } : rest;
  return { writes, whole: others, results };
}

function isResultOfState(path: Path): boolean {
  return path.length === 2 && path[0] === "steps";
}

/** Each place once. */
function joined(first: readonly Path[], second: readonly Path[]): readonly Path[] {
  if (second.length === 0) return first;
  const known = new Set(first.map((path) => JSON.stringify(path)));
  const added = second.filter((path) => !known.has(JSON.stringify(path)));
  return added.length === 0 ? first : [...first, ...added];
}

/** States that only route or wait: what flows through them stays the previous result. */
function passesThrough(step: Step): boolean {
  return step.type === "switch" || step.type === "timer";
}

/** What a state of `path` sees when it was entered at `at` (ms since 1970). */
export function viewOf(run: Run, path: BranchPath, at: number): View {
  const context = contextOf(run, path);
  const timestamp = isoTime(at);
  const reserved: JsonObject = {
    ...boundIn(run, path, context),
    input: run.input,
    workflow: {
      id: run.workflow.id,
      version: run.workflow.version,
      runId: run.id,
      environment: run.workflow.environment,
      input: run.input,
      startedAt: run.startedAt === null ? null : isoTime(run.startedAt),
    },
    _timestamp: timestamp,
    now: timestamp,
    steps: child(context, "steps") ?? {},
  };
  return { context, reserved, previous: previousOf(run, path) };
}

/**
 * What flows into the state a branch comes to next: the result of the state before; in the first state a foreach's
 * item, else what flowed into the state that opened the branch, and at the very beginning the run's input.
 */
export function previousOf(run: Run, path: BranchPath): JsonValue {
  const branch = run.branches[path];
  if (branch?.previous !== undefined) return branch.previous;
  const item = branch?.vars["_item"];
  if (item !== undefined) return item;
  const parent = parentOf(path);
  return parent === null ? run.input : previousOf(run, parent);
}

/** The merged context of a branch: outer first, each level's own writes on top, results under `steps`. */
export function contextOf(run: Run, path: BranchPath): JsonObject {
  const branch = run.branches[path];
  if (!branch) return {};
  const parent = parentOf(path);
  if (parent === null) return levelOf(branch);
  const { writes, whole } = writesOf(branch);
  const opened = withVars(contextOf(run, parent), branch.vars, isLean(run.definition));
  return mergeDeep(opened, writes, whole);
}

/** What a branch was opened with stands before its parents' context; `isPartial`: under `steps` it has only some of them. */
function withVars(context: JsonObject, vars: JsonObject, isPartial: boolean): JsonObject {
  const [steps, before] = [vars["steps"], context["steps"]];
  const isPart = isPartial && isObject(steps) && isObject(before);
  return { ...context, ...vars, ...(isPart && { steps: { ...before, ...steps } }) };
}

/** What a branch adds to its parents' context: its own writes, and its states' results under `steps`. */
function levelOf({ own, results }: Branch): JsonObject {
  const written = own["steps"];
  const steps = isObject(written) ? { ...results, ...written } : results;
  return Object.keys(steps).length > 0 ? { ...own, steps } : own;
}

/** The names of a foreach's item and of a handled error, with what the branch has made of them since. */
function boundIn(run: Run, path: BranchPath, context: JsonObject): JsonObject {
  const parent = parentOf(path);
  const vars = run.branches[path]?.vars ?? {};
  if (parent === null) return vars;
  // What an earlier block of a try wrote is an ordinary part of the context.
  const isBlock = openerOf(run.definition, path).type === "try";
  const names = Object.keys(vars).filter((name) => !isBlock || ERROR_NAMES.has(name));
  const bound = names.map((name) => [name, child(context, name) ?? null]);
  return { ...boundIn(run, parent, context), ...Object.fromEntries(bound) };
}

/** Reads a path as an author means it: `$.` looks in the previous result first; `.result` may be the value itself. */
export function readFrom(
  view: View,
  path: RootedPath,
  stateResults: readonly string[],
): JsonValue | undefined {
  if (path.root === "input") {
    const found = readPath(view.previous, path.keys);
    if (found !== undefined || path.keys.length === 0) return found;
  }
  const { context, reserved } = view;
  const [first, second] = path.root === "name" ? [reserved, context] : [context, reserved];
  const found = readResult(first, path.keys, stateResults);
  // null is a value: only what is not there is looked for further
  return found === undefined ? readResult(second, path.keys, stateResults) : found;
}

/** `readPath`, where `.result` and `.output` of a state result without such a key are the result itself. */
function readResult(root: JsonObject, keys: Path, stateResults: readonly string[]): JsonValue | undefined {
  let current: JsonValue | undefined = root;
  for (const [index, key] of keys.entries()) {
    const next = child(current, key);
    if (next === undefined && current !== undefined && (key === "result" || key === "output")) {
      if (isStateResult(keys.slice(0, index), stateResults)) continue;
    }
    current = next;
    if (current === undefined) return undefined;
  }
  return current;
}

/** True for a place that holds a state's result, or lies within one. */
export function isStateResult(keys: Path, stateResults: readonly string[]): boolean {
  if (keys[0] === "steps") return keys.length >= 2;
  const text = keys.join(".");
  return stateResults.some((path) => text === path || text.startsWith(`${path}.`));
}

/** Everything an expression sees; `data` is what `dataPath` found. */
export function scopeOf(view: View, stateResults: readonly string[], data?: JsonValue): Scope {
  const named = data === undefined ? {} : { result: data, _value: data, val: data };
  const ctx = { ...view.reserved, ...view.context };
  const layers: JsonObject[] = [{ ...named, ...view.reserved, ctx }];
  if (isObject(data)) layers.push(data);
  layers.push(view.context);
  return { layers, stateResults };
}

const pathsOf = new WeakMap<Definition, readonly string[]>();

/** The places a definition writes state results to, known from its text alone. */
export function stateResultsOf(definition: Definition): readonly string[] {
  const known = pathsOf.get(definition);
  if (known) return known;
  const paths = [...new Set(resultPaths(definition.states))];
  pathsOf.set(definition, paths);
  return paths;
}

function resultPaths(states: readonly State[]): readonly string[] {
  return states.flatMap((state) => [
    ...(state.resultPath === undefined ? [] : [pathOf(state.resultPath).join(".")]),
    ...blocksOf(state).flatMap((block) => resultPaths(block.states)),
  ]);
}

/** The keys of a canonical path of a definition. */
function pathOf(text: string): Path {
  return parsePath(text)?.keys ?? text.split(".");
}
