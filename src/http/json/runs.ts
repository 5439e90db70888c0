import type { JsonObject } from "../../core/json.ts";
import { isoTime } from "../../core/time.ts";
import type { EventView, RunSummary, RunView, StepView } from "../../engine/ports/queries.ts";
import type { Run, RunEventItem, RunRow, Step } from "../schemas/runs.ts";

/** A time, or null where there is none yet. */
export function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

/** A run without what may be large. */
export function runRow(run: RunSummary): Omit<RunRow, "why"> {
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    workflowVersion: run.workflowVersion,
    environment: run.environment,
    status: run.status,
    labels: { ...run.labels },
    startedBy: run.startedBy,
    createdAt: isoTime(run.createdAt),
    startedAt: timeOrNull(run.startedAt),
    finishedAt: timeOrNull(run.finishedAt),
    simulated: run.simulated,
  };
}

/** A whole run. */
export function runJson(run: RunView): Run {
  return {
    ...runRow(run),
    rerunOf: run.rerunOf,
    calledBy: run.calledBy && { ...run.calledBy, within: [...run.calledBy.within] },
    input: run.input,
    context: run.context,
    output: run.output ?? null,
    warnings: [...run.warnings],
    error: run.error,
    reason: run.reason,
    blockedOn: run.blockedOn,
    traceId: run.traceId,
    currentStates: [...run.currentStates],
    seq: run.seq,
    purgedAt: timeOrNull(run.purgedAt),
  };
}

/** A step; it takes no time yet while it is open. */
export function stepJson(step: StepView): Step {
  return {
    stepId: step.stepId,
    state: step.state,
    type: step.type,
    action: step.action,
    branch: step.branch,
    index: step.index,
    status: step.status as Step["status"],
    attempt: step.attempt,
    input: step.input ?? null,
    output: step.output ?? null,
    error: step.error,
    validation: step.validation ?? null,
    agentRunId: step.agentRunId,
    reusedFrom: step.reusedFrom,
    calledRunId: step.calledRunId,
    startedAt: isoTime(step.startedAt),
    finishedAt: timeOrNull(step.finishedAt),
    durationMs: step.finishedAt === null ? null : step.finishedAt - step.startedAt,
  };
}

/** An event. `data` holds the rest of it unchanged, times in milliseconds included: it is what was sealed. */
export function eventJson({ seq, at, actor, channel, event, hash }: EventView): RunEventItem {
  const { type, ...rest } = event;
  const { state, stepId, branch, ...data } = rest as Readonly<Record<string, unknown>>;
  return {
    seq,
    type,
    at: isoTime(at),
    actor,
    channel,
    state: textOrNull(state),
    stepId: textOrNull(stepId),
    branch: textOrNull(branch),
    data: data as JsonObject,
    hash,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
