import { isSame, isService, type Principal } from "../../identity/principal.ts";
import { type Command, over, type Refusal } from "../commands.ts";
import { type Approval, type Decision, isTerminal } from "../run.ts";
import type { Turn } from "../turn.ts";
import { driftOf } from "./digest.ts";
import { askedBy, hasVeto, keptOut, ownEntries, type Right, rightTo, whoMay } from "./rights.ts";
import { isReached, tallyOf } from "./tally.ts";
import { callIn } from "./tool-call.ts";

type Deciding = Extract<Command, { type: "decide-approval" }>;
type Delegating = Extract<Command, { type: "delegate-approval" }>;

/** Records what somebody says to an approval, if they may say it; the run follows once enough have said the same. */
export function decideApproval(turn: Turn, command: Deciding): Refusal | null {
  const { run } = turn;
  const { decision, comment, principal, digest, args } = command;
  const found = openFor(turn, command.approvalId);
  if ("code" in found) return found;
  const open = withoutLost(turn, found, command.standings);
  const right = rightTo(decision, principal, open, askedBy(run));
  if (!right.may) return { code: right.code, message: right.message, approvers: approversOf(open) };
  const before = standingVoice(open, principal.id);
  if (before)
    return {
      code: "already-decided",
      message: `${before.by} has already ${PAST[before.decision]} ${open.id}`,
    };
  if (decision === "reject" && (comment ?? "").trim() === "")
    return { code: "reason-required", message: `say why ${open.id} is rejected` };
  if (digest !== null && digest !== open.digest)
    return {
      code: "digest-mismatch",
      message: "what you were shown is not what would be decided: look again",
    };
  const { summary, terms } = open;
  const call = callIn({ summary, summaryPath: terms.summaryPath });
  if (args !== undefined && (decision === "reject" || call === null))
    return {
      code: "invalid-transition",
      message:
        "only the arguments of a tool call that an agent asks for, and that is approved, can be changed",
    };
  const drift = driftOf(run, open);
  if (drift !== null) return { code: "digest-mismatch", message: `${drift}; nobody can decide it` };

  const said = { decision, by: principal.id, at: turn.now, channel: turn.by.channel, comment } as const;
  const { environment } = run.workflow;
  const closes = (approval: Approval, who: Principal, as: readonly string[]) => {
    const tally = tallyOf({ ...approval, decisions: [...approval.decisions, { ...said, as }] });
    if (decision === "approve") return isReached(tally);
    return isReached(tally.rejections) || hasVeto(who, approval, environment);
  };
  const isClosing = closes(open, principal, right.as);
  // Credentials tell what was true when they were given out: whoever closes a quorum is looked at again, too.
  const newest = isClosing ? standingRight(turn, decision, open, principal.id, command.standings) : null;
  if (newest && !newest.may)
    return { code: newest.code, message: newest.message, approvers: approversOf(open) };
  const as = newest ? right.as.filter((entry) => newest.as.includes(entry)) : right.as;
  if (isClosing) voidLostVoices(turn, decision, open, found, command.standings);
  const counted = turn.run.approvals[open.id] ?? open;
  const byNow = command.standings?.get(principal.id)?.principal ?? principal;
  const isClosed = isClosing && closes(counted, byNow, as);
  const facts = { ...placeOf(open), comment, as, ...(args && { args }) };
  if (isClosed) turn.emit({ type: `approval.${PAST[decision]}`, ...facts }, principal.id);
  else
    turn.emit({ type: "approval.voted", ...facts, ...(decision === "reject" && { decision }) }, principal.id);
  return null;
}

/** What somebody may by now; `null` where nobody knows better than their own credentials. */
function standingRight(
  turn: Turn,
  decision: Decision["decision"],
  approval: Approval,
  name: string,
  standings: Deciding["standings"],
): Right | null {
  const standing = standings?.get(name);
  if (!standing) return null;
  const { principal, because } = standing;
  const right = principal && rightTo(decision, principal, approval, askedBy(turn.run));
  if (right?.may) return right;
  const message = because ?? right?.message ?? `${name} is nobody here any more`;
  return { may: false, code: right?.code ?? "not-an-approver", message };
}

/** Hands somebody's voice to another person, or takes it back. */
export function delegateApproval(turn: Turn, command: Delegating): Refusal | null {
  const { principal, to, comment } = command;
  const approval = openFor(turn, command.approvalId);
  if ("code" in approval) return approval;
  const mine = approval.delegations.find(({ from }) => isSame(from, principal.id));
  const refusal = isSame(to, principal.id)
    ? refusalToTakeBack(approval, mine?.to)
    : refusalToHandOn(turn, approval, principal, to);
  if (refusal) return refusal;
  const as = mine?.as ?? ownEntries(principal, approval, turn.run.workflow.environment) ?? [];
  turn.emit({ type: "approval.delegated", ...placeOf(approval), to, as, comment }, principal.id);
  return null;
}

/** Why nobody can decide an approval any more; `null` while it is open. */
export function closedRefusal(approval: Pick<Approval, "id" | "status" | "decisions">): Refusal | null {
  const last = approval.decisions.at(-1);
  switch (approval.status) {
    case "APPROVED":
    case "REJECTED":
      return {
        code: "already-decided",
        message: `${approval.id} was already ${approval.status.toLowerCase()} by ${last?.by ?? "somebody"}`,
      };
    case "EXPIRED":
      return { code: "expired", message: `the time to decide ${approval.id} is over` };
    case "CANCELLED":
      return { code: "invalid-transition", message: `${approval.id} was cancelled with its run or branch` };
    case "PENDING":
      return null;
  }
}

const PAST = { approve: "approved", reject: "rejected" } as const;

/** The approval, as long as something can be said to it. */
function openFor(turn: Turn, id: Approval["id"]): Approval | Refusal {
  const approval = turn.run.approvals[id];
  if (!approval) return { code: "not-found", message: `there is no approval ${id}` };
  const closed = closedRefusal(approval);
  if (closed) return closed;
  if (isTerminal(turn.run)) return over(turn.run, "decided");
  if (approval.expiresAt !== null && approval.expiresAt <= turn.now)
    return { code: "expired", message: `the time to decide ${approval.id} is over` };
  return approval;
}

/** What somebody has said that still counts. */
export function standingVoice(
  { decisions }: Pick<Approval, "decisions">,
  name: string,
): Decision | undefined {
  return decisions.find(({ by, voided }) => voided === undefined && isSame(by, name));
}

/** Whoever asked another to speak for them must still have a voice to give, and gives no more than they have. */
function withoutLost(turn: Turn, approval: Approval, standings: Deciding["standings"]): Approval {
  if (!standings || approval.delegations.length === 0) return approval;
  const { environment } = askedBy(turn.run);
  const delegations = approval.delegations.flatMap((one) => {
    const now = standings.get(one.from)?.principal;
    if (now === undefined) return [one];
    const own = now && ownEntries(now, { ...approval, delegations: [] }, environment);
    return own ? [{ ...one, as: one.as.filter((entry) => own.includes(entry)) }] : [];
  });
  return { ...approval, delegations };
}

/** Membership is looked at again when it matters: whoever left the team in the meantime has not decided for it. */
function voidLostVoices(
  turn: Turn,
  closing: Decision["decision"],
  approval: Approval,
  asked: Approval,
  standings: Deciding["standings"],
): void {
  for (const { by, decision, voided, as = [] } of approval.decisions) {
    if (decision !== closing || voided !== undefined) continue;
    const right = standingRight(turn, closing, approval, by, standings);
    const reason = right
      ? lossOf(closing === "approve" ? approval.quorum : 1, by, as, right)
      : lossOfGiver(approval, asked, by);
    if (reason !== null) turn.emit({ type: "approval.vote_voided", ...placeOf(approval), by, reason });
  }
}

/** Why a voice does not stand by what its giver may by now; where groups are counted, it stands for all it was given for. */
function lossOf(quorum: Approval["quorum"], by: string, as: readonly string[], right: Right): string | null {
  if (!right.may) return right.message;
  const lost = typeof quorum === "number" ? [] : as.filter((entry) => !right.as.includes(entry));
  return lost.length === 0 ? null : `${by} spoke for ${lost.join(", ")} and may not by now`;
}

/** Why somebody of whom nothing is known speaks for nobody any more. */
function lossOfGiver(approval: Approval, asked: Approval, by: string): string | null {
  const lost = asked.delegations.find(
    (one) => isSame(one.to, by) && !approval.delegations.some(({ from }) => isSame(from, one.from)),
  );
  return lost ? `${lost.from}, for whom ${by} spoke, may not decide any more` : null;
}

function refusalToTakeBack(approval: Approval, delegate: string | undefined): Refusal | null {
  if (delegate === undefined)
    return { code: "invalid-transition", message: `nothing of ${approval.id} was handed on` };
  const voice = standingVoice(approval, delegate);
  if (!voice) return null;
  return {
    code: "already-decided",
    message: `${delegate} has already ${PAST[voice.decision]} ${approval.id}`,
  };
}

function refusalToHandOn(turn: Turn, approval: Approval, principal: Principal, to: string): Refusal | null {
  const asked = askedBy(turn.run);
  const invalid = (message: string): Refusal => ({ code: "invalid-transition", message });
  if (!approval.terms.isDelegable) return invalid(`voices on ${approval.id} cannot be handed on`);
  const denied = (message: string): Refusal => ({
    code: "not-an-approver",
    message,
    approvers: approversOf(approval),
  });
  if (!/^user:\S/.test(to)) return invalid(`"${to}" is nobody to hand a voice to: name a user:…`);
  if (isService(principal)) return denied("a program cannot hand its voice on");
  const right = rightTo("approve", principal, approval, asked);
  if (!right.may) return { code: right.code, message: right.message, approvers: approversOf(approval) };
  if (ownEntries(principal, approval, asked.environment) === null)
    return denied(`${principal.id} speaks for somebody else here, which cannot be handed on`);
  if (standingVoice(approval, principal.id))
    return { code: "already-decided", message: `${principal.id} has already decided ${approval.id}` };
  const out = keptOut(to, approval, asked);
  return out === null
    ? null
    : denied(`${to} ${out} and may not decide ${approval.id}: ${whoMay(approval)} may`);
}

function placeOf({ branch, state, stepId, id }: Approval) {
  return { branch, state, stepId, approvalId: id } as const;
}

function approversOf({ approvers, escalatedTo }: Approval): readonly string[] {
  return [...new Set([...approvers, ...escalatedTo])];
}
