import { definitionDigest } from "../definition/canonical.ts";
import type { By } from "../identity/channel.ts";
import type { NewRun, Refusal } from "./commands.ts";
import type { Recorded, RunEvent } from "./events.ts";
import { begin, evolve } from "./evolve.ts";
import { ROOT, type RunId } from "./ids.ts";
import type { Run, Step } from "./run.ts";
import { stepId } from "./step-id.ts";
import { type Source, takenOver } from "./taken-over.ts";
import type { Transition } from "./transition.ts";
import { beginning } from "./transition-of.ts";

export type Rerun =
  | { readonly ok: true; readonly transition: Transition; readonly run: Run }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * A new run that goes on where an earlier one was: everything its root branch had done before it last came to `from`
 * is taken over, with where it came from. Without `from` nothing is.
 */
export function rerun(request: NewRun, source: Source, from: string | null, now: number, by: By): Rerun {
  const before = from === null ? null : takenOver(request.definition, source, from);
  if (before?.ok === false)
    return { ok: false, refusal: { code: "invalid-transition", message: before.message } };
  const reused = before?.steps ?? [];
  const { runId, definition, workflow, input, labels, traceparent, concurrencyKey } = request;
  const created = {
    at: now,
    ...by,
    event: {
      type: "run.created",
      runId,
      workflow,
      definition: definitionDigest(definition),
      input,
      labels,
      ...(traceparent !== undefined && { traceparent }),
      rerunOf: { runId: source.runId, from },
      ...(concurrencyKey !== undefined && { concurrencyKey }),
    },
  } as const;
  const facts: Recorded[] = [created];
  let run = begin(definition, created);
  if (from !== null) {
    const { timeoutSeconds } = definition;
    const deadline = timeoutSeconds === undefined ? null : now + timeoutSeconds * 1000;
    // Where only so many may go on at once it waits for its turn, with what it has taken over.
    const started: readonly RunEvent[] =
      concurrencyKey === undefined ? [{ type: "run.started", deadline }] : [];
    const events: readonly RunEvent[] = [
      ...started,
      ...reused.map((step, index) => reuse(runId, step, reused[index + 1]?.state ?? from)),
    ];
    for (const event of events) {
      const fact = { at: now, ...by, event };
      facts.push(fact);
      run = evolve(run, fact);
    }
  }
  return { ok: true, transition: beginning(run, facts), run };
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
    ...(exit.whole.length > 0 && { whole: exit.whole }),
    ...(exit.result !== undefined && { result: exit.result }),
  };
}
