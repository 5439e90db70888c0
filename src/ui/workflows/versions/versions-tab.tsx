import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import type { Workflow } from "../../../http/schemas/workflows.ts";
import { api } from "../../api.ts";
import { Note } from "../../kit/badge.tsx";
import { Button } from "../../kit/button.tsx";
import { ErrorPanel } from "../../kit/error-panel.tsx";
import { SkeletonRows } from "../../kit/skeleton.tsx";
import { Segmented } from "../../kit/tabs.tsx";
import { Time } from "../../kit/time.tsx";
import { useWhyNot } from "../../system.ts";
import type { WorkflowSearch } from "../workflow-search.ts";
import { changeSummary } from "./change-summary.ts";
import { RollbackDialog } from "./rollback-dialog.tsx";
import { SemanticDiff } from "./semantic-diff.tsx";
import { TextDiff } from "./text-diff.tsx";
import { useDiff } from "./use-diff.ts";
import s from "./versions.module.css";

/** How a workflow came to be what it is: its versions, what each changed, and the way back. */
export function VersionsTab({
  workflow,
  search,
}: {
  readonly workflow: Workflow;
  readonly search: WorkflowSearch;
}) {
  const { id, environment, version: current } = workflow;
  const navigate = useNavigate({ from: "/workflows/$workflowId" });
  const change = (part: Partial<WorkflowSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const [isAsking, setAsking] = useState(false);
  const mayNot = useWhyNot("workflows:write", environment);
  const query = useInfiniteQuery({
    queryKey: ["workflows", "versions", id, environment],
    queryFn: ({ pageParam }) =>
      api.listWorkflowVersions({
        params: { id },
        query: { environment, limit: 100, ...(pageParam !== null && { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  if (query.isPending) return <SkeletonRows label="Loading the versions" />;
  if (!query.data)
    return (
      <ErrorPanel
        what="The versions could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
        target={`/api/v1/workflows/${encodeURIComponent(id)}/versions`}
      />
    );
  const versions = query.data.pages.flatMap(({ items }) => items);
  const chosen = versions.find(({ version }) => version === search.version)?.version ?? current;
  return (
    <div className={s.versions}>
      <nav className={s.side} aria-label="Versions">
        {versions.map(({ version, authorVersion, createdAt, createdBy, restoredFrom }) => (
          <button
            key={version}
            type="button"
            className={s.version}
            aria-current={version === chosen || undefined}
            onClick={() => change({ version: version === current ? undefined : version })}
          >
            <span className={s.versionHead}>
              <b>v{version}</b>
              {version === current && <Note tone="good">current</Note>}
              {restoredFrom !== null && <Note>back to v{restoredFrom}</Note>}
              <span className={s.author}>“{authorVersion}”</span>
            </span>
            <span className={s.faint}>
              <Time at={createdAt} /> · {createdBy}
            </span>
            <Summary workflow={workflow} version={version} isWanted={current - version < MOST_SUMMARIES} />
          </button>
        ))}
        {query.hasNextPage && <Button onClick={() => void query.fetchNextPage()}>Older versions</Button>}
      </nav>
      <div className={s.main}>
        <div className={s.toolbar}>
          <h2 className={s.title}>{chosen === 1 ? "v1, the first" : `v${chosen - 1} → v${chosen}`}</h2>
          <Segmented
            label="Differences"
            value={search.diff ?? "meaning"}
            onChange={(diff) => change({ diff: diff === "text" ? diff : undefined })}
            choices={[
              { value: "meaning", label: "Meaning" },
              { value: "text", label: "Text" },
            ]}
          />
          {chosen !== current && (
            <span className={s.back}>
              <Button icon={RotateCcw} disabledBecause={mayNot} onClick={() => setAsking(true)}>
                Roll back to v{chosen}…
              </Button>
            </span>
          )}
        </div>
        <Differences id={id} environment={environment} version={chosen} as={search.diff ?? "meaning"} />
      </div>
      {isAsking && <RollbackDialog workflow={workflow} version={chosen} onClose={() => setAsking(false)} />}
    </div>
  );
}

/** So many of the newest versions say in the list what they changed: each is a question of its own. */
const MOST_SUMMARIES = 10;

function Summary({
  workflow,
  version,
  isWanted,
}: {
  readonly workflow: Workflow;
  readonly version: number;
  readonly isWanted: boolean;
}) {
  const { data } = useDiff(workflow, version, isWanted);
  return data ? <span className={s.summary}>{changeSummary(data)}</span> : null;
}

function Differences({
  id,
  environment,
  version,
  as,
}: {
  readonly id: string;
  readonly environment: string;
  readonly version: number;
  readonly as: "meaning" | "text";
}) {
  const { data, error, refetch } = useDiff({ id, environment }, version);
  if (version === 1) return <p className={s.faint}>Nothing came before it.</p>;
  if (data)
    return as === "text" ? (
      <TextDiff text={data.text} from={data.from} to={data.to} />
    ) : (
      <SemanticDiff diff={data} />
    );
  if (error)
    return (
      <ErrorPanel what="The differences could not be loaded" error={error} onRetry={() => void refetch()} />
    );
  return <SkeletonRows rows={4} label="Loading the differences" />;
}
