import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { AgentUse } from "../../http/schemas/system.ts";
import { api } from "../api.ts";
import { plural } from "../format.ts";
import { Note, StatusBadge } from "../kit/badge.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { Panel, Quiet } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Time } from "../kit/time.tsx";
import { shortId } from "../runs/short-id.ts";
import s from "./agents.module.css";

/** The newest runs that asked an agent; each leads to the step that did so last. */
export function AgentUses({
  name,
  inEnvironment,
}: {
  readonly name: string;
  readonly inEnvironment: { readonly environment?: string };
}) {
  const query = useQuery({
    queryKey: ["agents", "uses", inEnvironment.environment, name],
    queryFn: () => api.listAgentUses({ params: { name }, query: inEnvironment }),
    // Every step is news of runs, and this looks at many: it is asked for now and then instead.
    refetchInterval: 10_000,
  });
  return (
    <Panel title="Recent runs">
      {query.data ? (
        query.data.items.length === 0 ? (
          <Quiet>No run has asked it yet.</Quiet>
        ) : (
          <Uses uses={query.data.items} />
        )
      ) : query.isPending ? (
        <SkeletonRows rows={3} label="Loading recent runs" />
      ) : (
        <ErrorPanel
          what="The runs that asked it could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
          target={`/api/v1/agents/${encodeURIComponent(name)}/uses`}
        />
      )}
    </Panel>
  );
}

function Uses({ uses }: { readonly uses: readonly AgentUse[] }) {
  return (
    <table className={s.uses}>
      <thead>
        <tr>
          <th>Status</th>
          <th>Run</th>
          <th data-phone="hide">Workflow</th>
          <th data-phone="hide">Asked by</th>
          <th>Started</th>
        </tr>
      </thead>
      <tbody>
        {uses.map(({ run: { runId, status, workflowId, workflowVersion, createdAt }, ...use }) => (
          <tr key={runId}>
            <td>
              <StatusBadge status={status} />
            </td>
            <td>
              <Link
                to="/runs/$runId"
                params={{ runId }}
                search={{ step: use.stepId }}
                className={`${s.link} mono`}
                title={runId}
              >
                {shortId(runId)}
              </Link>
            </td>
            <td data-phone="hide">
              {workflowId} <span className={s.about}>v{workflowVersion}</span>
            </td>
            <td data-phone="hide">
              {use.state}{" "}
              {use.steps > 1 && <span className={s.about}>and {plural(use.steps - 1, "more step")}</span>}{" "}
              {use.failed > 0 && <Note tone="bad">{use.failed} failed</Note>}
            </td>
            <td>
              <Time at={createdAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
