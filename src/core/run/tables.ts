import type { ApprovalId, BranchPath, StepId } from "./ids.ts";
import type { Approval, Branch, Run, Step } from "./run.ts";

/** Tables that a fold in progress may change in place. */
export const owned = new WeakSet<object>();

function set<Key extends string, Value>(table: Readonly<Record<Key, Value>>, key: Key, value: Value) {
  if (!owned.has(table)) return { ...table, [key]: value };
  (table as Record<Key, Value>)[key] = value;
  return table;
}

export function branchOf(run: Run, path: BranchPath): Branch {
  const branch = run.branches[path];
  if (!branch) throw new Error(`run ${run.id} has no branch "${path}"`);
  return branch;
}

export function stepOf(run: Run, id: StepId): Step {
  const found = run.steps[id];
  if (!found) throw new Error(`run ${run.id} has no step ${id}`);
  return found;
}

export function approvalOf(run: Run, id: ApprovalId): Approval {
  const found = run.approvals[id];
  if (!found) throw new Error(`run ${run.id} has no approval ${id}`);
  return found;
}

/** A branch's own move: its version counts it. */
export function movedTo(branch: Branch, position: Branch["position"]): Branch {
  return { ...branch, version: branch.version + 1, position };
}

export function withBranch(run: Run, branch: Branch): Run {
  return { ...run, branches: set(run.branches, branch.path, branch) };
}

export function withStep(run: Run, changed: Step): Run {
  return { ...run, steps: set(run.steps, changed.id, changed) };
}

export function withApproval(run: Run, approval: Approval): Run {
  return { ...run, approvals: { ...run.approvals, [approval.id]: approval } };
}
