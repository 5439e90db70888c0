import type { ForeachState } from "../../definition/types.ts";
import { isList, type JsonValue } from "../../json.ts";
import { deepestExisting, parsePath } from "../../path.ts";
import { readFrom, stateResultsOf, viewOf } from "../context.ts";
import { finalError, missingPath } from "../errors.ts";
import type { BranchPath } from "../ids.ts";
import { failEntry, failStep, openChild, passThrough, succeed } from "../moves.ts";
import type { Outcome, Step, StepError } from "../run.ts";
import type { Turn } from "../turn.ts";
import { cancelOpen, enterContainer, expire, firstError, outcomesOf } from "./children.ts";

/** Items opened by one decision; the rest follows in the next, so that no transaction grows with the list. */
const MAX_OPENED_AT_ONCE = 100;

/** Opens a branch per item, at most `maxConcurrency` at a time. */
export function enterForeach(turn: Turn, path: BranchPath, state: ForeachState): void {
  const items = itemsOf(turn, path, state);
  if ("error" in items) {
    failEntry(turn, path, state, items.error);
    return;
  }
  if (items.list.length === 0) {
    passThrough(turn, path, state, [], state.transition);
    return;
  }
  enterContainer(turn, path, state, { items: items.list.length });
  openNext(turn, path, state, items.list);
}

/** Opens the next items, joins after the last. True when the branch moved on. */
export function proceedForeach(turn: Turn, step: Step, state: ForeachState): boolean {
  const path = step.branch;
  if (step.progress.status !== "RUNNING") return false;
  const { succeeded, failed } = turn.branch(path).children;
  const total = totalOf(step);
  const isDone = succeeded + failed === total;
  if (failed > 0 && (state.onBranchFailure === "cancel" || isDone)) {
    const error = firstError(outcomesOf(turn, path, step.id), names(total));
    cancelOpen(turn, path, state);
    failStep(turn, path, state, error);
    return true;
  }
  if (isDone) {
    const outcomes = outcomesOf(turn, path, step.id);
    succeed(turn, step, state, joined(turn, path, state, outcomes, total), state.transition);
    return true;
  }
  if (expire(turn, path, state, step)) return true;
  const items = itemsOf(turn, path, state);
  if ("error" in items) throw new Error(`the items of "${state.name}" are gone: ${items.error.message}`);
  openNext(turn, path, state, items.list);
  return false;
}

/** True when more items could be opened at once than one decision opens. */
export function hasMoreToOpen(turn: Turn, path: BranchPath, state: ForeachState, step: Step): boolean {
  const { opened, succeeded, failed } = turn.branch(path).children;
  return opened < totalOf(step) && opened - succeeded - failed < state.maxConcurrency;
}

function openNext(turn: Turn, path: BranchPath, state: ForeachState, list: readonly JsonValue[]): void {
  const { opened, succeeded, failed } = turn.branch(path).children;
  const free = state.maxConcurrency - (opened - succeeded - failed);
  const end = Math.min(list.length, opened + Math.min(free, MAX_OPENED_AT_ONCE));
  for (let index = opened; index < end; index++) {
    const item = list[index] ?? null;
    const vars = { [state.itemName]: item, _item: item, _index: index, _total: list.length };
    openChild(turn, path, index, state.iterator.start, vars);
  }
}

/** The list the state iterates over. Nothing it depends on changes while the branch stands here. */
function itemsOf(
  turn: Turn,
  path: BranchPath,
  state: ForeachState,
): { readonly list: readonly JsonValue[] } | { readonly error: StepError } {
  const where = parsePath(state.itemsPath);
  const view = viewOf(turn.run, path, turn.now);
  const found = where ? readFrom(view, where, stateResultsOf(turn.run.definition)) : undefined;
  if (isList(found)) return { list: found };
  const field = `itemsPath of "${state.name}"`;
  if (found === undefined) {
    const existing = deepestExisting(view.context, where?.keys ?? []);
    return { error: missingPath(field, state.itemsPath, existing, Object.keys(view.context)) };
  }
  const kind = found === null ? "null" : typeof found;
  const message = `${field}: "${state.itemsPath}" is ${kind}, not a list`;
  return { error: finalError("validation", "ITEMS_TYPE", message) };
}

function joined(
  turn: Turn,
  path: BranchPath,
  state: ForeachState,
  outcomes: ReadonlyMap<string, Outcome>,
  total: number,
): JsonValue {
  const results = [...names(total)].map((name) => {
    const outcome = outcomes.get(name);
    return outcome?.status === "SUCCEEDED" ? outcome.result : null;
  });
  if (state.outputAggregation === "results") return results;
  const items = itemsOf(turn, path, state);
  const list = "list" in items ? items.list : [];
  return results.map((output, index) => ({ item: list[index] ?? null, index, output }));
}

function* names(total: number): Iterable<string> {
  for (let index = 0; index < total; index++) yield String(index);
}

function totalOf({ input }: Step): number {
  const items = (input as { readonly items?: JsonValue } | undefined)?.items;
  return typeof items === "number" ? items : 0;
}
