import type { ApprovalId } from "../../core/run/ids.ts";
import { decideApproval, previewDecision } from "../../engine/decide-approval.ts";
import type { Handlers } from "../handler.ts";
import { approvalJson } from "../json/approvals.ts";
import type { HttpPorts } from "../ports.ts";
import { codeOf } from "../problems.ts";

/** Several decisions in one request. */
export function batchApprovalHandlers(ports: HttpPorts): Handlers<"decideApprovals"> {
  const { queries } = ports.store;
  return {
    async decideApprovals({ body, principal, environments }) {
      const { dryRun = false } = body;
      const items = [];
      for (const { approvalId, decision, comment = null, digest = null } of body.items) {
        const id = approvalId as ApprovalId;
        const said = { decision, comment, digest };
        const found = await queries.approval(id);
        const isHidden = !found || (environments !== null && !environments.includes(found.environment));
        const result = isHidden
          ? ({ status: "unknown" } as const)
          : dryRun
            ? await previewDecision(ports, id, principal, said)
            : await decideApproval(ports, id, principal, { ...said, channel: "bulk" });
        const now = isHidden ? null : await queries.approval(id);
        const approval = now && approvalJson(now, principal);
        const refusal =
          result.status === "unknown" || !now
            ? ({ code: "not-found", message: `approval ${approvalId} not found` } as const)
            : result.status === "refused"
              ? result.refusal
              : null;
        items.push({
          approvalId,
          isAccepted: refusal === null,
          code: refusal && codeOf(refusal.code),
          detail: refusal?.message ?? null,
          approval,
        });
      }
      const accepted = items.filter(({ isAccepted }) => isAccepted).length;
      return { body: { dryRun, accepted, items } };
    },
  };
}
