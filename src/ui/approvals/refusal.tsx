import { CircleAlert } from "lucide-react";
import { ApiError, Unreachable } from "../../http/client/errors.ts";
import type { Approval } from "../../http/schemas/approvals.ts";
import { whyOf } from "../kit/error-panel.tsx";
import s from "./card.module.css";

/** Why a decision did not count, and what to do instead. */
export function Refusal({ error, approval }: { readonly error: unknown; readonly approval: Approval }) {
  return (
    <div className={s.refusal} role="alert" data-tone="bad">
      <CircleAlert size={15} aria-hidden />
      <p>
        <b>{headOf(error)}</b> {tailOf(error, approval)}
      </p>
    </div>
  );
}

function headOf(error: unknown): string {
  if (error instanceof Unreachable) return "There was no answer.";
  if (!(error instanceof ApiError)) return "This was not decided.";
  switch (error.code) {
    case "already-decided":
      return "Somebody else was first.";
    case "digest-mismatch":
      return "This changed since you opened it.";
    case "expired":
      return "The time to decide is over.";
    case "not-an-approver":
    case "self-approval":
      return "You may not decide this.";
    case "link-used":
    case "link-expired":
    case "link-invalid":
      return "The link you came by does not count any more.";
    default:
      return "This was not decided.";
  }
}

function tailOf(error: unknown, { decisions }: Approval): string {
  if (error instanceof Unreachable)
    return "Nobody knows whether your decision arrived. Confirm again: it counts once.";
  if (error instanceof ApiError && error.code === "already-decided") {
    const last = decisions.findLast(({ voided }) => voided === null);
    if (last)
      return `${last.by} ${last.decision === "approve" ? "approved" : "rejected"} it; your decision was not counted.`;
  }
  if (error instanceof ApiError && error.code === "digest-mismatch")
    return "Nothing was decided. Read what is asked now, then decide again.";
  return `${sentence(whyOf(error))} Nothing was decided.`;
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
