import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarClock, Webhook } from "lucide-react";
import type { Workflow } from "../../http/schemas/workflows.ts";
import { useAgents } from "../agents/use-agents.ts";
import { api } from "../api.ts";
import { duration } from "../format.ts";
import { Note } from "../kit/badge.tsx";
import { whyOf } from "../kit/error-panel.tsx";
import { graphOf } from "../runs/graph/graph-of.ts";
import s from "./workflow-page.module.css";

/** What a workflow needs: the agents and workflows that its states ask; and what starts it by itself. */
export function Uses({ workflow }: { readonly workflow: Workflow }) {
  return (
    <section className={s.panel} aria-label="Uses">
      <h2 className={s.panelTitle}>Uses</h2>
      <Asked workflow={workflow} />
      <Triggers workflow={workflow} />
    </section>
  );
}

function Asked({ workflow: { definition, environment } }: { readonly workflow: Workflow }) {
  const { nodes } = graphOf(definition, new Set());
  const agents = [...new Set(nodes.flatMap(({ agent }) => agent ?? []))];
  const called = [
    ...new Set(
      nodes.flatMap(({ state }) =>
        state?.type === "operation" && state.action === "workflow.run" ? [state.workflow] : [],
      ),
    ),
  ];
  const { data, error } = useAgents(environment);
  const known = new Map(
    data?.items.flatMap((agent) => [agent.name, ...agent.aliases].map((name) => [name, agent])),
  );
  const absent = new Set(data?.missing.map(({ name }) => name));
  const missing = agents.filter((name) => absent.has(name)).length;
  const inEnvironment = environment === "default" ? {} : { environment };
  return (
    <>
      <h3 className={s.usesTitle}>
        Agents <span className={s.faint}>{agents.length}</span>
        {missing > 0 && <Note tone="bad">{missing} missing</Note>}
      </h3>
      {agents.length === 0 && <p className={s.faint}>It asks none.</p>}
      {error && !data && <p className={s.faint}>Which of them there are is not known: {whyOf(error)}</p>}
      <ul className={s.agents}>
        {agents.map((name) => {
          const agent = known.get(name);
          return (
            <li key={name} className={s.agent}>
              {agent ? (
                <Link
                  to="/agents/$name"
                  params={{ name: agent.name }}
                  search={inEnvironment}
                  className={s.agentName}
                >
                  {name}
                </Link>
              ) : (
                <span className={s.agentName}>{name}</span>
              )}
              {agent && <span className={s.faint}>{agent.model}</span>}
              {absent.has(name) && <Note tone="bad">missing</Note>}
            </li>
          );
        })}
      </ul>
      {called.length > 0 && (
        <>
          <h3 className={s.usesTitle}>
            Workflows <span className={s.faint}>{called.length}</span>
          </h3>
          <ul className={s.agents}>
            {called.map((workflowId) => (
              <li key={workflowId}>
                <Link
                  to="/workflows/$workflowId"
                  params={{ workflowId }}
                  search={inEnvironment}
                  className={s.agentName}
                >
                  {workflowId}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** Schedules and webhooks that start it. */
function Triggers({ workflow: { id, environment } }: { readonly workflow: Workflow }) {
  const schedules = useQuery({
    queryKey: ["runs", "schedules", environment, "of", id],
    queryFn: () => api.listSchedules({ query: { environment, workflowId: id, limit: 100 } }),
  });
  const hooks = useQuery({
    queryKey: ["runs", "hooks", environment, "all"],
    queryFn: () => api.listHooks({ query: { environment } }),
  });
  const scheduled = schedules.data?.items ?? [];
  const hooked = hooks.data?.items.filter(({ target }) => "workflowId" in target && target.workflowId === id);
  const failure = schedules.error ?? hooks.error;
  const count = scheduled.length + (hooked?.length ?? 0);
  return (
    <>
      <h3 className={s.usesTitle}>
        Triggers <span className={s.faint}>{count}</span>
      </h3>
      {failure ? (
        <p className={s.faint}>Not all that may start it is known: {whyOf(failure)}</p>
      ) : (
        count === 0 &&
        schedules.data &&
        hooks.data && <p className={s.faint}>Only people and programs start it.</p>
      )}
      <ul className={s.agents}>
        {scheduled.map(({ name, cron, timezone, everySeconds, status }) => (
          <li key={`schedule ${name}`} className={s.agent}>
            <CalendarClock size={13} aria-label="Schedule" />
            <Link
              to="/settings/$section"
              params={{ section: "schedules" }}
              search={{ name, environment }}
              className={s.agentName}
            >
              {name}
            </Link>
            {status === "active" ? (
              <span className={s.faint}>
                {cron === null ? `every ${duration((everySeconds ?? 0) * 1000)}` : `${cron} ${timezone}`}
              </span>
            ) : (
              <Note>{status}</Note>
            )}
          </li>
        ))}
        {hooked?.map(({ hookId, name, status }) => (
          <li key={hookId} className={s.agent}>
            <Webhook size={13} aria-label="Webhook" />
            <Link
              to="/settings/$section"
              params={{ section: "webhooks" }}
              search={{ name: hookId, environment }}
              className={s.agentName}
            >
              {name}
            </Link>
            {status === "disabled" && <Note>disabled</Note>}
          </li>
        ))}
      </ul>
    </>
  );
}
