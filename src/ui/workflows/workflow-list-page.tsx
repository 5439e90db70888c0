import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { CircleSlash, Copy, Download, Ellipsis, FileText, Play, Plus, Power, RefreshCw } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import type { WorkflowRow } from "../../http/schemas/workflows.ts";
import { api } from "../api.ts";
import { duration, percent } from "../format.ts";
import { keyOf, useKeys } from "../keys.ts";
import { Note, StatusBadge } from "../kit/badge.tsx";
import { Button, IconButton } from "../kit/button.tsx";
import { Chips } from "../kit/chips.tsx";
import { copyAndSay } from "../kit/copy.ts";
import { EmptyState } from "../kit/empty-state.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { FilterInput, Select } from "../kit/field.tsx";
import { Menu } from "../kit/menu.tsx";
import { PageBar, PageHeader } from "../kit/page.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { type Column, DataTable, rowLink } from "../kit/table.tsx";
import { Time } from "../kit/time.tsx";
import { StaleNote } from "../shell/connection-line.tsx";
import { useTitle } from "../shell/title.ts";
import { useSystem, useWhyNot } from "../system.ts";
import { FirstWorkflow } from "./empty/first-workflow.tsx";
import { endedWords } from "./run-stats.ts";
import { Sparkline } from "./sparkline.tsx";
import { openStart } from "./start/open-start.ts";
import { switchWorkflow } from "./switch-workflow.ts";
import { SyncDialog } from "./sync/sync-dialog.tsx";
import { SYNC_LOOKS, SyncMark } from "./sync/sync-mark.tsx";
import { UntakenFiles } from "./sync/untaken-files.tsx";
import { restoreFile, saveDefinition, showFile } from "./workflow-file.ts";
import { SYNC_STATES, type WorkflowListSearch } from "./workflow-list-search.ts";
import s from "./workflows.module.css";

/** `/workflows`: what can be run, how it does, and how it stands to its files. */
export function WorkflowListPage() {
  const search = useSearch({ from: "/workflows" });
  const navigate = useNavigate({ from: "/workflows" });
  const change = (part: Partial<WorkflowListSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const [current, setCurrent] = useState<string | null>(null);
  const write = () =>
    void navigate({
      to: "/new-workflow",
      search: search.environment ? { environment: search.environment } : {},
    });
  useTitle("Workflows");
  const [synced, setSynced] = useState<WorkflowRow | null>(null);
  const columns = useMemo(() => columnsOf(setSynced), []);
  const watched = useSystem().data?.watched ?? null;
  const query = useWorkflows(search);
  const rows = useMemo(
    () =>
      (query.data?.pages.flatMap(({ items }) => items) ?? []).filter(
        ({ syncState }) => search.sync === undefined || syncState === search.sync,
      ),
    [query.data, search.sync],
  );
  // The server does not know this filter: what fits may stand on any page.
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  const isSought = search.sync !== undefined && hasNextPage && !isError;
  useEffect(() => {
    if (isSought && !isFetching) void fetchNextPage();
  }, [isSought, isFetching, fetchNextPage]);
  const row = rows.find(({ id }) => id === current);
  const at = search.environment ?? "default";
  const mayNotRun = useWhyNot("runs:write", at);
  const mayNotChange = useWhyNot("workflows:write", at);
  useKeys({
    "workflow.run":
      row && mayNotRun === null
        ? () => openStart({ workflowId: row.id, environment: row.environment })
        : null,
    "workflow.edit": row ? () => void showFile(row, watched) : null,
    "workflow.toggle": row && mayNotChange === null ? () => void switchWorkflow(row) : null,
  });
  return (
    <>
      <StaleNote />
      <PageHeader
        title="Workflows"
        status={search.environment && <Note>{search.environment}</Note>}
        actions={
          <>
            <FilterInput
              label="Id or name"
              value={search.q ?? ""}
              onChange={(q) => change({ q: q === "" ? undefined : q })}
            />
            <Button icon={Plus} disabledBecause={mayNotChange} onClick={write}>
              New workflow
            </Button>
            <Button
              look="primary"
              icon={Play}
              shortcut={keyOf("workflow.run")}
              disabledBecause={mayNotRun}
              onClick={() => openStart({ environment: search.environment })}
            >
              Start run
            </Button>
          </>
        }
      />
      <PageBar>
        <Chips
          label="Status"
          isOn={(value) => value === (search.status ?? "all")}
          onToggle={(value) => change({ status: value === "all" ? undefined : value })}
          chips={[
            { value: "all" as const, label: "All" },
            { value: "active" as const, label: "Active" },
            { value: "disabled" as const, label: "Disabled" },
          ]}
        />
        <Select
          aria-label="Sync"
          value={search.sync ?? ""}
          onChange={({ target }) => change({ sync: SYNC_STATES.find((state) => state === target.value) })}
        >
          <option value="">Any sync state</option>
          {SYNC_STATES.map((state) => (
            <option key={state} value={state}>
              {SYNC_LOOKS[state].word}
            </option>
          ))}
        </Select>
      </PageBar>
      <UntakenFiles environment={at} />
      {query.isError && !query.data ? (
        <ErrorPanel
          what="The workflows could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
          target="/api/v1/workflows"
        />
      ) : query.isPending || (rows.length === 0 && isSought) ? (
        <SkeletonRows label="Loading workflows" />
      ) : rows.length === 0 ? (
        <NoWorkflows
          search={search}
          onWrite={write}
          onClear={() => void navigate({ search: ({ environment }) => ({ environment }) })}
        />
      ) : (
        <DataTable
          label="Workflows"
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          current={current}
          onCurrent={setCurrent}
          onOpen={({ id }) =>
            void navigate({
              to: "/workflows/$workflowId",
              params: { workflowId: id },
              search: { environment: search.environment },
            })
          }
          footer={
            query.hasNextPage && (
              <div className={s.more}>
                <Button onClick={() => void query.fetchNextPage()}>
                  {query.isFetchingNextPage ? "Loading…" : "Show more"}
                </Button>
              </div>
            )
          }
        />
      )}
      {synced && <SyncDialog workflow={synced} onClose={() => setSynced(null)} />}
    </>
  );
}

const columnsOf = (onSync: (row: WorkflowRow) => void): readonly Column<WorkflowRow>[] => [
  {
    key: "name",
    head: "Name",
    width: "minmax(190px, 3fr)",
    cell: ({ id, name, environment }) => (
      <span className={s.name}>
        <Link
          to="/workflows/$workflowId"
          params={{ workflowId: id }}
          search={(old: { environment?: string | undefined }) =>
            old.environment === undefined ? {} : { environment }
          }
          className={rowLink}
        >
          {name}
        </Link>
        <code className={s.id}>{id}</code>
      </span>
    ),
  },
  {
    key: "version",
    head: "Version",
    width: "46px",
    phone: "hide",
    cell: ({ version }) => <span className="num">v{version}</span>,
  },
  {
    key: "status",
    head: "Status",
    width: "72px",
    cell: ({ status }) => (status === "active" ? <Note tone="good">Active</Note> : <Note>Disabled</Note>),
  },
  {
    key: "runs",
    head: "Last 14 runs",
    width: "98px",
    phone: "hide",
    cell: (workflow) => <Sparkline workflow={workflow} />,
  },
  {
    key: "last",
    head: "Last run",
    width: "minmax(196px, 1fr)",
    phone: "wide",
    cell: ({ lastRunAt, lastStatus }) =>
      lastStatus === null ? (
        <span className={s.faint}>never run</span>
      ) : (
        <span className={s.last}>
          <StatusBadge status={lastStatus} /> <Time at={lastRunAt} />
        </span>
      ),
  },
  {
    key: "success",
    head: "Success 30 d",
    width: "96px",
    align: "end",
    phone: "hide",
    cell: ({ successRate30d, ended30d }) => (
      <span title={endedWords(ended30d)}>{successRate30d === null ? "–" : percent(successRate30d)}</span>
    ),
  },
  {
    key: "p50",
    head: "p50",
    width: "64px",
    align: "end",
    phone: "hide",
    cell: ({ p50Ms }) => (p50Ms === null ? "–" : duration(p50Ms)),
  },
  {
    key: "sync",
    head: "Sync",
    width: "108px",
    cell: (row) => <SyncMark workflow={row} leads />,
  },
  {
    key: "actions",
    head: <span className="sr">Actions</span>,
    width: "104px",
    align: "end",
    cell: (row) => <RowActions row={row} onSync={onSync} />,
  },
];

function RowActions({
  row,
  onSync,
}: {
  readonly row: WorkflowRow;
  readonly onSync: (row: WorkflowRow) => void;
}) {
  const { id, environment, status, syncState } = row;
  const watched = useSystem().data?.watched ?? null;
  const isActive = status === "active";
  const mayNotRun = useWhyNot("runs:write", environment);
  const mayNotChange = useWhyNot("workflows:write", environment);
  return (
    <span className={s.actions}>
      <Button
        icon={Play}
        aria-label={`Run ${id}`}
        disabledBecause={mayNotRun ?? (isActive ? null : "It is disabled: enable it to run it")}
        onClick={() => openStart({ workflowId: id, environment })}
      >
        Run
      </Button>
      <Menu
        items={[
          {
            label: isActive ? "Disable" : "Enable",
            icon: isActive ? CircleSlash : Power,
            shortcut: keyOf("workflow.toggle"),
            disabledBecause: mayNotChange,
            onSelect: () => void switchWorkflow(row),
          },
          {
            label: watched === null ? "Where its file is" : "Edit its file",
            icon: FileText,
            shortcut: keyOf("workflow.edit"),
            onSelect: () => void showFile(row, watched),
          },
          ...(syncState === "file-missing"
            ? [
                {
                  label: "Restore its file",
                  icon: Download,
                  onSelect: () => void restoreFile(row),
                },
              ]
            : []),
          ...(syncState === "file-newer" || syncState === "file-missing"
            ? [
                {
                  label: "Sync now…",
                  says: `Shows first what the files of ${environment} change`,
                  icon: RefreshCw,
                  onSelect: () => onSync(row),
                },
              ]
            : []),
          {
            label: "Export definition",
            icon: Download,
            onSelect: () => void saveDefinition(row),
          },
          {
            label: "Copy id",
            icon: Copy,
            onSelect: () => void copyAndSay(id, `Copied ${id}`),
          },
        ]}
      >
        <IconButton icon={Ellipsis} label={`More for ${id}`} />
      </Menu>
    </span>
  );
}

function useWorkflows(search: WorkflowListSearch) {
  const { status, q, environment } = useDeferredValue(search);
  return useInfiniteQuery({
    queryKey: ["workflows", "list", { status, q, environment }],
    queryFn: ({ pageParam }) =>
      api.listWorkflows({
        query: {
          limit: 100,
          ...(status && { status }),
          ...(q && { q }),
          ...(environment && { environment }),
          ...(pageParam !== null && { cursor: pageParam }),
        },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
}

function NoWorkflows({
  search: { status, q, sync, environment = "default" },
  onWrite,
  onClear,
}: {
  readonly search: WorkflowListSearch;
  readonly onWrite: () => void;
  readonly onClear: () => void;
}) {
  if (status || q || sync)
    return (
      <EmptyState title="No such workflow" action={<Button onClick={onClear}>Clear filters</Button>}>
        No {status ? `${status} ` : ""}workflow{q ? ` matches “${q}”` : " is here"}
        {sync ? ` with the mark “${SYNC_LOOKS[sync].word}”` : ""}.
      </EmptyState>
    );
  return <FirstWorkflow environment={environment} onWrite={onWrite} />;
}
