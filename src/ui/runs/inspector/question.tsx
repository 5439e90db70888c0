import { lazy, Suspense } from "react";
import type { Approval } from "../../../core/run/run.ts";
import { JsonTree } from "../../kit/json-tree.tsx";
import { SkeletonRows } from "../../kit/skeleton.tsx";
import { Time } from "../../kit/time.tsx";
import type { RunView } from "../use-view.ts";
import s from "./inspector.module.css";

const ApprovalInRun = lazy(() =>
  import("../../approvals/approval-in-run.tsx").then((module) => ({ default: module.ApprovalInRun })),
);

/** What people were asked: the card on which they decide, or, in the past, what had been said by then. */
export function Question({ approval, view }: { readonly approval: Approval; readonly view: RunView }) {
  if (view.isPast) return <AskedThen approval={approval} />;
  return (
    <Suspense fallback={<SkeletonRows label="Loading the question" rows={4} />}>
      <ApprovalInRun key={approval.id} approvalId={approval.id} />
    </Suspense>
  );
}

function AskedThen({
  approval: { title, message, summary, decisions, status },
}: {
  readonly approval: Approval;
}) {
  return (
    <div className={s.question}>
      {title && <p>{title}</p>}
      <h3>{message}</h3>
      {summary !== null && <JsonTree value={summary} name="evidence" />}
      {decisions.map(({ decision, by, at, comment }) => (
        <p key={`${by}${at}`}>
          <b>
            {decision === "approve" ? "Approved" : "Rejected"} by {by}
          </b>{" "}
          <Time at={at} />
          {comment && ` – “${comment}”`}
        </p>
      ))}
      {status === "EXPIRED" && <p>Nobody had decided in time.</p>}
      {status === "PENDING" && decisions.length === 0 && <p>Nobody had decided.</p>}
    </div>
  );
}
