import { isSame } from "../../identity/principal.ts";
import type { Recorded, RunEvent } from "../events.ts";
import type { Approval, ApprovalTerms, Decision } from "../run.ts";

/** What an approval was asked under before there were terms. */
export const NO_TERMS: ApprovalTerms = {
  author: null,
  rejectQuorum: 1,
  veto: [],
  isDelegable: false,
  summaryPath: null,
  remindAt: null,
  escalate: [],
  consequence: null,
};

type ApprovalEvent = Extract<RunEvent, { readonly approvalId: unknown }>;

/** An approval as it was asked for. */
export function requestedBy(
  event: Extract<RunEvent, { readonly type: "approval.requested" }>,
  at: number,
): Approval {
  const { stepId, branch, state } = event;
  return {
    terms: NO_TERMS,
    ...event.approval,
    stepId,
    branch,
    state,
    requestedAt: at,
    decisions: [],
    delegations: [],
    remindedAt: null,
    escalations: 0,
    escalatedTo: [],
    status: "PENDING",
    revision: 0,
  };
}

/** Applies one fact to the approval it is about. */
export function evolveApproval(approval: Approval, event: ApprovalEvent, told: Told): Approval {
  return { ...approval, ...changeOf(approval, event, told), revision: approval.revision + 1 };
}

type Told = Pick<Recorded, "at" | "actor" | "channel">;

function changeOf(approval: Approval, event: ApprovalEvent, { at, actor, channel }: Told): Partial<Approval> {
  switch (event.type) {
    case "approval.voted":
    case "approval.approved":
    case "approval.rejected": {
      const rejects =
        event.type === "approval.rejected" || ("decision" in event && event.decision === "reject");
      const voice: Decision = {
        decision: rejects ? "reject" : "approve",
        by: actor,
        at,
        channel,
        comment: event.comment,
        ...(event.as && { as: event.as }),
        ...(event.args && { args: event.args }),
      };
      const decisions = [...approval.decisions, voice];
      if (event.type === "approval.voted") return { decisions };
      return { decisions, status: event.type === "approval.approved" ? "APPROVED" : "REJECTED" };
    }
    case "approval.vote_voided": {
      const { by, reason } = event;
      const decisions = approval.decisions.map((voice) =>
        isSame(voice.by, by) && voice.voided === undefined ? { ...voice, voided: reason } : voice,
      );
      return { decisions };
    }
    case "approval.delegated": {
      const { to, as, comment } = event;
      const others = approval.delegations.filter(({ from }) => !isSame(from, actor));
      const delegations = isSame(to, actor) ? others : [...others, { from: actor, to, as, at, comment }];
      return { delegations };
    }
    case "approval.reminded":
      return { remindedAt: at };
    case "approval.escalated": {
      const added = event.to.filter((name) => !approval.escalatedTo.includes(name));
      return { escalations: event.level, escalatedTo: [...approval.escalatedTo, ...added] };
    }
    case "approval.expired":
      return { status: "EXPIRED" };
  }
}
