import { APPROVER_FORMS, isApprover } from "../../definition/approver.ts";
import type { ApprovalState } from "../../definition/types.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { deepestExisting, parsePath, readPath } from "../../path.ts";
import { plainText } from "../../plain-text.ts";
import { isoTime } from "../../time.ts";
import { consequenceOf } from "../approvals/consequence.ts";
import { digestOf } from "../approvals/digest.ts";
import { outOfReach } from "../approvals/out-of-reach.ts";
import { remind } from "../approvals/remind.ts";
import { askedBy } from "../approvals/rights.ts";
import { remindAt } from "../approvals/schedule.ts";
import { blockAt } from "../blocks.ts";
import { readFrom, stateResultsOf, type View, viewOf } from "../context.ts";
import { finalError, missingPath, timeoutError } from "../errors.ts";
import type { BranchPath } from "../ids.ts";
import { failEntry, failStep, leave, named, place, succeed } from "../moves.ts";
import { render } from "../render.ts";
import type { Approval, ApprovalTerms, Decision, Step } from "../run.ts";
import { approvalIdOf } from "../step-id.ts";
import type { Turn } from "../turn.ts";

export function enterApproval(turn: Turn, path: BranchPath, state: ApprovalState): void {
  const { visit, ...at } = place(turn, path, state);
  const view = viewOf(turn.run, path, turn.now);
  const written: JsonObject = {
    message: state.message,
    approvers: state.approvers,
    veto: state.veto ?? [],
    escalate: state.escalate.map(({ to, notify }) => ({ to, notify: notify ?? null })),
    ...(state.title === undefined ? {} : { title: state.title }),
  };
  const shown = render(turn, `input:${at.stepId}`, `approval "${state.name}"`, written, view);
  if (!shown.ok) {
    failEntry(turn, path, state, shown.error);
    return;
  }
  const { message, title, approvers, veto, escalate } = shown.value as JsonObject;
  const complaint =
    nobodyIn(`approvers of "${state.name}"`, state.approvers, approvers) ??
    nobodyIn(`veto of "${state.name}"`, state.veto ?? [], veto) ??
    state.escalate
      .map(({ to }, index) =>
        nobodyIn(`escalation ${index + 1} of "${state.name}"`, to, readPath(escalate, [String(index), "to"])),
      )
      .find((one) => one !== null);
  if (complaint) {
    failEntry(turn, path, state, finalError("validation", "INVALID_APPROVERS", complaint));
    return;
  }
  const { summaryPath } = state;
  const where = summaryPath === undefined ? null : parsePath(summaryPath);
  const summary = where ? readFrom(view, where, stateResultsOf(turn.run.definition)) : null;
  if (summary === undefined) {
    const existing = deepestExisting(view.context, where?.keys ?? []);
    const error = missingPath(
      `summaryPath of "${state.name}"`,
      summaryPath ?? "",
      existing,
      Object.keys(view.context),
    );
    failEntry(turn, path, state, error);
    return;
  }
  const expiresAt = turn.now + (state.timeoutSeconds ?? 86_400) * 1000;
  const evidence = {
    message: plainText(textOf(message ?? "")),
    title: title === undefined ? null : plainText(textOf(title)),
    summary,
    approvers: namesIn(approvers),
  };
  const terms = termsOf(turn, path, state, view, { veto: veto ?? [], escalate: escalate ?? [] });
  const { quorum, excludeStarter } = state;
  const lack = outOfReach({ ...evidence, quorum, excludeStarter, expiresAt, terms }, askedBy(turn.run));
  if (lack !== null) {
    const error = finalError("validation", "INVALID_QUORUM", `approval "${state.name}": ${lack}`);
    failEntry(turn, path, state, error);
    return;
  }
  const digest = digestOf({ ...evidence, state: state.name, terms }, turn.run.workflow);
  turn.emit({
    type: "state.entered",
    ...at,
    stateType: state.type,
    action: state.action,
    visit,
    deadline: expiresAt,
    input: evidence,
  });
  turn.emit({
    type: "approval.requested",
    ...at,
    approval: {
      id: approvalIdOf(at.stepId),
      ...evidence,
      quorum,
      excludeStarter,
      expiresAt,
      digest,
      terms,
    },
  });
}

function termsOf(
  turn: Turn,
  path: BranchPath,
  state: ApprovalState,
  view: View,
  rendered: { readonly veto: JsonValue; readonly escalate: JsonValue },
): ApprovalTerms {
  const seconds = state.timeoutSeconds ?? 86_400;
  const levels = isList(rendered.escalate) ? rendered.escalate : [];
  const escalate = state.escalate.map(({ afterSeconds }, index) => {
    const { to, notify } = (levels[index] ?? {}) as JsonObject;
    return { at: turn.now + afterSeconds * 1000, to: namesIn(to), notify: notify ?? null };
  });
  return {
    author: state.excludeAuthor ? (turn.run.workflow.author ?? null) : null,
    rejectQuorum: state.rejectQuorum ?? 1,
    veto: namesIn(rendered.veto),
    isDelegable: state.allowDelegation ?? false,
    summaryPath: state.summaryPath ?? null,
    remindAt: remindAt(turn.now, seconds, state.remindBeforeSeconds),
    escalate: escalate.sort((a, b) => a.at - b.at),
    consequence: consequenceOf(turn, path, blockAt(turn.run.definition, path), state, view),
  };
}

/** What is wrong with people whom templates name: an empty list would be open to anyone, other names to nobody. */
function nobodyIn(what: string, written: readonly string[], filled: JsonValue | undefined): string | null {
  const names = namesIn(filled);
  if (written.length === 0 || (names.length > 0 && names.every(isApprover))) return null;
  const came = written.join(", ");
  return `${what}: ${came} came to ${JSON.stringify(names)}; it takes ${APPROVER_FORMS}`;
}

/** The names in a list; one that came from a template may stand for several. */
function namesIn(value: JsonValue | undefined): readonly string[] {
  return isList(value) ? value.flatMap((item) => (isList(item) ? item.map(textOf) : [textOf(item)])) : [];
}

/** True when the branch moved on. */
export function proceedApproval(turn: Turn, step: Step, state: ApprovalState): boolean {
  if (step.progress.status !== "WAITING_APPROVAL") return false;
  const approval = turn.run.approvals[step.progress.approvalId];
  return approval ? follow(turn, step, state, approval) : false;
}

function follow(turn: Turn, step: Step, state: ApprovalState, approval: Approval): boolean {
  switch (approval.status) {
    case "APPROVED":
      succeed(turn, step, state, answerOf(approval, turn.now), state.transition);
      return true;
    case "REJECTED":
      refuse(turn, step, state, approval, state.onReject);
      return true;
    case "PENDING":
      if (approval.expiresAt === null || approval.expiresAt > turn.now) {
        remind(turn, step, approval);
        return false;
      }
      turn.emit({ type: "approval.expired", ...named(step), approvalId: approval.id });
      expire(turn, step, state, { ...approval, status: "EXPIRED" });
      return true;
    case "EXPIRED":
      expire(turn, step, state, approval);
      return true;
    case "CANCELLED":
      return false;
  }
}

function expire(turn: Turn, step: Step, state: ApprovalState, approval: Approval): void {
  if (state.onTimeout === "reject") {
    refuse(turn, step, state, approval, state.onReject);
    return;
  }
  const error = timeoutError(`approval "${state.name}"`, state.timeoutSeconds ?? 86_400);
  if (state.onTimeout === "fail") {
    failStep(turn, step.branch, state, { ...error, code: "APPROVAL_TIMEOUT", retryable: false });
    return;
  }
  goElsewhere(
    turn,
    step,
    state,
    approval,
    { ...error, code: "APPROVAL_TIMEOUT", retryable: false },
    state.onTimeout,
  );
}

function refuse(
  turn: Turn,
  step: Step,
  state: ApprovalState,
  approval: Approval,
  how: ApprovalState["onReject"],
): void {
  const last = closingVoice(approval);
  const reason = last?.comment ? `: ${last.comment}` : "";
  const who = last ? `rejected by ${last.by}${reason}` : "not decided in time";
  const error = finalError("rejected", "REJECTED", `approval "${state.name}" was ${who}`);
  if (how === "fail") failStep(turn, step.branch, state, error);
  else if (how === "cancel") {
    turn.emit({ type: "step.failed", ...named(step), attempt: 0, error });
    turn.emit({ type: "run.cancelled", reason: error.message });
  } else goElsewhere(turn, step, state, approval, error, how);
}

function goElsewhere(
  turn: Turn,
  step: Step,
  state: ApprovalState,
  approval: Approval,
  error: ReturnType<typeof finalError>,
  onward: { readonly next: string },
): void {
  const type = error.type === "timeout" ? "step.timed_out" : "step.failed";
  turn.emit({ type, ...named(step), attempt: 0, error: { ...error, state: state.name, attempt: 0 } });
  leave(turn, step.branch, state, onward, { result: answerOf(approval, turn.now), error });
}

/** The result of an approval (language.md §2). */
function answerOf(approval: Approval, now: number): JsonValue {
  const last = closingVoice(approval);
  const approved = approval.status === "APPROVED";
  return {
    approved,
    decision: approved ? "approved" : approval.status === "REJECTED" ? "rejected" : "expired",
    decidedBy: last?.by ?? null,
    decidedAt: isoTime(last?.at ?? now),
    comment: last?.comment ?? null,
  };
}

/** Whose voice decided it; of one whose time ran out nobody's, whatever some have said by then. */
function closingVoice({ status, decisions }: Approval): Decision | undefined {
  return status === "EXPIRED" ? undefined : decisions.at(-1);
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : isObject(value) ? JSON.stringify(value) : String(value);
}
