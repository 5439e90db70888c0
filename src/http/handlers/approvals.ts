import type { ApprovalId, RunId } from "../../core/run/ids.ts";
import { decideApproval } from "../../engine/control-run.ts";
import type { ApprovalView } from "../../engine/ports.ts";
import type { Given, Routes } from "../contract.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Call, Handlers } from "../handler.ts";
import { approvalJson, decisionJson } from "../json/approvals.ts";
import type { HttpPorts } from "../ports.ts";
import { notFound, refused } from "../problems.ts";

type Names =
  | "listApprovals"
  | "getApproval"
  | "approve"
  | "reject"
  | "listRunApprovals"
  | "approveInRun"
  | "rejectInRun";

/** Approvals, by themselves and below their run. */
export function approvalHandlers(ports: HttpPorts): Handlers<Names> {
  const { queries } = ports.store;

  const list = async (
    { limit, cursor, status }: Given<Routes["listApprovals"], "query">,
    runId: RunId | null,
    { url, environments }: Pick<Call<unknown>, "url" | "environments">,
  ) => {
    const filter = {
      ...(runId !== null && { runId }),
      ...(environments && { environments }),
      ...(status && { status }),
    };
    const keyed = { list: "approvals", ...filter };
    const before = cursor === undefined ? {} : { before: decodeCursor(cursor, keyed) };
    const rows = await queries.approvals(filter, { limit: limit + 1, ...before });
    const position = ({ requestedAt, id }: ApprovalView) => ({ at: requestedAt, id });
    const body = pageOf(rows, limit, keyed, position, approvalJson);
    return { body, headers: linkTo(url, body.nextCursor) };
  };

  const find = async (id: string, runId?: string) => {
    const approval = await queries.approval(id as ApprovalId);
    if (!approval || (runId !== undefined && approval.runId !== runId)) throw notFound(`approval ${id}`);
    return approval;
  };

  /** Who decides is whoever the credentials say; nothing in the request can change it. */
  const decide = async (
    decision: "approve" | "reject",
    { id }: ApprovalView,
    { body, principal }: Pick<Call<Routes["approve"]>, "body" | "principal">,
  ) => {
    const result = await decideApproval(ports, id, principal.id, {
      decision,
      comment: body.comment ?? null,
      digest: body.digest ?? null,
    });
    const now = await find(id);
    if (result.status === "unknown") throw notFound(`approval ${id}`);
    if (result.status === "refused") throw refused(result.refusal, whatCounts(now, principal.id));
    return { body: approvalJson(now) };
  };

  return {
    listApprovals: (call) => list(call.query, null, call),
    async getApproval({ params }) {
      return { body: approvalJson(await find(params.approvalId)) };
    },
    approve: async (call) => decide("approve", await find(call.params.approvalId), call),
    reject: async (call) => decide("reject", await find(call.params.approvalId), call),
    async listRunApprovals(call) {
      const runId = call.params.runId as RunId;
      const [first] = await queries.events(runId, 0, 1);
      if (!first) throw notFound(`run ${runId}`);
      return list(call.query, runId, call);
    },
    approveInRun: async (call) =>
      decide("approve", await find(call.params.approvalId, call.params.runId), call),
    rejectInRun: async (call) =>
      decide("reject", await find(call.params.approvalId, call.params.runId), call),
  };
}

/** For whoever was refused: the decision that stands, or the caller's own while others are still to come. */
function whatCounts({ status, decisions }: ApprovalView, caller: string) {
  const own = decisions.find(({ by }) => by === caller);
  const standing = status === "PENDING" ? own : decisions.at(-1);
  return { approvalStatus: status, decision: standing ? decisionJson(standing) : null };
}
