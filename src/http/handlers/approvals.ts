import { canonicalHash } from "../../core/canonical.ts";
import { isSame, type Principal } from "../../core/identity/principal.ts";
import type { ApprovalId, RunId } from "../../core/run/ids.ts";
import { type DecisionResult, decideApproval, delegateApproval } from "../../engine/decide-approval.ts";
import { approvalsFor } from "../../engine/my-approvals.ts";
import type { ApprovalView } from "../../engine/ports/queries.ts";
import type { Given, Routes } from "../contract.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Call, Handlers } from "../handler.ts";
import { approvalJson, decisionJson } from "../json/approvals.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound, refused } from "../problems.ts";
import { mustBeLink } from "./approval-links.ts";

type Names =
  | "listApprovals"
  | "getApproval"
  | "approve"
  | "reject"
  | "delegateApproval"
  | "listRunApprovals"
  | "approveInRun"
  | "rejectInRun";

/** Approvals, by themselves and below their run. */
export function approvalHandlers(ports: HttpPorts): Handlers<Names> {
  const { queries } = ports.store;

  const list = async (
    { limit, cursor, status, mine = false }: Given<Routes["listApprovals"], "query">,
    runId: RunId | null,
    { url, principal, environments }: Pick<Call<unknown>, "url" | "principal" | "environments">,
  ) => {
    const within = { ...(runId !== null && { runId }), ...(environments && { environments }) };
    const filter = { ...within, ...(status && { status }) };
    const keyed = { list: "approvals", ...filter, ...(mine && { mine: principal.id }) };
    const page = { limit: limit + 1, ...(cursor !== undefined && { before: decodeCursor(cursor, keyed) }) };
    const isOpen = !status || status.includes("PENDING");
    const rows = !mine
      ? await queries.approvals(filter, page)
      : isOpen
        ? await approvalsFor(ports, principal, within, page)
        : [];
    const position = ({ requestedAt, id }: ApprovalView) => ({ at: requestedAt, id });
    const body = pageOf(rows, limit, keyed, position, (row) => approvalJson(row, principal));
    return { body, headers: linkTo(url, body.nextCursor) };
  };

  const find = async (id: string, runId?: string) => {
    const approval = await queries.approval(id as ApprovalId);
    if (!approval || (runId !== undefined && approval.runId !== runId)) throw notFound(`approval ${id}`);
    return approval;
  };

  const outcome = async (id: ApprovalId, principal: Principal, result: DecisionResult) => {
    if (result.status === "bad-link") throw new HttpProblem(LINK_PROBLEMS[result.why], result.message);
    if (result.status === "key-reused")
      throw new HttpProblem(
        "idempotency-key-reused",
        "this Idempotency-Key decided something else; a new request needs a new key",
      );
    const now = await find(id);
    if (result.status === "unknown") throw notFound(`approval ${id}`);
    if (result.status === "refused") throw refused(result.refusal, whatCounts(now, principal.id));
    return { body: approvalJson(now, principal) };
  };

  /** Who decides is whoever the credentials say; nothing in the request can change it. */
  const decide = async (
    decision: "approve" | "reject",
    { id }: ApprovalView,
    {
      body,
      principal,
      by: { channel },
      idempotencyKey: key,
    }: Pick<Call<Routes["approve"]>, "body" | "principal" | "by" | "idempotencyKey">,
  ) => {
    const { comment = null, digest = null, link } = body;
    const choice = {
      decision,
      comment,
      digest,
      channel,
      ...(body.args !== undefined && { args: body.args }),
      ...(link !== undefined && { link: mustBeLink(ports, link) }),
      ...(key !== null && { once: { key, requestHash: canonicalHash([decision, body]) } }),
    };
    return outcome(id, principal, await decideApproval(ports, id, principal, choice));
  };

  return {
    listApprovals: (call) => list(call.query, null, call),
    async getApproval({ params, principal }) {
      return { body: approvalJson(await find(params.approvalId), principal) };
    },
    approve: async (call) => decide("approve", await find(call.params.approvalId), call),
    reject: async (call) => decide("reject", await find(call.params.approvalId), call),
    async delegateApproval({ params, body: { to, comment = null }, principal, by: { channel } }) {
      const { id } = await find(params.approvalId);
      return outcome(id, principal, await delegateApproval(ports, id, principal, { to, comment, channel }));
    },
    async listRunApprovals({ params, query, ...call }) {
      const runId = params.runId as RunId;
      const [first] = await queries.events(runId, 0, 1);
      if (!first) throw notFound(`run ${runId}`);
      return list(query, runId, call);
    },
    approveInRun: async (call) =>
      decide("approve", await find(call.params.approvalId, call.params.runId), call),
    rejectInRun: async (call) =>
      decide("reject", await find(call.params.approvalId, call.params.runId), call),
  };
}

const LINK_PROBLEMS = { other: "link-invalid", expired: "link-expired", used: "link-used" } as const;

/** For whoever was refused: the decision that stands, if there is one, or the caller's own while others are still to come. */
function whatCounts({ status, decisions }: ApprovalView, caller: string) {
  const own = decisions.find(({ by, voided }) => voided === undefined && isSame(by, caller));
  const last = status === "APPROVED" || status === "REJECTED" ? decisions.at(-1) : undefined;
  const standing = status === "PENDING" ? own : last;
  return { approvalStatus: status, decision: standing ? decisionJson(standing) : null };
}
