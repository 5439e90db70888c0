import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Workflow } from "../../http/schemas/workflows.ts";
import { api } from "../api.ts";
import { duration, plural } from "../format.ts";
import { Time } from "../kit/time.tsx";
import { Flow } from "./flow.tsx";
import { InputTable } from "./input-table.tsx";
import { StateFigures } from "./state-figures.tsx";
import { Stats } from "./stats.tsx";
import { Uses } from "./uses.tsx";
import s from "./workflow-page.module.css";
import type { WorkflowSearch } from "./workflow-search.ts";

/** What a workflow is made of and takes, how it did, and what it needs. */
export function OverviewTab({
  workflow,
  search,
}: {
  readonly workflow: Workflow;
  readonly search: WorkflowSearch;
}) {
  const { definition, description, environment, origin, createdAt, updatedAt } = workflow;
  const { data: statistics, error } = useQuery({
    queryKey: ["runs", "statistics", workflow.id, environment],
    queryFn: () => api.getWorkflowStatistics({ params: { id: workflow.id }, query: { environment } }),
    staleTime: 30_000,
  });
  return (
    <div className={s.overview}>
      <div className={s.column}>
        {description && <p>{description}</p>}
        <Panel title="Flow">
          <Flow workflow={workflow} place={search.state ?? null} statistics={statistics} />
        </Panel>
        <Panel title="States">
          <StateFigures workflow={workflow} statistics={statistics} error={error} />
        </Panel>
        <Panel title="Input">
          <InputTable workflow={workflow} />
        </Panel>
      </div>
      <div className={s.column}>
        <Panel title="Last 30 days">
          <Stats workflow={workflow} statistics={statistics} />
        </Panel>
        <Uses workflow={workflow} />
        <Panel title="About">
          <dl className={s.facts}>
            <Fact name="Environment">{environment}</Fact>
            <Fact name="From">{origin === "api" ? "the API" : <code>{origin}</code>}</Fact>
            <Fact name="Author's version">{definition.version}</Fact>
            <Fact name="States">{plural(definition.states.length, "state")}</Fact>
            {definition.timeoutSeconds !== undefined && (
              <Fact name="Times out">after {duration(definition.timeoutSeconds * 1000)}</Fact>
            )}
            {definition.schedule && (
              <Fact name="Schedule">
                <code>{definition.schedule.cron}</code> {definition.schedule.timezone}
              </Fact>
            )}
            <Fact name="Created">
              <Time at={createdAt} />
            </Fact>
            <Fact name="Changed">
              <Time at={updatedAt} />
            </Fact>
          </dl>
        </Panel>
      </div>
    </div>
  );
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={s.panel} aria-label={title}>
      <h2 className={s.panelTitle}>{title}</h2>
      {children}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={s.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
