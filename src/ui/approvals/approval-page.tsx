import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { ApiError } from "../../http/client/errors.ts";
import type { Approval } from "../../http/schemas/approvals.ts";
import { api } from "../api.ts";
import { EmptyState } from "../kit/empty-state.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { PageHeader } from "../kit/page.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { useIsPhone } from "../kit/use-is-phone.ts";
import { StaleNote } from "../shell/connection-line.tsx";
import { useStatusTitle } from "../shell/title.ts";
import { ApprovalCard } from "./approval-card.tsx";
import s from "./approval-page.module.css";
import { APPROVAL_LOOK, headingOf } from "./approval-status.ts";
import { useApproval, useApprovals } from "./use-approvals.ts";

/**
 * `/approvals/$approvalId`: one question and nothing else; where links in messages and mails lead. On a phone that is
 * the question, its evidence, what follows and two buttons.
 */
export function ApprovalPage() {
  const { approvalId } = useParams({ from: "/approvals/$approvalId" });
  const query = useApproval(approvalId);
  const isPhone = useIsPhone();
  const title = query.data?.state ?? "Approval";
  return (
    <>
      <StaleNote />
      {isPhone ? (
        <h1 className="sr">{title}</h1>
      ) : (
        <PageHeader crumbs={[{ label: "Approvals", link: { to: "/approvals", search: {} } }]} title={title} />
      )}
      {query.data ? (
        <One approval={query.data} />
      ) : query.isPending ? (
        <SkeletonRows label="Loading the approval" />
      ) : query.error instanceof ApiError && query.error.status === 404 ? (
        <EmptyState
          title="There is no such approval"
          action={
            <Link to="/approvals" search={{}} className={s.link}>
              See what waits for you
            </Link>
          }
        >
          The link may be cut off, or it is of another environment than yours.
        </EmptyState>
      ) : (
        <ErrorPanel
          what="The approval could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
          target={`/api/v1/workflow-approvals/${approvalId}`}
        />
      )}
    </>
  );
}

function One({ approval }: { readonly approval: Approval }) {
  const { link } = useSearch({ from: "/approvals/$approvalId" });
  useStatusTitle(APPROVAL_LOOK[approval.status].status, headingOf(approval));
  const isOpen = approval.status === "PENDING";
  return (
    <div className={s.page}>
      {isOpen && link !== undefined && <LinkNote token={link} />}
      <ApprovalCard key={approval.approvalId} approval={approval} link={link} />
      {!isOpen && <Next after={approval.approvalId} />}
    </div>
  );
}

/** Says so before anybody reads and decides in vain. */
function LinkNote({ token }: { readonly token: string }) {
  const { data, error } = useQuery({
    queryKey: ["approvals", "link", token],
    queryFn: () => api.getApprovalLink({ params: { token } }),
  });
  const because = data?.because ?? (error instanceof ApiError ? error.problem.detail : null);
  if (because === null) return null;
  return (
    <div className={s.note} data-tone="person" role="status">
      <p>This link does not count: {because}.</p>
      <Link to="." search={{}} className={s.link}>
        Go on as yourself
      </Link>
    </div>
  );
}

function Next({ after }: { readonly after: string }) {
  const { rows } = useApprovals("mine");
  const next = rows.find(({ approvalId }) => approvalId !== after);
  return (
    <p className={s.next}>
      {next ? (
        <>
          Also waiting for you:{" "}
          <Link
            to="/approvals/$approvalId"
            params={{ approvalId: next.approvalId }}
            search={{}}
            className={s.link}
          >
            {headingOf(next)}
          </Link>
        </>
      ) : (
        <>
          Nothing else waits for you.{" "}
          <Link to="/approvals" search={{}} className={s.link}>
            All approvals
          </Link>
        </>
      )}
    </p>
  );
}
