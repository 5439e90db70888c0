import { Type } from "typebox";
import { Approval, ApprovalPage, ApprovalStatusName, Choice } from "../schemas/approvals.ts";
import { paging } from "../schemas/common.ts";
import type { Route } from "./route.ts";

const byId = Type.Object({ approvalId: Type.String() });
const ofRun = Type.Object({ runId: Type.String(), approvalId: Type.String() });
const filter = { status: Type.Optional(Type.Array(ApprovalStatusName)) };

const deciding = {
  method: "post",
  tag: "Approvals",
  needs: "approvals:decide",
  environment: "approval",
  body: Choice,
  bodyKind: "optional",
  ok: [200, Approval],
  problems: ["not-found", "already-decided", "digest-mismatch", "invalid-transition", "expired"],
} as const;

/** `/workflow-approvals`, and the same below a run. */
export const approvalRoutes = {
  listApprovals: {
    method: "get",
    path: "/api/v1/workflow-approvals",
    tag: "Approvals",
    summary: "List approvals, newest first",
    needs: "runs:read",
    environment: "filter",
    query: Type.Object({ ...filter, ...paging }),
    ok: [200, ApprovalPage],
    problems: [],
  },
  getApproval: {
    method: "get",
    path: "/api/v1/workflow-approvals/{approvalId}",
    tag: "Approvals",
    summary: "Get an approval",
    needs: "runs:read",
    environment: "approval",
    params: byId,
    ok: [200, Approval],
    problems: ["not-found"],
  },
  approve: {
    ...deciding,
    path: "/api/v1/workflow-approvals/{approvalId}/approve",
    summary: "Approve",
    params: byId,
  },
  reject: {
    ...deciding,
    path: "/api/v1/workflow-approvals/{approvalId}/reject",
    summary: "Reject",
    params: byId,
  },
  listRunApprovals: {
    method: "get",
    path: "/api/v1/workflow-runs/{runId}/approvals",
    tag: "Approvals",
    summary: "List a run's approvals, newest first",
    needs: "runs:read",
    environment: "run",
    params: Type.Object({ runId: Type.String() }),
    query: Type.Object({ ...filter, ...paging }),
    ok: [200, ApprovalPage],
    problems: ["not-found"],
  },
  approveInRun: {
    ...deciding,
    path: "/api/v1/workflow-runs/{runId}/approvals/{approvalId}/approve",
    summary: "Approve, addressed by run",
    params: ofRun,
  },
  rejectInRun: {
    ...deciding,
    path: "/api/v1/workflow-runs/{runId}/approvals/{approvalId}/reject",
    summary: "Reject, addressed by run",
    params: ofRun,
  },
} as const satisfies Record<string, Route>;
