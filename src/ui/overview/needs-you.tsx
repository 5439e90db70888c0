import { Link } from "@tanstack/react-router";
import type { Approval } from "../../http/schemas/approvals.ts";
import { headingOf } from "../approvals/approval-status.ts";
import { Deadline } from "../approvals/deadline.tsx";
import { byDeadline } from "../approvals/deadline-groups.ts";
import { currentTime } from "../clock.ts";
import { StatusIcon } from "../kit/badge.tsx";
import { whyOf } from "../kit/error-panel.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import s from "./overview.module.css";

const MOST = 6;

/** What waits for the caller's decision, by deadline. */
export function NeedsYou({
  rows,
  error,
  count,
}: {
  readonly rows: readonly Approval[];
  /** Why it is not known what waits; null where it is. */
  readonly error: unknown;
  readonly count: number | undefined;
}) {
  const ordered = byDeadline(rows, currentTime()).flatMap((group) => group.rows);
  return (
    <Panel
      title="Needs you"
      count={count}
      more={
        <Link to="/approvals" search={{}}>
          All approvals
        </Link>
      }
    >
      {error ? (
        <Quiet>What waits for you is not known: {whyOf(error)}</Quiet>
      ) : ordered.length === 0 ? (
        <Quiet>Nothing waits for your decision.</Quiet>
      ) : (
        <ul>
          {ordered.slice(0, MOST).map((approval) => (
            <li key={approval.approvalId} className={s.row}>
              <StatusIcon status="WAITING_APPROVAL" />
              <Link
                to="/approvals"
                search={{ approval: approval.approvalId }}
                className={s.main}
                title={headingOf(approval)}
              >
                {headingOf(approval)}
              </Link>
              <span className={s.side}>
                <span className={s.of}>{approval.workflowId}</span>
                <Deadline expiresAt={approval.expiresAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
