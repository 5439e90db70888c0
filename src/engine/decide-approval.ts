import { canonicalHash } from "../core/canonical.ts";
import type { By, Channel } from "../core/identity/channel.ts";
import { isSame, type Principal } from "../core/identity/principal.ts";
import type { JsonObject } from "../core/json.ts";
import { closedRefusal } from "../core/run/approvals/decide-approval.ts";
import type { Command } from "../core/run/commands.ts";
import type { ApprovalId } from "../core/run/ids.ts";
import { apply, decideWithAnswers } from "./apply.ts";
import type { ApprovalLink } from "./approval-links.ts";
import { type ControlPorts, type ControlResult, resultOf } from "./control-run.ts";
import type { People } from "./ports/people.ts";
import type { Loaded, Once, Replay } from "./ports/runs.ts";

/** What somebody says to an approval. */
export type Choice = Said & {
  readonly channel: Channel;
  /** The link they came by. */
  readonly link?: ApprovalLink;
  /** The request's idempotency key, with the hash of what it asked for. */
  readonly once?: { readonly key: string; readonly requestHash: string };
};

type Said = {
  readonly decision: "approve" | "reject";
  readonly comment: string | null;
  /** When given, must be the digest of what is being decided. */
  readonly digest: string | null;
  /** Approve a tool call with these arguments instead. */
  readonly args?: JsonObject;
};

export type ApprovalPorts = ControlPorts & { readonly people?: People };

export type DecisionResult =
  | ControlResult
  /** The link was made for another approval or person, is too old, or was used by another decision. */
  | { readonly status: "bad-link"; readonly why: "other" | "expired" | "used"; readonly message: string }
  /** The key was used for another decision. */
  | { readonly status: "key-reused" };

const DAY_MS = 86_400_000;

/** Records a person's decision; a worker lets the run follow it. Of several at once, one wins. */
export async function decideApproval(
  ports: ApprovalPorts,
  approvalId: ApprovalId,
  principal: Principal,
  { channel, link, once, ...said }: Choice,
): Promise<DecisionResult> {
  const bad = link && faultOf(link, approvalId, principal, ports.clock.now());
  if (bad) return bad;
  const kept = link
    ? onceOf(link, principal, said)
    : once && keyOf(approvalId, principal, once, ports.clock.now());
  const applied = await applyTo(
    ports,
    approvalId,
    { actor: principal.id, channel: link ? "link" : channel },
    deciding(ports, approvalId, principal, { ...said, ...(link && { digest: said.digest ?? link.digest }) }),
    kept,
  );
  if (applied.status !== "replayed") return applied;
  if (applied.requestHash === kept?.requestHash) return { status: "done", changed: false };
  return link
    ? { status: "bad-link", why: "used", message: "this link has been used: it counts once" }
    : { status: "key-reused" };
}

/** Why a link does not count here; `null` when it does, as long as it was not used. */
function faultOf(
  { approvalId, to, expiresAt }: ApprovalLink,
  asked: ApprovalId,
  principal: Principal,
  now: number,
): Extract<DecisionResult, { status: "bad-link" }> | null {
  const bad = (why: "other" | "expired", message: string) => ({ status: "bad-link", why, message }) as const;
  if (approvalId !== asked) return bad("other", `this link is for ${approvalId}`);
  if (to !== null && !isSame(to, principal.id)) return bad("other", `this link is for ${to}`);
  return expiresAt <= now
    ? bad("expired", "this link is too old; the approval itself may still be open")
    : null;
}

/** A link is used up in the very transaction of its decision; the same decision again is the same answer. */
function onceOf({ nonce, expiresAt }: ApprovalLink, { id }: Principal, { decision, args }: Said): Once {
  const requestHash = `${id} ${decision}${args === undefined ? "" : ` ${canonicalHash(args)}`}`;
  return {
    principal: "link",
    route: "approval-link",
    key: nonce,
    requestHash,
    answer: {},
    expiresAt: expiresAt + DAY_MS,
  };
}

function keyOf(
  approvalId: ApprovalId,
  { id }: Principal,
  { key, requestHash }: NonNullable<Choice["once"]>,
  now: number,
): Once {
  return {
    principal: id,
    route: `decide ${approvalId}`,
    key,
    requestHash,
    answer: {},
    expiresAt: now + DAY_MS,
  };
}

/** What `decideApproval` would come to, without doing it. */
export async function previewDecision(
  ports: ApprovalPorts,
  approvalId: ApprovalId,
  principal: Principal,
  choice: Said,
): Promise<ControlResult> {
  const approval = await ports.store.queries.approval(approvalId);
  if (!approval) return { status: "unknown" };
  const closed = closedRefusal(approval);
  if (closed) return { status: "refused", refusal: closed };
  const loaded = await ports.store.runs.load(approval.runId, approval.branch);
  if (!loaded) return { status: "unknown" };
  const decided = await decideWithAnswers(
    ports,
    loaded.run,
    await deciding(ports, approvalId, principal, choice)(loaded),
    { actor: principal.id, channel: "api" },
    loaded,
  );
  if (decided.kind === "refused") return { status: "refused", refusal: decided.refusal };
  return { status: "done", changed: true };
}

/** Hands somebody's voice on an approval to another person; to themselves, they take it back. */
export async function delegateApproval(
  ports: ApprovalPorts,
  approvalId: ApprovalId,
  principal: Principal,
  {
    to,
    comment,
    channel,
  }: { readonly to: string; readonly comment: string | null; readonly channel: Channel },
): Promise<ControlResult> {
  const applied = await applyTo(ports, approvalId, { actor: principal.id, channel }, () => ({
    type: "delegate-approval",
    approvalId,
    principal,
    to,
    comment,
  }));
  return applied.status === "replayed" ? { status: "done", changed: false } : applied;
}

async function applyTo(
  ports: ApprovalPorts,
  approvalId: ApprovalId,
  by: By,
  command: (loaded: Loaded) => Command | Promise<Command>,
  once?: Once,
): Promise<ControlResult | Replay> {
  const approval = await ports.store.queries.approval(approvalId);
  if (!approval) return { status: "unknown" };
  const applied = await apply(ports, approval.runId, approval.branch, by, command, once ? { once } : {});
  if (applied.status === "replayed") return applied.replay;
  const result = resultOf(applied);
  const isGone =
    result.status === "unknown" || (result.status === "refused" && result.refusal.code === "not-found");
  if (!isGone) return result;
  const replay = once && (await ports.store.runs.answered(once, ports.clock.now()));
  if (replay) return replay;
  // Its branch has moved on without it: what became of it is in its own row.
  const closed = await ports.store.queries.approval(approvalId);
  const refusal = closed && closedRefusal(closed);
  return refusal ? { status: "refused", refusal } : result;
}

/**
 * The decision, with who everybody is by now whose voice may count. It is asked for what was loaded, each time: a voice
 * that came in meanwhile is weighed like the others.
 */
function deciding({ people }: ApprovalPorts, approvalId: ApprovalId, principal: Principal, said: Said) {
  return async ({ run }: Loaded): Promise<Command> => {
    const { decisions = [], delegations = [] } = run.approvals[approvalId] ?? {};
    const names = [principal.id, ...decisions.map(({ by }) => by), ...delegations.map(({ from }) => from)];
    const standings = await people?.lookUp([...new Set(names)]);
    return { type: "decide-approval", approvalId, principal, ...said, ...(standings && { standings }) };
  };
}
