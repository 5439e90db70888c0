import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Workflow } from "../../http/schemas/workflows.ts";
import { api } from "../api.ts";
import { duration, plural } from "../format.ts";
import { StatusBadge } from "../kit/badge.tsx";
import { Time } from "../kit/time.tsx";
import { InputTable } from "./input-table.tsx";
import s from "./workflow-page.module.css";

/** What a workflow takes and is made of, and how it did. */
export function OverviewTab({ workflow }: { readonly workflow: Workflow }) {
  const { definition, description, environment, origin, createdAt, updatedAt } = workflow;
  return (
    <div className={s.overview}>
      <div className={s.column}>
        {description && <p>{description}</p>}
        <Panel title="Input">
          <InputTable workflow={workflow} />
        </Panel>
      </div>
      <div className={s.column}>
        <Stats workflow={workflow} />
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

function Stats({ workflow: { id, environment } }: { readonly workflow: Workflow }) {
  const { data } = useQuery({
    queryKey: ["workflows", "stats", id, environment],
    queryFn: async () => {
      const { items } = await api.listWorkflows({ query: { environment, q: id, limit: 200 } });
      return items.find((row) => row.id === id) ?? null;
    },
  });
  return (
    <Panel title="Last 30 days">
      <dl className={s.facts}>
        <Fact name="Success">
          {data?.successRate30d == null ? "–" : `${(data.successRate30d * 100).toFixed(1)} %`}
        </Fact>
        <Fact name="Typical duration">{data?.p50Ms == null ? "–" : duration(data.p50Ms)}</Fact>
        <Fact name="Last run">
          {data?.lastStatus ? (
            <>
              <StatusBadge status={data.lastStatus} /> <Time at={data.lastRunAt} />
            </>
          ) : (
            "–"
          )}
        </Fact>
      </dl>
    </Panel>
  );
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={s.panel}>
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
