import { definitionDigest } from "../definition/canonical.ts";
import { nestedBlocks } from "../definition/graph.ts";
import { didYouMean } from "../definition/suggest.ts";
import type { Definition, State } from "../definition/types.ts";
import type { NewRun, Refusal } from "./commands.ts";
import type { Recorded, RunEvent } from "./events.ts";
import { begin, evolve } from "./evolve.ts";
import { ROOT, type RunId } from "./ids.ts";
import type { Run, Step } from "./run.ts";
import { stepId } from "./step-id.ts";
import type { Transition } from "./transition.ts";
import { beginning } from "./transition-of.ts";

/** What is known of the run that is to be run again. */
export type Source = {
  readonly runId: RunId;
  /** The steps of its root branch: the ones it has left in that order, then the one it stands or stood on. */
  readonly steps: readonly Step[];
};

export type Rerun =
  | { readonly ok: true; readonly transition: Transition; readonly run: Run }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * A new run that goes on where an earlier one was: everything its root branch had done before it last came to `from`
 * is taken over, with where it came from. Without `from` nothing is. An approval counts for the run it was given to:
 * past a gate nobody can begin.
 */
export function rerun(
  request: NewRun,
  source: Source,
  from: string | null,
  now: number,
  actor: string,
): Rerun {
  const reused = from === null ? [] : stepsBefore(source, from);
  const refusal = from === null ? null : refusalOf(request.definition, source, from, reused);
  if (refusal) return { ok: false, refusal };
  const { runId, definition, workflow, input, labels, traceparent } = request;
  const created = {
    at: now,
    actor,
    event: {
      type: "run.created",
      runId,
      workflow,
      definition: definitionDigest(definition),
      input,
      labels,
      ...(traceparent !== undefined && { traceparent }),
      rerunOf: { runId: source.runId, from },
    },
  } as const;
  const facts: Recorded[] = [created];
  let run = begin(definition, created);
  if (from !== null) {
    const { timeoutSeconds } = definition;
    const deadline = timeoutSeconds === undefined ? null : now + timeoutSeconds * 1000;
    const events: readonly RunEvent[] = [
      { type: "run.started", deadline },
      ...reused.map((step, index) => reuse(runId, step, reused[index + 1]?.state ?? from)),
    ];
    for (const event of events) {
      const fact = { at: now, actor, event };
      facts.push(fact);
      run = evolve(run, fact);
    }
  }
  return { ok: true, transition: beginning(run, facts), run };
}

/** What the root branch had left when it last came to a state. */
function stepsBefore({ steps }: Source, from: string): readonly Step[] {
  const at = steps.findLastIndex(({ state }) => state === from);
  return at === -1 ? [] : steps.slice(0, at).filter(({ exit }) => exit !== null);
}

function refusalOf(
  definition: Definition,
  source: Source,
  from: string,
  reused: readonly Step[],
): Refusal | null {
  const refused = (message: string): Refusal => ({ code: "invalid-transition", message });
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
  if (from !== definition.start && !source.steps.some(({ state }) => state === from)) {
    const reached = [...new Set(source.steps.map(({ state }) => state))].join(", ");
    return refused(`run ${source.runId} never came to "${from}"; it came to ${reached || "nothing"}`);
  }
  const gates = new Set(definition.states.filter(isGate).map(({ name }) => name));
  const gate = reused.find((step) => step.action === "human.approval" || gates.has(step.state));
  return gate
    ? refused(
        `"${from}" comes after the approval in "${gate.state}", which was given to run ${source.runId} and counts for no other: begin at "${gate.state}" or before`,
      )
    : null;
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

function reuse(runId: RunId, step: Step, next: string): RunEvent {
  const { state, visit, type, action, exit, progress } = step;
  if (!exit) throw new Error(`step ${step.id} was not left and cannot be taken over`);
  if (progress.status !== "SUCCEEDED" && progress.status !== "FAILED" && progress.status !== "TIMED_OUT")
    throw new Error(`step ${step.id} was left as ${progress.status}`);
  return {
    type: "state.reused",
    branch: ROOT,
    state,
    stepId: stepId(runId, ROOT, state, visit),
    from: step.id,
    stateType: type,
    ...(action && { action }),
    visit,
    outcome: progress,
    next,
    ...(exit.resultPath !== null && { resultPath: exit.resultPath }),
    ...(exit.merge && { merge: exit.merge }),
    ...(exit.result !== undefined && { result: exit.result }),
  };
}
