import { createHash } from "node:crypto";
import type { ApprovalId, BranchPath, RunId, StepId } from "./ids.ts";

/**
 * step_id = hash(run_id + state_name + branch_path + foreach_index) (PRD §3.7), so a redelivered task finds
 * the same step. The foreach index is part of the branch path. A loop's later visits are steps of their own.
 */
export function stepId(runId: RunId, branch: BranchPath, state: string, visit: number): StepId {
  const identity = visit === 1 ? [runId, state, branch] : [runId, state, branch, String(visit)];
  return createHash("sha256").update(identity.join("\n")).digest("hex").slice(0, 32) as StepId;
}

export function approvalIdOf(step: StepId): ApprovalId {
  return `apr_${step.slice(0, 26)}` as ApprovalId;
}

/** What makes a retry recognisable to everything an attempt touches (PRD §3.6). */
export function idempotencyKey(runId: RunId, step: StepId, attempt: number): string {
  return `${runId}:${step}:${attempt}`;
}
