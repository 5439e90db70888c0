import { isLean } from "../../definition/form.ts";
import type { TryState } from "../../definition/types.ts";
import { isObject, type JsonObject, mergeDeep } from "../../json.ts";
import { contextOf, writtenOver } from "../context.ts";
import { errorNames } from "../errors.ts";
import type { BranchPath } from "../ids.ts";
import { failStep, leave, named, openChild } from "../moves.ts";
import type { Outcome, Step, Writes } from "../run.ts";
import type { Turn } from "../turn.ts";
import { enterContainer, expire, firstError, outcomesOf } from "./children.ts";

/** Runs its try block; `catch` follows a failure, `finally` everything. */
export function enterTry(turn: Turn, path: BranchPath, state: TryState): void {
  enterContainer(turn, path, state);
  openChild(turn, path, "try", state.try.start);
}

/** Opens the next block when one has closed, joins after the last. True when the branch moved on. */
export function proceedTry(turn: Turn, step: Step, state: TryState): boolean {
  const path = step.branch;
  if (step.progress.status !== "RUNNING") return false;
  const { opened, succeeded, failed } = turn.branch(path).children;
  if (succeeded + failed < opened) return expire(turn, path, state, step);
  const outcomes = outcomesOf(turn, path, step.id);
  const tried = outcomes.get("try");
  const caught = outcomes.get("catch");
  const ended = outcomes.get("finally");
  if (tried?.status === "FAILED" && state.catch && !caught) {
    const vars = { ...overlay(turn, path, tried), ...errorNames(tried.error) };
    openChild(turn, path, "catch", state.catch.start, vars);
    return false;
  }
  if (state.finally && !ended) {
    const written = writtenBy([tried, caught]);
    const names = tried?.status === "FAILED" ? errorNames(tried.error) : {};
    const vars = { ...overlay(turn, path, written), ...names };
    openChild(turn, path, "finally", state.finally.start, vars);
    return false;
  }
  const last = ended?.status === "FAILED" ? ended : (caught ?? tried);
  if (last?.status !== "SUCCEEDED") {
    // A block given up since the branch was loaded, and the branch with it: this decision comes too late to be kept.
    const error = last?.status === "FAILED" ? last.error : firstError(outcomes, ["finally", "catch", "try"]);
    failStep(turn, path, state, error);
    return true;
  }
  turn.emit({ type: "step.succeeded", ...named(step), attempt: 0, output: last.result });
  const { writes: merge, whole } = writtenBy([tried, caught, ended]);
  leave(turn, path, state, state.transition, { merge, ...(whole.length > 0 && { whole }) });
  return true;
}

/** What earlier blocks wrote, as the next block sees it: merged over the parent's context, key by key; of `steps` their results. */
function overlay(turn: Turn, path: BranchPath, { writes, whole }: Writes): JsonObject {
  const merged = mergeDeep(contextOf(turn.run, path), writes, whole);
  return Object.fromEntries(
    Object.entries(writes).map(([key, written]) => {
      const value = merged[key] ?? null;
      const isPart = key === "steps" && isLean(turn.run.definition) && isObject(written) && isObject(value);
      return [key, isPart ? pick(value, Object.keys(written)) : value];
    }),
  );
}

function pick(value: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, value[key] ?? null]));
}

/** What blocks wrote, one after the other. */
function writtenBy(outcomes: readonly (Outcome | undefined)[]): Required<Writes> {
  const done = outcomes.filter((outcome) => outcome !== undefined && outcome.status !== "CANCELLED");
  return done.reduce<Required<Writes>>(writtenOver, { writes: {}, whole: [] });
}
