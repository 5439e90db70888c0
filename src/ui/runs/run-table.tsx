import { Link, useNavigate } from "@tanstack/react-router";
import { PanelRight } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import type { RunRow } from "../../http/schemas/runs.ts";
import { keyOf, useKeys } from "../keys.ts";
import { Note, StatusBadge } from "../kit/badge.tsx";
import { Button, IconButton } from "../kit/button.tsx";
import { type Column, DataTable, rowLink } from "../kit/table.tsx";
import { Elapsed, Time } from "../kit/time.tsx";
import { Why } from "../kit/why.tsx";
import { BulkBar } from "./list/bulk-bar.tsx";
import l from "./list/list.module.css";
import { useHeld } from "./list/use-held.ts";
import s from "./run-list.module.css";
import type { RunListSearch } from "./run-list-search.ts";
import { shortId } from "./short-id.ts";
import type { useRuns } from "./use-runs.ts";

const RunPeek = lazy(() => import("./list/run-peek.tsx").then((module) => ({ default: module.RunPeek })));

/**
 * Runs as a table, newest first; older ones come when they are asked for. Some can be marked to do the same to all of
 * them, and one be looked into beside the list. While somebody works with rows, new ones wait above.
 */
export function RunTable({
  rows,
  query,
  scope,
  peek,
  onPeek,
}: {
  readonly rows: readonly RunRow[];
  readonly query: Pick<ReturnType<typeof useRuns>, "hasNextPage" | "fetchNextPage" | "isFetchingNextPage">;
  /** The filter the rows came by. */
  readonly scope: RunListSearch;
  readonly peek: string | undefined;
  readonly onPeek: (runId: string | undefined) => void;
}) {
  const navigate = useNavigate();
  const [current, setCurrent] = useState<string | null>(peek ?? null);
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const { shown, held, release } = useHeld(rows, current !== null || keys.size > 0 || peek !== undefined);
  const marked = shown.filter(({ runId }) => keys.has(runId));
  const clear = () => setKeys(new Set());
  const isPeeking = peek !== undefined;
  const columns = useMemo(() => columnsFor(onPeek, isPeeking), [onPeek, isPeeking]);
  useKeys({
    "app.back": marked.length > 0 ? clear : peek !== undefined ? () => onPeek(undefined) : null,
  });
  return (
    <div className={l.area}>
      <div className={l.list}>
        {held > 0 && (
          <button type="button" className={l.new} onClick={release}>
            {held} new
          </button>
        )}
        <DataTable
          label="Runs"
          columns={columns}
          rows={shown}
          keyOf={keyOfRun}
          current={current}
          onCurrent={(runId) => {
            setCurrent(runId);
            if (peek !== undefined) onPeek(runId);
          }}
          onOpen={({ runId }) => void navigate({ to: "/runs/$runId", params: { runId }, search: {} })}
          onPeek={({ runId }) => onPeek(runId === peek ? undefined : runId)}
          selection={{ keys, onChange: setKeys, nameOf: shortId }}
          footer={
            query.hasNextPage && (
              <div className={s.more}>
                <Button onClick={() => void query.fetchNextPage()}>
                  {query.isFetchingNextPage ? "Loading…" : "Show older runs"}
                </Button>
              </div>
            )
          }
        />
        {marked.length > 0 && <BulkBar marked={marked} scope={scope} onClear={clear} />}
      </div>
      {peek !== undefined && (
        <Suspense>
          <RunPeek key={peek} runId={peek} onClose={() => onPeek(undefined)} />
        </Suspense>
      )}
    </div>
  );
}

function keyOfRun({ runId }: RunRow): string {
  return runId;
}

/** Beside a look at one there is room for what tells runs apart. */
function columnsFor(onPeek: (runId: string) => void, isPeeking: boolean): readonly Column<RunRow>[] {
  if (isPeeking) return COLUMNS.filter(({ key }) => key !== "by" && key !== "duration" && key !== "why");
  return [
    ...COLUMNS,
    {
      key: "peek",
      head: <span className="sr">Peek</span>,
      width: "28px",
      phone: "hide",
      cell: ({ runId }) => (
        <IconButton
          icon={PanelRight}
          label={`Peek at ${shortId(runId)}`}
          shortcut={keyOf("list.peek")}
          onClick={() => onPeek(runId)}
        />
      ),
    },
  ];
}

const COLUMNS: readonly Column<RunRow>[] = [
  {
    key: "status",
    head: "Status",
    width: "148px",
    cell: ({ status }) => <StatusBadge status={status} />,
  },
  {
    key: "run",
    head: "Run",
    width: "132px",
    cell: ({ runId }) => (
      <Link to="/runs/$runId" params={{ runId }} search={{}} className={`${rowLink} mono`} title={runId}>
        {shortId(runId)}
      </Link>
    ),
  },
  {
    key: "workflow",
    head: "Workflow",
    width: "minmax(216px, 2fr)",
    phone: "wide",
    cell: ({ workflowId, workflowVersion, simulated, environment }) => (
      <span className={s.workflow}>
        <b>{workflowId}</b> <span className={s.version}>v{workflowVersion}</span>
        {environment !== "default" && <span className={s.version}>{environment}</span>}
        {simulated && <Note>simulated</Note>}
      </span>
    ),
  },
  {
    key: "why",
    head: "Now / why",
    width: "minmax(180px, 3fr)",
    phone: "wide",
    cell: ({ why, status }) =>
      why && (
        <span
          className={s.why}
          data-bad={status === "FAILED" || status === "TIMED_OUT" || undefined}
          title={why}
        >
          <Why sentence={why} />
        </span>
      ),
  },
  {
    key: "by",
    head: "Started by",
    width: "minmax(96px, 1fr)",
    phone: "hide",
    cell: ({ startedBy }) => (
      <span className={s.by} title={startedBy}>
        {startedBy}
      </span>
    ),
  },
  {
    key: "started",
    head: "Started",
    width: "84px",
    phone: "wide",
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    key: "duration",
    head: "Duration",
    width: "96px",
    align: "end",
    phone: "hide",
    cell: ({ createdAt, finishedAt }) => (
      <Elapsed from={Date.parse(createdAt)} until={finishedAt === null ? null : Date.parse(finishedAt)} />
    ),
  },
];
