import { isDeepStrictEqual } from "node:util";
import type { Definition } from "../../src/core/definition/types.ts";
import { contextOf } from "../../src/core/run/context.ts";
import { isTerminalEvent } from "../../src/core/run/events.ts";
import { begin, evolve } from "../../src/core/run/evolve.ts";
import { ROOT } from "../../src/core/run/ids.ts";
import { isTerminal, type Run, statusOf } from "../../src/core/run/run.ts";
import { recordedOf } from "../../src/core/view/fact.ts";
import { type History, outcomeOf } from "./history.ts";

/** Something that must hold and does not. */
export type Violation = {
  readonly kind: "lost" | "twice" | "trace" | "secret" | "differs";
  readonly runId: string | null;
  readonly what: string;
  readonly found?: unknown;
  readonly expected?: unknown;
};

/** Everything that must hold of a run that has ended; `expected` is what an undisturbed one came to. */
export function checkRun(history: History, definition: Definition, expected: unknown): readonly Violation[] {
  const { runId } = history.run;
  const violations: Violation[] = [];
  const report = (what: string, kind: Violation["kind"] = "differs") =>
    void violations.push({ kind, runId, what });
  const same = (what: string, found: unknown, wanted: unknown, kind: Violation["kind"] = "differs") => {
    if (!isDeepStrictEqual(found, wanted)) violations.push({ kind, runId, what, found, expected: wanted });
  };

  same("the outcome differs from an undisturbed run's", outcomeOf(history), expected);
  const { events } = history;
  events.forEach(({ seq }, index) => {
    if (seq !== index + 1) report(`event ${index + 1} has seq ${seq}`, "lost");
  });
  const recorded = events.map(recordedOf);
  const [first, ...rest] = recorded;
  if (first?.event.type !== "run.created") {
    report(`the events begin with ${first?.event.type}`, "lost");
    return violations;
  }
  const ends = recorded.filter(({ event }) => isTerminalEvent(event)).length;
  same("terminal events", ends, 1, ends > 1 ? "twice" : "lost");
  let run: Run = begin(definition, { ...first, event: first.event });
  const succeeded = new Set<string>();
  for (const each of rest) {
    const { event } = each;
    if (isTerminal(run)) report(`${event.type} after the end`, "twice");
    if (event.type === "step.succeeded" && succeeded.has(event.stepId))
      report(`step ${event.stepId} (${event.state}) succeeded twice`, "twice");
    if (event.type === "step.succeeded") succeeded.add(event.stepId);
    try {
      run = evolve(run, each);
    } catch (error) {
      report(`the events cannot be folded: ${String(error)}`);
      return violations;
    }
  }
  compare(history, run, same);
  return violations;
}

/** fold(events) == rows. */
function compare(
  { run: row, steps, approvals }: History,
  run: Run,
  same: (what: string, found: unknown, wanted: unknown) => void,
): void {
  same("status", row.status, statusOf(run));
  same("context", row.context, contextOf(run, ROOT));
  same("output", row.output, run.lifecycle.status === "COMPLETED" ? run.lifecycle.output : null);
  same("open approvals and signals", [run.openApprovals, run.openSignals], [0, 0]);
  same("ids of the steps", steps.map(({ stepId }) => stepId).sort(), Object.keys(run.steps).sort());
  for (const step of steps) {
    const folded = Object.values(run.steps).find(({ id }) => id === step.stepId);
    if (!folded) continue;
    const { progress } = folded;
    same(
      `step ${step.state} in "${step.branch}"`,
      [step.state, step.branch, step.type, step.attempt, step.status, step.output, step.error],
      [
        ...[folded.state, folded.branch, folded.type, folded.attempt, progress.status],
        progress.status === "SUCCEEDED" ? progress.output : null,
        "error" in progress ? (progress.error ?? null) : null,
      ],
    );
  }
  const shown = approvals.map(({ approvalId, status, decisions }) => [approvalId, status, decisions.length]);
  const known = Object.values(run.approvals).map(({ id, status, decisions }) => [
    id,
    status,
    decisions.length,
  ]);
  same("approvals", shown.sort(), known.sort());
}
