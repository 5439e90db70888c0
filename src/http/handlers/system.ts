import { didYouMean } from "../../core/definition/suggest.ts";
import { type JsonObject, mergeDeep } from "../../core/json.ts";
import { contextOf, scopeOf, stateResultsOf, viewOf } from "../../core/run/context.ts";
import { ROOT, type RunId } from "../../core/run/ids.ts";
import type { Scope } from "../../core/run/questions.ts";
import type { Handlers } from "../handler.ts";
import { agentJson } from "../json/workflows.ts";
import { openApiDocument } from "../openapi.ts";
import type { HttpPorts } from "../ports.ts";
import { notFound } from "../problems.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";
import { problemKinds } from "../schemas/problem.ts";

type Names = "listAgents" | "getAgent" | "sync" | "evaluateExpression" | "getOpenApi" | "getProblemPage";

/** Agents, environments, expressions, and what describes the API. */
export function systemHandlers(ports: HttpPorts): Handlers<Names> {
  let document: JsonObject | null = null;
  return {
    async listAgents({ query }) {
      const agents = await ports.agents.list(query.environment);
      return { body: { items: agents.map(agentJson), nextCursor: null } };
    },

    async getAgent({ params: { name }, query: { environment } }) {
      const agents = await ports.agents.list(environment);
      const found =
        agents.find((agent) => agent.name === name) ?? agents.find(({ aliases }) => aliases.includes(name));
      if (found) return { body: agentJson(found) };
      const hint = didYouMean(
        name,
        agents.map((agent) => agent.name),
      );
      throw notFound(`agent "${name}" in environment "${environment}"${hint ? ` (${hint})` : ""}`);
    },

    async sync({ body: { environment = DEFAULT_ENVIRONMENT, dryRun = false }, principal }) {
      return { body: await ports.sync({ environment, dryRun, by: principal.id }) };
    },

    async evaluateExpression({ body: { expression, mode = "expression", runId, context = {} } }) {
      const scope =
        runId === undefined ? scopeOver(context) : await scopeOfRun(ports, runId as RunId, context);
      const [result] = await ports.expressions.evaluate([{ mode, text: expression }], scope);
      if (!result) throw new Error("an expression was evaluated to nothing at all");
      return { body: result };
    },

    async getOpenApi() {
      document ??= openApiDocument();
      return { body: document };
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

function scopeOver(context: JsonObject): Scope {
  return { layers: [{ ctx: context }, context], stateResults: [] };
}

/** What a state of the run's root branch would see now, with `context` on top. */
async function scopeOfRun(ports: HttpPorts, runId: RunId, context: JsonObject): Promise<Scope> {
  const loaded = await ports.store.runs.load(runId, ROOT);
  if (!loaded) throw notFound(`run ${runId}`);
  const { run } = loaded;
  const view = viewOf(run, ROOT, ports.clock.now());
  return scopeOf(
    { ...view, context: mergeDeep(contextOf(run, ROOT), context) },
    stateResultsOf(run.definition),
  );
}
