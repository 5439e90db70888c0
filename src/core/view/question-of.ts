import type { Approval, Run, Step } from "../run/run.ts";

/** What a step asked people last, an agent may ask more than once; undefined where it asked nothing. */
export function questionOf(
  { approvals }: Pick<Run, "approvals">,
  { id }: Pick<Step, "id">,
): Approval | undefined {
  return Object.values(approvals).findLast(({ stepId }) => stepId === id);
}
