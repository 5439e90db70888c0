import { ROOT } from "./ids.ts";
import { isOpen, type Outcome, type Run } from "./run.ts";
import { movedTo, withBranch } from "./tables.ts";

/** The run is over: what was open never becomes anything. */
export function closed(run: Run, at: number, outcome: Outcome = { status: "CANCELLED" }): Run {
  const below = cancelBelow(run, "", at);
  const root = below.branches[ROOT];
  if (!root || root.position.at === "closed") return below;
  return withBranch(below, movedTo(root, { at: "closed", closedAt: at, outcome }));
}

/** Gives up every open branch and step whose branch path starts with `prefix` ("" for all). */
export function cancelBelow(run: Run, prefix: string, at: number): Run {
  const isBelow = (path: string) => path.startsWith(prefix);
  const branches = { ...run.branches };
  for (const branch of Object.values(run.branches)) {
    if (!isBelow(branch.path) || branch.path === ROOT || branch.position.at === "closed") continue;
    branches[branch.path] = movedTo(branch, { at: "closed", closedAt: at, outcome: { status: "CANCELLED" } });
  }
  let { openApprovals, openSignals } = run;
  const steps = { ...run.steps };
  for (const found of Object.values(run.steps)) {
    if (!isBelow(found.branch) || !isOpen(found)) continue;
    if (found.progress.status === "RUNNING" && "waiting" in found.progress)
      if (found.progress.waiting.for === "signal") openSignals--;
    steps[found.id] = {
      ...found,
      finishedAt: at,
      deadline: found.deadline,
      progress: { status: "CANCELLED" },
    };
  }
  const approvals = { ...run.approvals };
  for (const approval of Object.values(run.approvals)) {
    if (!isBelow(approval.branch) || approval.status !== "PENDING") continue;
    approvals[approval.id] = { ...approval, status: "CANCELLED" };
    openApprovals--;
  }
  return { ...run, branches, steps, approvals, openApprovals, openSignals };
}
