import { tallyOf } from "../run/approvals/tally.ts";
import type { Approval, Run, Step } from "../run/run.ts";

/** What a step asked people last, an agent may ask more than once; undefined where it asked nothing. */
export function questionOf(
  { approvals }: Pick<Run, "approvals">,
  { id }: Pick<Step, "id">,
): Approval | undefined {
  return Object.values(approvals).findLast(({ stepId }) => stepId === id);
}

/** Whom an open question waits for, and how far it is: `team:sre, alice (1 of 2)`. */
export function waitsFor(approval: Approval): { readonly who: string; readonly votes: string } {
  const { approvers, escalatedTo } = approval;
  const { given, needed } = tallyOf(approval);
  const who = approvers.length === 0 ? "anyone" : [...new Set([...approvers, ...escalatedTo])].join(", ");
  return { who, votes: `${given} of ${needed}` };
}
