import type { AgentDefinition } from "../../core/definition/agent.ts";
import { checkFamilies } from "../../core/definition/agent-family.ts";
import { type Crossing, openTo, readForeign } from "../../core/definition/agent-reference.ts";
import { finalError } from "../../core/run/errors.ts";
import type { AgentCatalogue, FoundAgent, RenderedPrompt } from "../../engine/ports/agents.ts";
import type { Schemas } from "../../engine/ports/schemas.ts";
import type { Clock } from "../../engine/ports.ts";
import { type AgentProblem, createDirectories, type LoadAgents } from "./directory.ts";
import { infosOf } from "./infos.ts";
import { problemsOfSchemas, problemsOfTemplate } from "./problems.ts";
import { renderPrompt } from "./render.ts";
import { resolve } from "./resolve.ts";
import { openTemplates, type Template, type Templates } from "./template.ts";

export type CatalogueOptions = {
  readonly load: LoadAgents;
  /** Changes whenever `load` would answer otherwise, and costs little; without it every look is a `load`. */
  readonly version?: (environment: string) => Promise<string>;
  readonly clock: Clock;
  /** What tells whether an agent's schemas are some; without it nobody knows. */
  readonly schemas?: Schemas;
  /** Which environments' agents others may name; without it none. */
  readonly crossings?: readonly Crossing[];
};

/** A changed prompt file is seen by runs within this time. */
const RUN_AGE_MS = 1000;
/** Lists, and names that were not found, are looked up again after this time. */
const LOOK_AGAIN_AGE_MS = 50;

/** The agents of prompt files. Rejects only when the files cannot be read. */
export function createCatalogue({ crossings = [], schemas, ...source }: CatalogueOptions): AgentCatalogue {
  const directories = createDirectories(source);
  const compilers = new Map<string, Promise<Templates>>();
  const sound = new WeakSet<AgentDefinition>();
  const compiled = new WeakMap<AgentDefinition, Promise<Template>>();

  /** Compiled once per text of the file; an environment's templates share nothing with another's. */
  const templateOf = (agent: AgentDefinition): Promise<Template> => {
    const known = compiled.get(agent);
    if (known !== undefined) return known;
    const compiler = compilers.get(agent.environment) ?? openTemplates();
    compilers.set(agent.environment, compiler);
    const template = compiler.then((compile) => compile(agent.body));
    compiled.set(agent, template);
    return template;
  };

  /** What is wrong with an agent's template and schemas, in the lines of its file. */
  const problemsOf = async (agent: AgentDefinition): Promise<readonly AgentProblem[]> => {
    if (sound.has(agent)) return [];
    const ofTemplate = problemsOfTemplate(agent, await templateOf(agent));
    const problems = schemas ? [...ofTemplate, ...problemsOfSchemas(agent, schemas)] : ofTemplate;
    if (problems.length === 0) sound.add(agent);
    return problems;
  };

  const find = async (environment: string, name: string, open: readonly string[]): Promise<FoundAgent> => {
    const young = directories(environment, RUN_AGE_MS);
    // awaited only when it must be: a step should not wait for what is at hand
    const found = resolve(young instanceof Promise ? await young : young, environment, name, open);
    if (found.ok) return found;
    const foreign = readForeign(name);
    if (foreign && open.includes(foreign.environment)) return find(foreign.environment, foreign.name, []);
    return resolve(await directories(environment, LOOK_AGAIN_AGE_MS), environment, name, open);
  };

  const list = async (environment: string, maxAgeMs = LOOK_AGAIN_AGE_MS) => {
    const directory = await directories(environment, maxAgeMs);
    const problems = await Promise.all(directory.agents.map(({ definition }) => problemsOf(definition)));
    const families = checkFamilies(directory.agents.map(({ definition }) => definition));
    return infosOf({ ...directory, problems: [...directory.problems, ...problems.flat(), ...families] });
  };

  return {
    find: (environment, name) => find(environment, name, openTo(crossings, environment)),
    list: (environment) => list(environment),
    async inReach(environment, { fresh = false } = {}) {
      const age = fresh ? 0 : LOOK_AGAIN_AGE_MS;
      const others = openTo(crossings, environment).map(
        async (open) => [open, await list(open, age)] as const,
      );
      return { own: await list(environment, age), others: Object.fromEntries(await Promise.all(others)) };
    },
    async render(agent, variables): Promise<RenderedPrompt> {
      const template = await templateOf(agent);
      if (template.ok) return renderPrompt(agent, template, variables);
      const [first] = problemsOfTemplate(agent, template);
      const message = `agent "${agent.name}" cannot be used: ${agent.file}:${first?.line ?? 1}: ${first?.message ?? ""}`;
      return { ok: false, error: finalError("validation", "agent_invalid", message, { file: agent.file }) };
    },
  };
}
