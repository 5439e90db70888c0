import { hash } from "node:crypto";
import { ulid } from "../ulid.ts";
import type { ApprovalId, BranchPath, RunId, StepId } from "./ids.ts";

/**
 * step_id = hash(run_id + state_name + branch_path + foreach_index) (PRD §3.7), so a redelivered task finds
 * the same step. The foreach index is part of the branch path. A loop's later visits are steps of their own.
 */
export function stepId(runId: RunId, branch: BranchPath, state: string, visit: number): StepId {
  const identity = visit === 1 ? [runId, state, branch] : [runId, state, branch, String(visit)];
  return hash("sha256", identity.join("\n")).slice(0, 32) as StepId;
}

/** A step asks for one approval, or, while an agent does it, for one per question. */
export function approvalIdOf(step: StepId, question?: string): ApprovalId {
  const id = question === undefined ? step : hash("sha256", `${step}\n${question}`);
  return `apr_${id.slice(0, 26)}` as ApprovalId;
}

/** What makes a retry recognisable to everything an attempt touches (PRD §3.6). */
export function idempotencyKey(runId: RunId, step: StepId, attempt: number): string {
  return `${runId}:${step}:${attempt}`;
}

/** The run an attempt starts, called at `now`: no two attempts start the same. */
export function calledRunIdOf(key: string, now: number): RunId {
  const digits = hash("sha256", key);
  return `run_${ulid(now, (index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16) % 32)}` as RunId;
}

/** The agent run an attempt becomes: the same attempt is always the same agent run. */
export function agentRunIdOf(key: string): string {
  return `ar_${hash("sha256", key).slice(0, 24)}`;
}
