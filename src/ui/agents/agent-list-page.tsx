import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { CircleAlert } from "lucide-react";
import { useState } from "react";
import type { Agent, AgentStatistic, UsedBy } from "../../http/schemas/system.ts";
import { count, duration, percent, plural } from "../format.ts";
import { Note } from "../kit/badge.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { FilterInput } from "../kit/field.tsx";
import { PageHeader } from "../kit/page.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { type Column, DataTable, rowLink } from "../kit/table.tsx";
import { StaleNote } from "../shell/connection-line.tsx";
import { useTitle } from "../shell/title.ts";
import { costOf, outcomesOf, useAgentFigures } from "./agent-figures.ts";
import type { AgentListSearch } from "./agent-search.ts";
import s from "./agents.module.css";
import { useAgents } from "./use-agents.ts";

/** `/agents`: who does the work, with which model, and for which workflows. */
export function AgentListPage() {
  const search = useSearch({ from: "/agents" });
  const navigate = useNavigate({ from: "/agents" });
  const [current, setCurrent] = useState<string | null>(null);
  const { environment, q = "" } = search;
  useTitle("Agents");
  const query = useAgents(environment);
  const { figures } = useAgentFigures(environment);
  const change = (part: Partial<AgentListSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const rows = query.data?.items.filter((agent) => fits(agent, q)) ?? [];
  return (
    <>
      <StaleNote />
      <PageHeader
        title="Agents"
        actions={
          <FilterInput
            label="Name, model or tool"
            value={q}
            onChange={(text) => change({ q: text === "" ? undefined : text })}
          />
        }
      />
      {query.data && <Missing missing={query.data.missing} environment={environment} />}
      {query.isError && !query.data ? (
        <ErrorPanel
          what="The agents could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
          target="/api/v1/agents"
        />
      ) : query.isPending ? (
        <SkeletonRows label="Loading agents" />
      ) : rows.length === 0 ? (
        <NoAgents q={q} environment={environment ?? "default"} />
      ) : (
        <DataTable
          label="Agents"
          columns={columnsIn(environment, figures)}
          rows={rows}
          keyOf={({ file }) => file}
          current={current}
          onCurrent={setCurrent}
          onOpen={({ name }) =>
            void navigate({ to: "/agents/$name", params: { name }, search: { environment } })
          }
        />
      )}
    </>
  );
}

function fits({ name, aliases, model, tools, description }: Agent, text: string): boolean {
  const needle = text.toLowerCase();
  return [name, ...aliases, model, ...tools, description ?? ""].some((part) =>
    part.toLowerCase().includes(needle),
  );
}

function columnsIn(
  environment: string | undefined,
  figures: ReadonlyMap<string, AgentStatistic> | null,
): readonly Column<Agent>[] {
  return [
    {
      key: "name",
      head: "Name",
      width: "minmax(160px, 2fr)",
      phone: "wide",
      cell: ({ name, description }) => (
        <span className={s.name}>
          <Link
            to="/agents/$name"
            params={{ name }}
            search={environment === undefined ? {} : { environment }}
            className={rowLink}
          >
            <b>{name}</b>
          </Link>
          {description && <span className={s.about}>{description}</span>}
        </span>
      ),
    },
    {
      key: "model",
      head: "Model",
      width: "minmax(212px, 1fr)",
      cell: ({ model, simulated }) => (
        <>
          <code>{model === "" ? "the installation's" : model}</code> {simulated && <Note>simulated</Note>}
        </>
      ),
    },
    {
      key: "success",
      head: "Success 30 d",
      width: "100px",
      align: "end",
      phone: "hide",
      cell: ({ name }) => {
        const of = figures?.get(name);
        return of?.successRate == null ? "–" : <span title={outcomesOf(of)}>{percent(of.successRate)}</span>;
      },
    },
    {
      key: "p50",
      head: "p50",
      width: "76px",
      align: "end",
      phone: "hide",
      cell: ({ name }) => {
        const ms = figures?.get(name)?.p50Ms ?? null;
        return ms === null ? "–" : duration(ms);
      },
    },
    {
      key: "tokens",
      head: "Tokens",
      width: "84px",
      align: "end",
      phone: "hide",
      cell: ({ name }) => {
        const of = figures?.get(name);
        return of ? count(of.inputTokens + of.outputTokens) : "–";
      },
    },
    {
      key: "cost",
      head: "Cost",
      width: "76px",
      align: "end",
      phone: "hide",
      cell: ({ name }) => costOf(figures?.get(name)),
    },
    {
      key: "tools",
      head: "Tools",
      width: "minmax(80px, 1fr)",
      phone: "hide",
      cell: ({ tools, agents }) => (
        <span className={s.about} title={[...tools, ...agents].join(", ")}>
          {[...tools, ...agents].join(", ") || "–"}
        </span>
      ),
    },
    {
      key: "used",
      head: "Used by",
      width: "104px",
      cell: ({ usedBy }) =>
        usedBy.length === 0 ? <span className={s.about}>nobody</span> : plural(usedBy.length, "workflow"),
    },
    {
      key: "problems",
      head: "File",
      width: "84px",
      phone: "hide",
      cell: ({ problems }) => <Problems problems={problems} />,
    },
  ];
}

/** How many findings there are about an agent's file; the first one is told on hover. */
export function Problems({ problems }: { readonly problems: Agent["problems"] }) {
  const errors = problems.filter(({ severity }) => severity === "error");
  const [first] = errors.length > 0 ? errors : problems;
  if (!first) return <span className={s.about}>usable</span>;
  return (
    <span title={first.message}>
      {errors.length > 0 ? (
        <Note tone="bad">{plural(errors.length, "error")}</Note>
      ) : (
        <Note>{plural(problems.length, "warning")}</Note>
      )}
    </span>
  );
}

/** Agents that workflows ask for and nobody has written. */
function Missing({
  missing,
  environment,
}: {
  readonly missing: readonly { readonly name: string; readonly usedBy: UsedBy }[];
  readonly environment: string | undefined;
}) {
  if (missing.length === 0) return null;
  return (
    <section className={s.missing} aria-label="Missing agents">
      <h2 className={s.missingTitle}>
        <CircleAlert size={15} aria-hidden />
        {missing.length === 1 ? "An agent is missing" : `${missing.length} agents are missing`}
      </h2>
      <ul>
        {missing.map(({ name, usedBy }) => (
          <li key={name}>
            <b>{name}</b> is asked for by{" "}
            {usedBy.map(({ workflowId, states }, index) => (
              <span key={workflowId}>
                {index > 0 && ", "}
                <Link
                  to="/workflows/$workflowId"
                  params={{ workflowId }}
                  search={environment === undefined ? {} : { environment }}
                  className={s.link}
                >
                  {workflowId}
                </Link>{" "}
                ({states.join(", ")})
              </span>
            ))}
            : its steps fail until there is <code>agents/{name}.prompt</code>.
          </li>
        ))}
      </ul>
    </section>
  );
}

function NoAgents({ q, environment }: { readonly q: string; readonly environment: string }) {
  if (q !== "")
    return (
      <EmptyState title="No such agent">
        No agent of environment <code>{environment}</code> matches “{q}”.
      </EmptyState>
    );
  return (
    <EmptyState title="There are no agents here yet">
      An agent is a prompt file: write <code>environments/{environment}/agents/hello.prompt</code> and it
      appears here by itself.
    </EmptyState>
  );
}
