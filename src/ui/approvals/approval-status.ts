import { printable } from "../../core/printable.ts";
import type { ShownStatus } from "../../core/view/status.ts";
import type { Approval } from "../../http/schemas/approvals.ts";
import { lookOf } from "../status.ts";

/** How the status of an approval looks, and its word. */
export const APPROVAL_LOOK: Readonly<
  Record<Approval["status"], { readonly status: ShownStatus; readonly word: string }>
> = {
  PENDING: { status: "WAITING_APPROVAL", word: lookOf("WAITING_APPROVAL").word },
  APPROVED: { status: "SUCCEEDED", word: "Approved" },
  REJECTED: { status: "FAILED", word: "Rejected" },
  EXPIRED: { status: "TIMED_OUT", word: "Expired" },
  CANCELLED: { status: "CANCELLED", word: "Withdrawn" },
};

/** What is asked, in a line; nothing in it turns that around. */
export function headingOf({ title, message }: Pick<Approval, "title" | "message">): string {
  return printable(title ?? message);
}
