import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { RunId } from "../../core/run/ids.ts";
import { pause } from "../../engine/pause.ts";
import type { HttpPorts } from "../ports.ts";
import type { Run } from "../schemas/runs.ts";
import type { Caller } from "./caller.ts";

/** How long a call waits for a run unless it says otherwise; clients give up after 60 s. */
export const DEFAULT_WAIT_SECONDS = 15;
export const LONGEST_WAIT_SECONDS = 50;
const ASK_EVERY_MS = 200;
const NOTICE_MS = 2000;
const GOING_ON = ["PENDING", "RUNNING"];

/** Waits until a run has ended, or goes on only when somebody else does something, or time is up. */
export async function settled(
  ports: Pick<HttpPorts, "store">,
  runId: string,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
  while (!until.aborted) {
    const status = await ports.store.queries.status(runId as RunId);
    if (status === null || !GOING_ON.includes(status)) return;
    await pause(ASK_EVERY_MS, until);
  }
}

/** Waits a moment for a run that waited for a signal to notice that there is one. */
export async function noticed(
  { store }: Pick<HttpPorts, "store">,
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(NOTICE_MS)]);
  while (!until.aborted && (await store.queries.status(runId as RunId)) === "WAITING_SIGNAL")
    await pause(ASK_EVERY_MS, until);
}

/** How a run stands, and what to do next, in the words of somebody who reads it for another. */
export async function runAnswer({ client }: Caller, runId: string): Promise<JsonValue> {
  const run = await client.getRun({ params: { runId } });
  const { status, workflowId, workflowVersion, environment, output, error, reason, blockedOn, purgedAt } =
    run;
  const approvals =
    status === "WAITING_APPROVAL" ? (await client.listRunApprovals({ params: { runId } })).items : [];
  const open = approvals.filter((approval) => approval.status === "PENDING");
  return {
    runId,
    workflowId,
    workflowVersion,
    environment,
    status,
    ...(run.simulated && { simulated: true }),
    ...(output !== undefined && output !== null && { output }),
    ...(error && { error: error as unknown as JsonObject }),
    ...(reason !== null && { reason }),
    ...(purgedAt !== null && { purgedAt }),
    ...(blockedOn !== null && { blockedOn }),
    ...(run.currentStates.length > 0 && { currentStates: run.currentStates }),
    ...(open.length > 0 && {
      openApprovals: open.map(({ approvalId, message, approvers, expiresAt }) => ({
        approvalId,
        message,
        approvers,
        expiresAt,
      })),
    }),
    next: nextOf(run),
  };
}

function nextOf({ status, runId, purgedAt }: Run): string {
  if (purgedAt !== null)
    return "The run is over, and its values were purged: nothing says any more what they were.";
  switch (status) {
    case "COMPLETED":
      return "The run is over; `output` is its result.";
    case "FAILED":
    case "CANCELLED":
    case "TIMED_OUT":
      return "The run is over and did not complete.";
    case "WAITING_APPROVAL":
      return "A person must approve or reject, in Station's UI or with `stn approve`. No tool can do that.";
    case "WAITING_SIGNAL":
      return `The run waits for a signal: call \`signal\` with runId ${runId}.`;
    case "PAUSED":
      return "Somebody has paused the run and must resume it.";
    case "PENDING":
    case "RUNNING":
      return `The run is still going: call \`run_status\` with runId ${runId}.`;
  }
}
