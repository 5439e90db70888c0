import type { RunId, StepId } from "../../core/run/ids.ts";
import type { TaskMessage } from "../../engine/ports/queue.ts";

/** The durable consumer that all workers share. */
export const WORKERS = "station-workers";

/** What streams and subjects are called. */
export type Names = {
  readonly tasks: string;
  readonly events: string;
  readonly taskSubjects: string;
  readonly eventSubjects: string;
  readonly announce: string;
  readonly progress: string;
  /** Of a process that is connected. */
  alive(holder: string): string;
  task(message: TaskMessage): string;
  event(runId: RunId, stepId: StepId | null): string;
};

/** The names, after `prefix` where several Stations share an account. */
export function namesUnder(prefix = ""): Names {
  const root = prefix === "" ? "wf" : `${prefix}.wf`;
  const stream = prefix === "" ? "" : `${prefix.toUpperCase()}_`;
  return {
    tasks: `${stream}WORKFLOW_TASKS`,
    events: `${stream}WORKFLOW_EVENTS`,
    taskSubjects: `${root}.task.>`,
    eventSubjects: `${root}.event.>`,
    announce: `${root}.announce`,
    progress: `${root}.progress`,
    // A name may hold what has a meaning in a subject.
    alive: (holder) => `${root}.alive.${Buffer.from(holder).toString("base64url")}`,
    // A step task without a step id does not happen; "-" keeps it deliverable if it does.
    task: ({ kind, runId, stepId }) =>
      kind === "step" ? `${root}.task.step.${runId}.${stepId ?? "-"}` : `${root}.task.${kind}.${runId}`,
    event: (runId, stepId) =>
      stepId === null ? `${root}.event.run.${runId}` : `${root}.event.step.${runId}.${stepId}`,
  };
}
