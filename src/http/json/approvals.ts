import type { Principal } from "../../core/identity/principal.ts";
import { standingVoice } from "../../core/run/approvals/decide-approval.ts";
import { excludedFrom, rightTo, whoMay } from "../../core/run/approvals/rights.ts";
import { tallyOf, tallyText } from "../../core/run/approvals/tally.ts";
import type { Decision } from "../../core/run/run.ts";
import { isoTime } from "../../core/time.ts";
import type { ApprovalView } from "../../engine/ports/queries.ts";
import type { Approval } from "../schemas/approvals.ts";
import { timeOrNull } from "./runs.ts";

/** An approval with everything said about it so far, as `caller` sees it. */
export function approvalJson(approval: ApprovalView, caller: Principal): Approval {
  const { quorum, terms } = approval;
  const tally = tallyOf(approval);
  return {
    approvalId: approval.id,
    runId: approval.runId,
    workflowId: approval.workflowId,
    workflowVersion: approval.workflowVersion,
    environment: approval.environment,
    startedBy: approval.startedBy,
    stepId: approval.stepId,
    state: approval.state,
    branch: approval.branch,
    status: approval.status,
    title: approval.title,
    message: approval.message,
    summary: approval.summary,
    summaryPath: terms.summaryPath,
    consequence: terms.consequence && {
      approved: followingJson(terms.consequence.approved),
      rejected: followingJson(terms.consequence.rejected),
      expired: followingJson(terms.consequence.expired),
    },
    approvers: [...approval.approvers],
    quorum: typeof quorum === "number" ? quorum : { ...quorum },
    tally: { ...tally, groups: [...tally.groups], text: tallyText(tally) },
    excludeStarter: approval.excludeStarter,
    mayDecide: {
      text: whoMay(approval),
      escalatedTo: [...approval.escalatedTo],
      veto: [...terms.veto],
      excluded: excludedFrom(approval, approval).map((one) => ({ ...one })),
    },
    you: rightsOf(approval, caller),
    decisions: approval.decisions.map(decisionJson),
    isDelegable: terms.isDelegable,
    delegations: approval.delegations.map((one) => ({ ...one, as: [...one.as], at: isoTime(one.at) })),
    digest: approval.digest,
    requestedAt: isoTime(approval.requestedAt),
    remindAt: timeOrNull(terms.remindAt),
    remindedAt: timeOrNull(approval.remindedAt),
    escalations: terms.escalate.map(({ at, to }, index) => ({
      level: index + 1,
      at: isoTime(at),
      to: [...to],
      hasHappened: index < approval.escalations,
    })),
    expiresAt: timeOrNull(approval.expiresAt),
  };
}

/** What one person said. */
export function decisionJson(voice: Decision): Approval["decisions"][number] {
  const { decision, by, at, comment, as = [], channel, voided = null, args } = voice;
  const edited = args === undefined ? {} : { args };
  return { decision, by, at: isoTime(at), comment, as: [...as], channel, voided, ...edited };
}

type Following = NonNullable<ApprovalView["terms"]["consequence"]>["approved"];

function followingJson({ text, actions }: Following) {
  return { text, actions: actions.map((action) => ({ ...action, agents: [...action.agents] })) };
}

function rightsOf(approval: ApprovalView, caller: Principal): Approval["you"] {
  const none = (because: string) => ({ mayApprove: false, mayReject: false, because });
  if (approval.status !== "PENDING") return none(`it is ${approval.status.toLowerCase()}`);
  if (standingVoice(approval, caller.id)) return none("you have decided already; others are still to come");
  const approving = rightTo("approve", caller, approval, approval);
  const rejecting = rightTo("reject", caller, approval, approval);
  const because = approving.may ? null : approving.message;
  return { mayApprove: approving.may, mayReject: rejecting.may, because };
}
