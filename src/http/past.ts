import { contextOf } from "../core/run/context.ts";
import { type BranchPath, ROOT, type RunId } from "../core/run/ids.ts";
import { isTerminal, statusOf } from "../core/run/run.ts";
import { traceOf } from "../core/trace/context.ts";
import type { RunView } from "../engine/ports/queries.ts";
import { type RunAt, runAt } from "../engine/run-at.ts";
import type { HttpPorts } from "./ports.ts";
import { notFound } from "./problems.ts";

/** A run as it stood after an event, or the problem that there is no such run or event. */
export async function mustBeAt(ports: HttpPorts, runId: RunId, seq: number): Promise<RunAt> {
  const past = await runAt(ports, runId, seq);
  if (past === null) throw notFound(`run ${runId}`);
  if ("latest" in past) throw notFound(`event ${seq} of run ${runId}, whose latest is ${past.latest},`);
  return past;
}

/**
 * A past run as runs are answered. What it waited for is in `currentStates`; the sentence is only made of now. What was
 * purged since is gone from the past, too.
 */
export function viewAt({ run, last }: RunAt, purgedAt: number | null): RunView {
  const { lifecycle } = run;
  const { event } = last;
  return {
    runId: run.id,
    workflowId: run.workflow.id,
    workflowVersion: run.workflow.version,
    environment: run.workflow.environment,
    status: statusOf(run),
    startedBy: run.startedBy,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    finishedAt: isTerminal(run) ? last.at : null,
    simulated: run.simulated,
    labels: run.labels,
    rerunOf: run.rerunOf,
    calledBy: run.calledBy,
    input: run.input,
    context: run.branches[ROOT] ? contextOf(run, ROOT) : run.input,
    output: lifecycle.status === "COMPLETED" ? lifecycle.output : undefined,
    warnings: event.type === "run.completed" ? (event.warnings ?? []) : [],
    error: "error" in lifecycle ? lifecycle.error : null,
    reason: "reason" in lifecycle ? lifecycle.reason : null,
    blockedOn: null,
    traceId: traceOf(run).traceId,
    currentStates: Object.values(run.branches).flatMap(({ path, position }) =>
      position.at === "closed" ? [] : [{ branch: path, state: position.state }],
    ),
    seq: last.seq,
    purgedAt,
  };
}

/** The branch an event speaks of; the root's for events of the run as a whole. */
export function branchOf({ run, last: { event } }: RunAt): BranchPath {
  return "branch" in event && run.branches[event.branch] ? event.branch : ROOT;
}
