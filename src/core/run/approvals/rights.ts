import { mayDo } from "../../identity/may-do.ts";
import { entriesFor, isSame, isService, LOCAL_USER, type Principal } from "../../identity/principal.ts";
import type { Approval, ApprovalTerms, Run } from "../run.ts";

/** What a right depends on besides the approval itself. */
export type Asked = { readonly startedBy: string; readonly environment: string };

/** Whether somebody may decide, and for which of the named approvers they then count. */
export type Right =
  | { readonly may: true; readonly as: readonly string[] }
  | {
      readonly may: false;
      readonly code: "not-an-approver" | "self-approval";
      readonly message: string;
    };

type Terms = Pick<Approval, "approvers" | "escalatedTo" | "excludeStarter" | "delegations"> & {
  readonly id: string;
  readonly terms: Pick<ApprovalTerms, "author" | "veto">;
};

/** The two facts of a run on which rights depend. */
export function askedBy({ startedBy, workflow }: Pick<Run, "startedBy" | "workflow">): Asked {
  return { startedBy, environment: workflow.environment };
}

/**
 * The one rule of who may decide, on every channel. Named approvers decide and nobody else, not even an admin; where
 * none are named, people who may decide approvals in the environment. A program decides only where it is named.
 */
export function rightTo(
  decision: "approve" | "reject",
  principal: Principal,
  approval: Terms,
  asked: Asked,
): Right {
  const self = ownPart(principal, approval, asked);
  if (self !== null) return { may: false, code: "self-approval", message: self };
  const as = entriesOf(principal, approval, asked.environment);
  if (as !== null) return { may: true, as };
  if (decision === "reject") {
    const veto = entriesFor(principal, approval.terms.veto, asked.environment);
    if (veto.length > 0 && !isLocked(principal, asked.environment)) return { may: true, as: veto };
  }
  const handedOn = approval.delegations.find(({ from }) => isSame(from, principal.id));
  const message = handedOn
    ? `${principal.id} has handed their voice on ${approval.id} to ${handedOn.to}`
    : `${principal.id} may not ${decision} ${approval.id}: that is for ${whoMay(approval)}`;
  return { may: false, code: "not-an-approver", message };
}

/** True when a rejection by this principal counts whatever others say. */
export function hasVeto(principal: Principal, { terms }: Pick<Approval, "terms">, environment: string) {
  return entriesFor(principal, terms.veto, environment).length > 0;
}

/** The named approvers somebody speaks for, by themselves or for those who asked them to; `null` for none. */
function entriesOf(principal: Principal, approval: Terms, environment: string): readonly string[] | null {
  const handedOver = approval.delegations.filter(({ to }) => isSame(to, principal.id));
  const own = ownEntries(principal, approval, environment);
  if (own === null && handedOver.length === 0) return null;
  return [...new Set([...(own ?? []), ...handedOver.flatMap(({ as }) => as)])];
}

/** The named approvers that mean somebody; `[]` where anyone may decide, `null` when they may not. */
export function ownEntries(
  principal: Principal,
  { approvers, escalatedTo, delegations }: Terms,
  environment: string,
): readonly string[] | null {
  if (isLocked(principal, environment)) return null;
  if (delegations.some(({ from }) => isSame(from, principal.id))) return null;
  const named = entriesFor(principal, [...approvers, ...escalatedTo], environment);
  if (named.length > 0) return named;
  const mayAnyone = approvers.length === 0 && !isService(principal);
  return mayAnyone && mayDo(principal, "approvals:decide", environment).allowed ? [] : null;
}

/** A key that was not made for deciding does not, even where the workflow names it. */
function isLocked(principal: Principal, environment: string): boolean {
  return isService(principal) && !mayDo(principal, "approvals:decide", environment).allowed;
}

/** Why somebody must keep out because it is their own doing; `null` when it is not. Unproven names keep nobody out. */
function ownPart(principal: Principal, approval: Terms, asked: Asked): string | null {
  if (principal.kind === "local") return null;
  const because = keptOut(principal.id, approval, asked);
  return because === null
    ? null
    : `${principal.id} ${because} and may not decide ${approval.id}: that is for ${whoMay(approval)}`;
}

/** Why `name` can never decide an approval, whoever hands it to them; `null` when they can. */
export function keptOut(name: string, approval: Terms, asked: Asked): string | null {
  return excludedFrom(approval, asked).find(({ who }) => isSame(who, name))?.because ?? null;
}

/** Everybody who must keep out of an approval, and why. */
export function excludedFrom(
  { excludeStarter, terms: { author } }: Pick<Terms, "excludeStarter" | "terms">,
  { startedBy }: Asked,
): readonly { readonly who: string; readonly because: string }[] {
  return [
    // Where nobody is asked who they are the starter is everybody, and nobody is kept out for it.
    ...(excludeStarter && startedBy !== LOCAL_USER.id
      ? [{ who: startedBy, because: "started this run" }]
      : []),
    ...(author === null ? [] : [{ who: author, because: "wrote this version of the workflow" }]),
  ];
}

/** Whoever may decide, as people read it. */
export function whoMay({ approvers, escalatedTo }: Pick<Approval, "approvers" | "escalatedTo">): string {
  if (approvers.length === 0) return "anyone who may decide approvals here";
  return [...approvers, ...escalatedTo.filter((name) => !approvers.includes(name))].join(", ");
}
