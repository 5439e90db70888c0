import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { JsonObject } from "../../core/json.ts";
import type { AgentStatistic } from "../../http/schemas/system.ts";
import { api } from "../api.ts";
import { count, duration, percent } from "../format.ts";
import { Note } from "../kit/badge.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { ErrorPanel, whyOf } from "../kit/error-panel.tsx";
import { PageBody, PageHeader } from "../kit/page.tsx";
import { Columns, Fact, Facts, Panel, Quiet } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Time } from "../kit/time.tsx";
import { StaleNote } from "../shell/connection-line.tsx";
import { useTitle } from "../shell/title.ts";
import { allFields, FieldTable } from "../workflows/field-table.tsx";
import { costOf, outcomesOf, useAgentFigures } from "./agent-figures.ts";
import { Problems } from "./agent-list-page.tsx";
import { AgentUses } from "./agent-uses.tsx";
import s from "./agents.module.css";

/** `/agents/$name`: what an agent is told, takes and answers, and who asks it. */
export function AgentPage() {
  const { name } = useParams({ from: "/agents/$name" });
  const { environment } = useSearch({ from: "/agents/$name" });
  const inEnvironment = environment === undefined ? {} : { environment };
  useTitle(name);
  const query = useQuery({
    queryKey: ["workflows", "agents", environment, name],
    queryFn: () => api.getAgent({ params: { name }, query: inEnvironment }),
  });
  const agent = query.data;
  const { figures, error } = useAgentFigures(environment);
  const crumbs = [{ label: "Agents", link: { to: "/agents", search: inEnvironment } as const }];
  if (!agent)
    return (
      <>
        <PageHeader crumbs={crumbs} title={name} />
        {query.isError ? (
          <ErrorPanel
            what="The agent could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
            target={`/api/v1/agents/${encodeURIComponent(name)}`}
          />
        ) : (
          <SkeletonRows label="Loading the agent" />
        )}
      </>
    );
  const { problems, prompt, usedBy, tools, agents, model, file, aliases, description } = agent;
  return (
    <>
      <StaleNote />
      <PageHeader
        crumbs={crumbs}
        title={agent.name}
        status={
          <>
            {agent.simulated && <Note>simulated – no model is called</Note>}
            <Problems problems={problems} />
          </>
        }
      />
      <PageBody label={agent.name}>
        <Columns
          wide={
            <>
              {problems.length > 0 && (
                <Panel title="Findings">
                  <ul className={s.findings}>
                    {problems.map(({ code, severity, line, message, hint }) => (
                      <li key={`${code} ${line} ${message}`} className={s.finding}>
                        <Note tone={severity === "error" ? "bad" : "quiet"}>{severity}</Note>
                        <span>
                          {message}
                          {hint && <span className={s.about}> – {hint}</span>}
                          <span className={s.about}>
                            {" "}
                            <code>
                              {file}:{line}
                            </code>
                          </span>
                        </span>
                      </li>
                    ))}
                  </ul>
                </Panel>
              )}
              <AgentUses name={agent.name} inEnvironment={inEnvironment} />
              <Panel title="Prompt" more={prompt !== null && <CopyButton text={prompt} name="Copy prompt" />}>
                {prompt === null ? (
                  <Quiet>The file cannot be read that far.</Quiet>
                ) : (
                  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
                  <pre className={s.prompt} tabIndex={0}>
                    {prompt.trim()}
                  </pre>
                )}
              </Panel>
              <Schema title="Takes" schema={agent.inputSchema} none="It does not say what input it takes." />
              <Schema
                title="Answers"
                schema={agent.outputSchema}
                none="It answers freely: nothing is checked."
              />
            </>
          }
          narrow={
            <>
              <Panel title="About">
                {description && <Quiet>{description}</Quiet>}
                <Facts>
                  <Fact name="Model">
                    <code>{model === "" ? "the installation's" : model}</code>
                  </Fact>
                  <Fact name="File">
                    <code>{file}</code>
                  </Fact>
                  <Fact name="Also called">
                    {aliases.filter((alias) => alias !== agent.name).join(", ") || "–"}
                  </Fact>
                </Facts>
              </Panel>
              {figures ? (
                <Lately figures={figures.get(agent.name)} />
              ) : (
                <Panel title="Last 30 days" padded>
                  {error ? (
                    <Quiet>How it did is not known: {whyOf(error)}</Quiet>
                  ) : (
                    <SkeletonRows rows={3} label="Loading how it did" />
                  )}
                </Panel>
              )}
              <Panel title="May call" count={tools.length + agents.length}>
                {tools.length + agents.length === 0 ? (
                  <Quiet>No tools and no other agents.</Quiet>
                ) : (
                  <ul className={s.names}>
                    {tools.map((tool) => (
                      <li key={tool}>
                        <code>{tool}</code>
                      </li>
                    ))}
                    {agents.map((other) => (
                      <li key={other}>
                        <Link
                          to="/agents/$name"
                          params={{ name: other }}
                          search={inEnvironment}
                          className={s.link}
                        >
                          {other}
                        </Link>{" "}
                        <span className={s.about}>agent</span>
                      </li>
                    ))}
                  </ul>
                )}
              </Panel>
              <Panel title="Used by" count={usedBy.length}>
                {usedBy.length === 0 ? (
                  <Quiet>No workflow asks it.</Quiet>
                ) : (
                  <ul className={s.names}>
                    {usedBy.map(({ workflowId, states }) => (
                      <li key={workflowId}>
                        <Link
                          to="/workflows/$workflowId"
                          params={{ workflowId }}
                          search={inEnvironment}
                          className={s.link}
                        >
                          {workflowId}
                        </Link>{" "}
                        <span className={s.about}>{states.join(", ")}</span>
                      </li>
                    ))}
                  </ul>
                )}
              </Panel>
            </>
          }
        />
      </PageBody>
    </>
  );
}

/** How it did in the last 30 days. */
function Lately({ figures }: { readonly figures: AgentStatistic | undefined }) {
  return (
    <Panel title="Last 30 days">
      {figures ? (
        <Facts>
          <Fact name="Agent runs">
            {count(figures.runs)}, last <Time at={figures.lastRunAt} />
          </Fact>
          <Fact name="Success">
            {figures.successRate === null
              ? "none has ended"
              : `${percent(figures.successRate)} (${outcomesOf(figures)})`}
          </Fact>
          <Fact name="Half within">{figures.p50Ms === null ? "–" : duration(figures.p50Ms)}</Fact>
          <Fact name="95 % within">{figures.p95Ms === null ? "–" : duration(figures.p95Ms)}</Fact>
          <Fact name="Tokens">
            {count(figures.inputTokens)} in, {count(figures.outputTokens)} out
          </Fact>
          <Fact name="Cost">{costOf(figures)}</Fact>
        </Facts>
      ) : (
        <Quiet>No run of it has a transcript: it did not run, or is a script that calls nothing.</Quiet>
      )}
    </Panel>
  );
}

function Schema({
  title,
  schema,
  none,
}: {
  readonly title: string;
  readonly schema: JsonObject | null;
  readonly none: string;
}) {
  const fields = schema ? allFields(schema) : [];
  return (
    <Panel title={title} padded>
      {fields.length === 0 ? <Quiet>{none}</Quiet> : <FieldTable fields={fields} />}
    </Panel>
  );
}
