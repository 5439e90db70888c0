import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useNow } from "../clock.ts";
import { Button } from "../kit/button.tsx";
import { Chips } from "../kit/chips.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { PageBar, PageHeader } from "../kit/page.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { useIsPhone } from "../kit/use-is-phone.ts";
import { StaleNote } from "../shell/connection-line.tsx";
import { useTitle } from "../shell/title.ts";
import { useRights } from "../system.ts";
import { ApprovalCard } from "./approval-card.tsx";
import { ApprovalList } from "./approval-list.tsx";
import type { Shown } from "./approval-search.ts";
import { byAge, byDeadline } from "./deadline-groups.ts";
import { DesktopSwitch } from "./desktop-switch.tsx";
import s from "./inbox.module.css";
import { useApproval, useApprovals } from "./use-approvals.ts";

/** `/approvals`: what waits for people, by deadline, and the one that is being read beside it. */
export function InboxPage() {
  const search = useSearch({ from: "/approvals" });
  const navigate = useNavigate({ from: "/approvals" });
  const isPhone = useIsPhone();
  const now = useNow();
  const show: Shown = search.show ?? "mine";
  const mine = useApprovals("mine");
  const open = useApprovals("open");
  const decided = useApprovals("decided", show === "decided");
  const { query, rows } = { mine, open, decided }[show];
  const groups = show === "decided" ? byAge(rows, now) : byDeadline(rows, now);
  const ordered = groups.flatMap((group) => group.rows.map(({ approvalId }) => approvalId));
  const select = (approval: string | undefined) =>
    void navigate({ search: (old) => ({ ...old, approval }), replace: true });
  useTitle(mine.count ? `◆ ${mine.count} waiting · Approvals` : "Approvals");

  // What is read first is pinned to the address: it must not become another one while somebody reads it.
  const first = ordered[0];
  const isOrdered = show === "decided" || !query.hasNextPage || query.isError;
  const isUnpinned = isOrdered && !isPhone && search.approval === undefined && first !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `select` is another function in every frame
  useEffect(() => {
    if (isUnpinned) select(first);
  }, [isUnpinned, first]);

  const goOn = (from: string) => {
    const at = ordered.indexOf(from);
    const next = ordered[at + 1] ?? ordered[at - 1];
    // Who has gone on to another one meanwhile stays there.
    void navigate({
      search: (old) => (old.approval === from ? { ...old, approval: next } : old),
      replace: true,
    });
  };
  return (
    <>
      <StaleNote />
      <PageHeader title="Approvals" actions={<DesktopSwitch />} />
      <PageBar>
        <Chips<Shown>
          label="Which"
          isOn={(value) => value === show}
          onToggle={(value) => void navigate({ search: value === "mine" ? {} : { show: value } })}
          chips={[
            { value: "mine", label: "Mine", count: mine.count },
            { value: "open", label: "All open", count: open.count },
            { value: "decided", label: "Decided" },
          ]}
        />
      </PageBar>
      {query.isError && !query.data ? (
        <ErrorPanel
          what="The approvals could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
          target="/api/v1/workflow-approvals"
        />
      ) : query.isPending ? (
        <SkeletonRows label="Loading approvals" />
      ) : rows.length === 0 && (isPhone || search.approval === undefined) ? (
        <Nothing show={show} others={show === "mine" ? (open.count ?? 0) : 0} />
      ) : (
        <div className={s.inbox}>
          <ApprovalList
            groups={groups}
            current={search.approval}
            onSelect={select}
            footer={
              query.hasNextPage && (
                <Button onClick={() => void query.fetchNextPage()}>
                  {query.isFetchingNextPage ? "Loading…" : "Show older ones"}
                </Button>
              )
            }
          />
          {!isPhone && search.approval !== undefined && (
            <Beside key={search.approval} approvalId={search.approval} onDecided={goOn} />
          )}
        </div>
      )}
    </>
  );
}

function Beside({
  approvalId,
  onDecided,
}: {
  readonly approvalId: string;
  readonly onDecided: (approvalId: string) => void;
}) {
  const query = useApproval(approvalId);
  if (query.data) return <ApprovalCard approval={query.data} onDecided={() => onDecided(approvalId)} />;
  return (
    <div className={s.beside}>
      {query.isPending ? (
        <SkeletonRows label="Loading the approval" />
      ) : (
        <ErrorPanel
          what="The approval could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
          target={`/api/v1/workflow-approvals/${approvalId}`}
        />
      )}
    </div>
  );
}

const NOTHING = {
  mine: ["Nothing waits for you", "When a run asks for your decision, the question appears here by itself."],
  open: ["No run is waiting for people", "A workflow asks with a state whose action is human.approval."],
  decided: ["Nothing has been decided yet", "Decisions stay here, with who made them and why."],
} as const;

function Nothing({ show, others }: { readonly show: Shown; readonly others: number }) {
  const [title, text] = NOTHING[show];
  const mayNotSee = useRights().whyNot("runs:read");
  if (mayNotSee !== null) return <EmptyState title="You may see no approvals">{mayNotSee}</EmptyState>;
  return (
    <EmptyState
      title={title}
      action={
        others > 0 && (
          <Link to="/approvals" search={{ show: "open" }} className={s.link}>
            See the {others} that wait for others
          </Link>
        )
      }
    >
      {text}
    </EmptyState>
  );
}
