import type { Approval } from "../../http/schemas/approvals.ts";
import { StatusIcon } from "../kit/badge.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { Time } from "../kit/time.tsx";
import { useMe } from "../system.ts";
import { APPROVAL_LOOK } from "./approval-status.ts";
import s from "./card.module.css";

/** What came of it, in place of the buttons. */
export function Outcome({ approval }: { readonly approval: Approval }) {
  const { status, word } = APPROVAL_LOOK[approval.status];
  const last = approval.decisions.findLast(({ voided }) => voided === null);
  return (
    <div className={s.outcome} role="status">
      <StatusIcon status={status} />
      <p>
        <b>{word}</b>
        {(approval.status === "APPROVED" || approval.status === "REJECTED") && last && (
          <>
            {" "}
            by <b>{last.by}</b> <Time at={last.at} />
          </>
        )}
        {approval.status === "EXPIRED" && (
          <>
            : nobody decided in time; it ran out <Time at={approval.expiresAt} />
          </>
        )}
        {approval.status === "CANCELLED" && ": the run does not ask any more"}.
      </p>
    </div>
  );
}

/** In place of the buttons for whoever may not press them: who may, who one is, and a way to ask them. */
export function NotYours({ approval }: { readonly approval: Approval }) {
  const { data: me } = useMe();
  const { decisions, mayDecide, you } = approval;
  const isSaid = me !== undefined && decisions.some(({ by, voided }) => by === me.id && voided === null);
  return (
    <div className={s.outcome}>
      <p>
        {isSaid ? (
          <b>Your decision is counted; {approval.tally.text}.</b>
        ) : (
          <>
            <b>Only {mayDecide.text} can decide.</b>
            {me && (
              <>
                {" "}
                You are signed in as <b>{me.id}</b>.
              </>
            )}
            {you.because !== null && <span className={s.because}>{you.because}</span>}
          </>
        )}
      </p>
      <CopyButton text={`${location.origin}/approvals/${approval.approvalId}`} label="Copy link to ask" />
    </div>
  );
}
