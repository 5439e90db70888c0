import type { Decision } from "../../core/run/run.ts";
import { isoTime } from "../../core/time.ts";
import type { ApprovalView } from "../../engine/ports.ts";
import type { Approval } from "../schemas/approvals.ts";
import { timeOrNull } from "./runs.ts";

/** An approval with everything said about it so far. */
export function approvalJson(approval: ApprovalView): Approval {
  const { quorum } = approval;
  return {
    approvalId: approval.id,
    runId: approval.runId,
    workflowId: approval.workflowId,
    stepId: approval.stepId,
    state: approval.state,
    branch: approval.branch,
    status: approval.status,
    title: approval.title,
    message: approval.message,
    summary: approval.summary,
    approvers: [...approval.approvers],
    quorum: typeof quorum === "number" ? quorum : { ...quorum },
    excludeStarter: approval.excludeStarter,
    decisions: approval.decisions.map(decisionJson),
    digest: approval.digest,
    requestedAt: isoTime(approval.requestedAt),
    expiresAt: timeOrNull(approval.expiresAt),
  };
}

/** What one person said. */
export function decisionJson({ decision, by, at, comment }: Decision): Approval["decisions"][number] {
  return { decision, by, at: isoTime(at), comment };
}
