import { edgesOf, nestedBlocks, statesByName } from "../definition/graph.ts";
import { didYouMean } from "../definition/suggest.ts";
import type { Definition, State } from "../definition/types.ts";
import { type RunId, segmentOf } from "./ids.ts";
import type { Step } from "./run.ts";

/** What is known of the run that is to be run again. */
export type Source = {
  readonly runId: RunId;
  /** The steps of its root branch: the ones it has left in that order, then the one it stands or stood on. */
  readonly steps: readonly Step[];
  /** Steps, of all its branches, that have called runs in which people were asked; where that is known. */
  readonly gates?: readonly GateBelow[];
  /** What the new run has that this one had not: the way this one went need not be the way it would go. */
  readonly changed?: "input" | "version" | null;
};

/** A step that has called a run in which, or below which, people were asked, or may have been. */
export type GateBelow = Pick<Step, "id" | "branch"> & {
  /** The run that could tell whether they were is in an archive; `null`: they were. */
  readonly archived: RunId | null;
};

export type TakenOver =
  | { readonly ok: true; readonly steps: readonly Step[] }
  /** Why it cannot begin there, and where it can. */
  | { readonly ok: false; readonly message: string };

/**
 * What a run of `definition` that begins at `from` takes over of an earlier one: everything its root branch had left
 * when it last came there. An approval counts for the run it was given to: past a gate nobody can begin,
 * nor, with another input or version, past one that this run only happened not to come to.
 */
export function takenOver(definition: Definition, source: Source, from: string): TakenOver {
  const refused = (message: string) => ({ ok: false, message }) as const;
  const names = definition.states.map(({ name }) => name);
  if (!names.includes(from)) {
    const outer = definition.states.find((state) => namesIn(state).includes(from));
    if (outer)
      return refused(
        `"${from}" is inside "${outer.name}": only a state of the workflow's own list can be begun at`,
      );
    const hint = didYouMean(from, names);
    return refused(`the workflow has no state "${from}"${hint ? ` (${hint})` : ""}`);
  }
  const at = source.steps.findLastIndex(({ state }) => state === from);
  if (from !== definition.start && at === -1) {
    const reached = [...new Set(source.steps.map(({ state }) => state))].join(", ");
    return refused(`run ${source.runId} never came to "${from}"; it came to ${reached || "nothing"}`);
  }
  const steps = at === -1 ? [] : source.steps.slice(0, at).filter(({ exit }) => exit !== null);
  const gates = new Set(definition.states.filter(isGate).map(({ name }) => name));
  const below = (step: Step, { id, branch }: GateBelow) =>
    id === step.id || branch.split("/")[0] === segmentOf(step.state, step.visit);
  for (const step of steps) {
    const { state } = step;
    const asked = (source.gates ?? []).filter((gate) => below(step, gate));
    const isKnown = asked.some(({ archived }) => archived === null);
    if (step.action === "human.approval" || gates.has(state) || isKnown)
      return refused(
        `"${from}" comes after the approval in "${state}", which was given to run ${source.runId} and counts for no other: begin at "${state}" or before`,
      );
    const [unknown] = asked;
    if (unknown)
      return refused(
        `"${from}" comes after "${state}", and whether people approved anything there only the archived run ${unknown.archived} can tell: bring it back, or begin at "${state}" or before`,
      );
  }
  const skipped = source.changed ? gateBefore(definition, from, source.changed, steps) : null;
  if (skipped !== null)
    return refused(
      `with another ${source.changed} "${from}" may come after an approval in "${skipped}" that run ${source.runId} did not need: begin no later than "${skipped}"`,
    );
  return { ok: true, steps };
}

/** A state on a way from the start to `from` in which people are asked, or may be: in another workflow nobody knows. */
function gateBefore(
  definition: Definition,
  from: string,
  changed: "input" | "version",
  steps: readonly Step[],
): string | null {
  const byName = statesByName(definition.states);
  const after = (start: string, end?: string) => {
    const seen = new Set<string>();
    const waiting = [start];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const state = byName.get(name);
      if (!state || seen.has(name) || name === end) continue;
      seen.add(name);
      waiting.push(...edgesOf(state).map(({ target }) => target));
    }
    return seen;
  };
  // Whether anybody was asked in a call that is taken over is known, as long as it was made with the same input.
  const known = new Set(changed === "version" ? steps.map(({ state }) => state) : []);
  const mayAsk = (state: State) => isGate(state) || (isCall(state) && !known.has(state.name));
  const reached = after(definition.start, from);
  const before = definition.states.filter(({ name }) => reached.has(name));
  return before.find((state) => mayAsk(state) && after(state.name).has(from))?.name ?? null;
}

/** True for a state that runs another workflow, itself or somewhere inside. */
function isCall(state: State): boolean {
  if (state.type === "operation") return state.action === "workflow.run";
  return nestedBlocks(state).some(({ block }) => block.states.some(isCall));
}

/** True for a state that asks people, itself or somewhere inside. */
function isGate(state: State): boolean {
  if (state.type === "operation") return state.action === "human.approval";
  return nestedBlocks(state).some(({ block }) => block.states.some(isGate));
}

function namesIn(state: State): readonly string[] {
  return nestedBlocks(state).flatMap(({ block }) =>
    block.states.flatMap((inner) => [inner.name, ...namesIn(inner)]),
  );
}
