import { mayDo } from "../../core/identity/may-do.ts";
import { isSame } from "../../core/identity/principal.ts";
import { closedRefusal } from "../../core/run/approvals/decide-approval.ts";
import type { ApprovalId } from "../../core/run/ids.ts";
import { isoTime } from "../../core/time.ts";
import { type ApprovalLink, linkOf, linkTo } from "../../engine/approval-links.ts";
import type { Signer } from "../../engine/ports/links.ts";
import type { Handlers } from "../handler.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound, refused } from "../problems.ts";

const WEEK_SECONDS = 604_800;

/** Links for mails and messages. Opening one shows the approval and decides nothing. */
export function approvalLinkHandlers(ports: HttpPorts): Handlers<"createApprovalLink" | "getApprovalLink"> {
  const { queries } = ports.store;
  return {
    async createApprovalLink({ params, body }) {
      const { to = null, expiresInSeconds: seconds = WEEK_SECONDS } = body;
      const approval = await queries.approval(params.approvalId as ApprovalId);
      if (!approval) throw notFound(`approval ${params.approvalId}`);
      const closed = closedRefusal(approval);
      if (closed) throw refused(closed);
      const { token, link } = linkTo({ signer: signerOf(ports), clock: ports.clock }, approval, {
        seconds,
        to,
      });
      const { id: approvalId } = approval;
      const path = `/approvals/${approvalId}?link=${token}`;
      return { body: { approvalId, token, path, to, expiresAt: isoTime(link.expiresAt) } };
    },

    async getApprovalLink({ params, principal }) {
      const link = mustBeLink(ports, params.token);
      const { approvalId, to, expiresAt, nonce, digest } = link;
      const approval = await queries.approval(approvalId);
      if (!approval || !mayDo(principal, "runs:read", approval.environment).allowed)
        throw notFound(`approval ${approvalId}`);
      const now = ports.clock.now();
      const used = await ports.store.runs.answered(
        { principal: "link", route: "approval-link", key: nonce },
        now,
      );
      const because = used
        ? "it has been used"
        : expiresAt <= now
          ? "it is too old"
          : to !== null && !isSame(to, principal.id)
            ? `it is for ${to}`
            : approval.digest !== digest
              ? "what is asked has changed since"
              : (closedRefusal(approval)?.message ?? null);
      return {
        body: { approvalId, to, expiresAt: isoTime(expiresAt), isUsable: because === null, because },
      };
    },
  };
}

/** The link a token stands for, or the problem that it stands for none. */
export function mustBeLink(ports: HttpPorts, token: string): ApprovalLink {
  const link = linkOf(signerOf(ports), token);
  if (!link) throw new HttpProblem("link-invalid", "this link was not made here, or was changed on its way");
  return link;
}

function signerOf({ links }: HttpPorts): Signer {
  if (links) return links;
  throw new HttpProblem("links-off", "links need a key to be signed with: set STATION_LINK_KEYS");
}
