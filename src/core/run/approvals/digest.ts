import { canonicalHash, canonicalJson } from "../../canonical.ts";
import { parsePath } from "../../path.ts";
import { readFrom, stateResultsOf, viewOf } from "../context.ts";
import type { Approval, Run } from "../run.ts";

/** Everything an approver is shown and agrees to. */
type Shown = Pick<Approval, "message" | "title" | "summary" | "state"> & {
  readonly terms: Pick<Approval["terms"], "consequence">;
};

/** SHA-256 over what an approver is shown: question, evidence, definition version and what follows. */
export function digestOf(
  { message, title, summary, state, terms }: Shown,
  { id, version }: Pick<Run["workflow"], "id" | "version">,
): string {
  const { consequence } = terms;
  return canonicalHash({ message, title, summary, state, workflow: id, version, consequence });
}

/**
 * Why what would be decided is not what was asked: the record was altered, or the context it shows has changed since.
 * `null` when nothing has. Approvals of before the consequence was part of them cannot be recomputed.
 */
export function driftOf(run: Run, approval: Approval): string | null {
  if (approval.terms.consequence === null) return null;
  if (digestOf(approval, run.workflow) !== approval.digest)
    return `${approval.id} is not what was asked: its record was altered`;
  const { summaryPath } = approval.terms;
  const path = summaryPath === null ? null : parsePath(summaryPath);
  const step = run.steps[approval.stepId];
  if (!path || !step) return null;
  const view = viewOf(run, approval.branch, step.enteredAt);
  const summary = readFrom(view, path, stateResultsOf(run.definition)) ?? null;
  return canonicalJson(summary) === canonicalJson(approval.summary)
    ? null
    : `the context has changed since ${approval.id} was asked: "${summaryPath}" is another now`;
}
