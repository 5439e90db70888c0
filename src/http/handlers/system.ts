import { spelled } from "../../core/definition/agent-reference.ts";
import { agentsNamedIn } from "../../core/definition/agents.ts";
import { workflowSchema } from "../../core/definition/language/workflow-schema.ts";
import { didYouMean } from "../../core/definition/suggest.ts";
import type { By } from "../../core/identity/channel.ts";
import { type JsonObject, mergeDeep } from "../../core/json.ts";
import { scopeOf, stateResultsOf, viewOf } from "../../core/run/context.ts";
import { type BranchPath, ROOT, type RunId } from "../../core/run/ids.ts";
import type { Scope } from "../../core/run/questions.ts";
import type { Run } from "../../core/run/run.ts";
import { isoTime } from "../../core/time.ts";
import type { AgentInfo } from "../../engine/ports/agent-runner.ts";
import { syncEnvironment } from "../../engine/sync.ts";
import type { Handlers } from "../handler.ts";
import { runRow } from "../json/runs.ts";
import { agentJson } from "../json/workflows.ts";
import { llmsText } from "../llms.ts";
import { openApiDocument } from "../openapi.ts";
import { branchOf, mustBeAt } from "../past.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";
import { problemKinds } from "../schemas/problem.ts";
import type { UsedBy } from "../schemas/system.ts";

type Names =
  | "listAgents"
  | "getAgent"
  | "listAgentUses"
  | "listAgentStatistics"
  | "previewSync"
  | "sync"
  | "evaluateExpression"
  | "getOpenApi"
  | "getWorkflowSchema"
  | "getLlmsText"
  | "getProblemPage";

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;

/** Agents, environments, expressions, and what describes the API. */
export function systemHandlers(ports: HttpPorts): Handlers<Names> {
  let document: JsonObject | null = null;
  return {
    async listAgents({ query }) {
      const agents = await ports.agents.list(query.environment);
      const { of, missing } = await usesOf(ports, query.environment);
      return {
        body: { items: agents.map((agent) => agentJson(agent, of(agent))), nextCursor: null, missing },
      };
    },

    async getAgent({ params: { name }, query: { environment } }) {
      const found = await mustFind(ports, environment, name);
      const { of } = await usesOf(ports, environment);
      return { body: { ...agentJson(found, of(found)), prompt: found.prompt } };
    },

    async listAgentUses({ params: { name }, query: { environment, limit } }) {
      const found = await mustFind(ports, environment, name);
      const { of } = await usesOf(ports, environment);
      const states = of(found).map(({ workflowId, states: names }) => ({ workflowId, names }));
      const uses = await ports.store.queries.agentUses({ environment, agent: found.name, states }, limit);
      return { body: { items: uses.map(({ run, ...use }) => ({ run: runRow(run), ...use })) } };
    },

    async listAgentStatistics({ query: { environment, runs } }) {
      const since = ports.clock.now() - THIRTY_DAYS_MS;
      const figures = await ports.store.queries.agentFigures(environment, since, runs);
      return {
        body: {
          items: figures.map(({ lastAt, ...rest }) => {
            const ended = rest.completed + rest.failed;
            const successRate = ended === 0 ? null : rest.completed / ended;
            return { ...rest, successRate, lastRunAt: isoTime(lastAt) };
          }),
        },
      };
    },

    previewSync: ({ query: { environment }, by }) => syncOf(ports, environment, true, by),

    sync: ({ body: { environment = DEFAULT_ENVIRONMENT, dryRun = false }, by }) =>
      syncOf(ports, environment, dryRun, by),

    async evaluateExpression({ body: { expression, mode = "expression", runId, at, context = {} } }) {
      if (at !== undefined && runId === undefined)
        throw new HttpProblem("bad-request", "`at` is the number of a run's event: it needs a `runId`");
      const scope =
        runId === undefined ? scopeOver(context) : await scopeOfRun(ports, runId as RunId, at, context);
      const [result] = await ports.expressions.evaluate([{ mode, text: expression }], scope);
      if (!result) throw new Error("an expression was evaluated to nothing at all");
      return { body: result };
    },

    async getOpenApi() {
      document ??= openApiDocument();
      return { body: document };
    },

    async getWorkflowSchema() {
      return { body: workflowSchema, headers: { "access-control-allow-origin": "*" } };
    },

    async getLlmsText() {
      return new Response(llmsText());
    },

    async getProblemPage({ params: { code } }) {
      const meanings = Object.entries<{ status: number; code?: string; title: string }>(problemKinds)
        .filter(([kind, meaning]) => (meaning.code ?? kind) === code)
        .map(([, { status, title }]) => `${status}  ${title}.\n`);
      if (meanings.length === 0) throw notFound(`problem "${code}"`);
      return new Response(`${code}\n\n${meanings.join("")}`);
    },
  };
}

async function syncOf(ports: HttpPorts, environment: string, dryRun: boolean, by: By) {
  const { actor, channel } = by;
  const report = await syncEnvironment(ports, { environment, dryRun, by: actor, channel });
  if (!("known" in report)) return { body: report };
  const others = report.known.length === 0 ? "it has none" : `it has ${report.known.join(", ")}`;
  throw notFound(`a folder of environment "${environment}" on this server (${others})`);
}

/** An agent by any of its names. */
async function mustFind({ agents }: HttpPorts, environment: string, name: string): Promise<AgentInfo> {
  const known = await agents.list(environment);
  const found =
    known.find((agent) => agent.name === name) ?? known.find(({ aliases }) => aliases.includes(name));
  if (found) return found;
  const hint = didYouMean(
    name,
    known.map((agent) => agent.name),
  );
  throw notFound(`agent "${name}" in environment "${environment}"${hint ? ` (${hint})` : ""}`);
}

/** Which current workflows of an environment name which agents; `missing`: agents that nobody describes. */
async function usesOf({ store, agents }: HttpPorts, environment: string) {
  const uses = (await store.workflows.current(environment)).flatMap(({ id, definition }) =>
    [...agentsNamedIn(definition)].map(([agent, states]) => ({
      agent,
      use: { workflowId: id, states: [...states] },
    })),
  );
  const byName = Map.groupBy(uses, ({ agent }) => agent);
  const known = new Set(
    spelled(await agents.inReach(environment)).flatMap(({ name, aliases }) => [name, ...aliases]),
  );
  const usedAs = (names: readonly string[]): UsedBy =>
    [...new Set(names)].flatMap((name) => (byName.get(name) ?? []).map(({ use }) => use));
  return {
    of: ({ name, aliases }: AgentInfo) => usedAs([name, ...aliases]),
    missing: [...byName.keys()]
      .filter((name) => !known.has(name))
      .sort()
      .map((name) => ({ name, usedBy: usedAs([name]) })),
  };
}

function scopeOver(context: JsonObject): Scope {
  return { layers: [{ ctx: context }, context], stateResults: [] };
}

/** What a state would see, of the root branch now or of an event's branch after it, with `context` on top. */
async function scopeOfRun(
  ports: HttpPorts,
  runId: RunId,
  at: number | undefined,
  context: JsonObject,
): Promise<Scope> {
  if (at !== undefined) {
    const past = await mustBeAt(ports, runId, at);
    return scopeIn(past.run, branchOf(past), past.last.at, context);
  }
  const loaded = await ports.store.runs.load(runId, ROOT);
  if (!loaded) throw notFound(`run ${runId}`);
  return scopeIn(loaded.run, ROOT, ports.clock.now(), context);
}

function scopeIn(run: Run, branch: BranchPath, at: number, context: JsonObject): Scope {
  const view = viewOf(run, branch, at);
  return scopeOf({ ...view, context: mergeDeep(view.context, context) }, stateResultsOf(run.definition));
}
