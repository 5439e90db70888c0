import { canonicalJson } from "../canonical.ts";
import { evolveApproval, requestedBy } from "../run/approvals/evolve-approval.ts";
import type { Recorded } from "../run/events.ts";
import type { Approval } from "../run/run.ts";

/** The approvals of a run as its events tell of them, oldest first. */
export function approvalsTold(events: readonly Recorded[]): ReadonlyMap<string, Approval> {
  const approvals = new Map<string, Approval>();
  for (const { event, ...told } of events)
    try {
      if (event.type === "approval.requested") approvals.set(event.approval.id, requestedBy(event, told.at));
      else if ("approvalId" in event) {
        const known = approvals.get(event.approvalId);
        if (known) approvals.set(known.id, evolveApproval(known, event, told));
      }
    } catch {
      // Changed into what is no such event: the chain says so.
    }
  return approvals;
}

/** The fields in which an approval is not what the events tell; what a run gave up with itself has no event. */
export function differencesBetween(kept: Approval, told: Approval): readonly string[] {
  const wasGivenUp = kept.status === "CANCELLED" && told.status === "PENDING";
  return Object.entries(told)
    .filter(([field, value]) => {
      if (field === "status" && wasGivenUp) return false;
      return canonicalJson(value ?? null) !== canonicalJson(kept[field as keyof Approval] ?? null);
    })
    .map(([field]) => field);
}
