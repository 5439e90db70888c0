import type { Call, Question } from "../../core/agent/agent-run.ts";
import { isObject } from "../../core/json.ts";
import type { StepId } from "../../core/run/ids.ts";
import { approvalIdOf } from "../../core/run/step-id.ts";
import type { ApprovalView } from "../ports/queries.ts";
import type { Means } from "./means.ts";

/** What people made of a question. */
export type Verdict = {
  readonly approved: boolean;
  readonly by: string;
  readonly comment: string | null;
  readonly args: Call["args"] | null;
};

/**
 * What was decided about a question; `null` while nobody has. The approvals of the workflow are the only place where
 * decisions are kept, so a decision reaches the agent whatever died in between.
 */
export async function verdictOn(
  { approvals }: Pick<Means, "approvals">,
  stepId: StepId,
  question: Question,
): Promise<Verdict | null> {
  const approval = await approvals.approval(approvalIdOf(stepId, question.id));
  return approval ? verdictOf(approval) : null;
}

function verdictOf({ status, decisions }: ApprovalView): Verdict | null {
  const last = decisions.at(-1);
  switch (status) {
    case "APPROVED":
    case "REJECTED": {
      const by = decisions.map((decision) => decision.by).join(", ");
      const edited = decisions.findLast((decision) => decision.args !== undefined)?.args;
      const args = status === "APPROVED" && isObject(edited) ? edited : null;
      return { approved: status === "APPROVED", by, comment: last?.comment ?? null, args };
    }
    case "EXPIRED":
      return { approved: false, by: "nobody", comment: "the time to decide is over", args: null };
    case "PENDING":
    case "CANCELLED":
      return null;
  }
}
