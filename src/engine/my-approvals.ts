import type { Principal } from "../core/identity/principal.ts";
import { standingVoice } from "../core/run/approvals/decide-approval.ts";
import { rightTo } from "../core/run/approvals/rights.ts";
import type { ApprovalFilter, ApprovalView, Page } from "./ports/queries.ts";
import type { Ports } from "./ports.ts";

const PORTION = 200;

/** The open approvals that wait for somebody, newest first: by the very rule that will judge their decision. */
export async function approvalsFor(
  ports: { readonly store: Pick<Ports["store"], "queries"> },
  principal: Principal,
  filter: Omit<ApprovalFilter, "status">,
  page: Page,
): Promise<readonly ApprovalView[]> {
  const found: ApprovalView[] = [];
  let before = page.before;
  while (found.length < page.limit) {
    const portion = await ports.store.queries.approvals(
      { ...filter, status: ["PENDING"] },
      { limit: PORTION, ...(before && { before }) },
    );
    found.push(...portion.filter((approval) => waitsFor(principal, approval)));
    const last = portion.at(-1);
    if (!last || portion.length < PORTION) break;
    before = { at: last.requestedAt, id: last.id };
  }
  return found.slice(0, page.limit);
}

function waitsFor(principal: Principal, approval: ApprovalView): boolean {
  if (standingVoice(approval, principal.id)) return false;
  return (["approve", "reject"] as const).some((verb) => rightTo(verb, principal, approval, approval).may);
}
