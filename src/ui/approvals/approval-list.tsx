import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import type { Approval } from "../../http/schemas/approvals.ts";
import { useKeys } from "../keys.ts";
import { StatusIcon } from "../kit/badge.tsx";
import { Time } from "../kit/time.tsx";
import { useIsPhone } from "../kit/use-is-phone.ts";
import { APPROVAL_LOOK, headingOf } from "./approval-status.ts";
import { Deadline } from "./deadline.tsx";
import type { Group } from "./deadline-groups.ts";
import s from "./inbox.module.css";

/** Approvals under the headings of their deadlines; `j` and `k` go through them. */
export function ApprovalList({
  groups,
  current,
  onSelect,
  footer,
}: {
  readonly groups: readonly Group<Approval>[];
  readonly current: string | undefined;
  readonly onSelect: (approvalId: string) => void;
  readonly footer: ReactNode;
}) {
  const navigate = useNavigate();
  const list = useRef<HTMLElement>(null);
  const ordered = groups.flatMap(({ rows }) => rows.map(({ approvalId }) => approvalId));
  const at = current === undefined ? -1 : ordered.indexOf(current);
  const move = (to: number) => {
    const id = ordered[Math.min(Math.max(to, 0), ordered.length - 1)];
    if (id !== undefined) onSelect(id);
  };
  useKeys({
    "list.next": () => move(at + 1),
    "list.previous": () => move(at - 1),
    "list.open": () => {
      if (current !== undefined)
        void navigate({ to: "/approvals/$approvalId", params: { approvalId: current }, search: {} });
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another current row is to be seen
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={s.list} aria-label="List" ref={list} tabIndex={0}>
      {groups.map(({ title, rows }) => (
        <div key={title}>
          <h2 className={s.group}>{title}</h2>
          <ul>
            {rows.map((approval) => (
              <li key={approval.approvalId}>
                <Row approval={approval} isCurrent={approval.approvalId === current} />
              </li>
            ))}
          </ul>
        </div>
      ))}
      {footer && <div className={s.more}>{footer}</div>}
    </section>
  );
}

function Row({ approval, isCurrent }: { readonly approval: Approval; readonly isCurrent: boolean }) {
  const isPhone = useIsPhone();
  const { approvalId } = approval;
  const content = <RowContent approval={approval} />;
  if (isPhone)
    return (
      <Link to="/approvals/$approvalId" params={{ approvalId }} search={{}} className={s.row}>
        {content}
      </Link>
    );
  return (
    <Link
      to="/approvals"
      search={(old) => ({ ...old, approval: approvalId })}
      replace
      className={s.row}
      {...(isCurrent && { "aria-current": "true" as const })}
    >
      {content}
    </Link>
  );
}

function RowContent({ approval }: { readonly approval: Approval }) {
  const { status, workflowId, expiresAt, decisions } = approval;
  const look = APPROVAL_LOOK[status];
  const last = decisions.findLast(({ voided }) => voided === null);
  return (
    <>
      <StatusIcon status={look.status} />
      <span className={s.text}>
        <span className={s.title}>{headingOf(approval)}</span>
        <span className={s.meta}>
          <span className={s.workflow}>{workflowId}</span>
          {status === "PENDING" ? (
            <Deadline expiresAt={expiresAt} />
          ) : (
            <span>
              {look.word}
              {last && ` by ${last.by}`} <Time at={last?.at ?? expiresAt ?? approval.requestedAt} />
            </span>
          )}
        </span>
      </span>
    </>
  );
}
