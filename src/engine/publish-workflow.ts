import { type AgentsInReach, spelled } from "../core/definition/agent-reference.ts";
import { checkAgents } from "../core/definition/agents.ts";
import { callsIn, checkCalls, type KnownWorkflow } from "../core/definition/calls.ts";
import type { Diagnostic, Locate } from "../core/definition/diagnostic.ts";
import { expressionsOf, judgeExpressions } from "../core/definition/expressions.ts";
import type { Said } from "../core/definition/flow/expression-names.ts";
import { checkFlow } from "../core/definition/flow/flow.ts";
import { type FlowReport, reportFlow } from "../core/definition/flow/report.ts";
import { checkSchemas } from "../core/definition/schemas.ts";
import type { Definition } from "../core/definition/types.ts";
import type { Channel } from "../core/identity/channel.ts";
import { newId } from "./ids.ts";
import type { AgentInfo, AgentRunner } from "./ports/agent-runner.ts";
import type { DefinitionSource } from "./ports/definitions.ts";
import type { Publication, PublishResult, StoredWorkflow } from "./ports/workflows.ts";
import type { Ports } from "./ports.ts";

type CheckPorts = Pick<Ports, "definitions" | "expressions" | "schemas"> & {
  readonly agents: Pick<AgentRunner, "inReach">;
  /** Where called workflows are looked for; without it nobody knows whether they are there. */
  readonly store?: { readonly workflows: WorkflowsInReach };
};

/** The newest version of each workflow of an environment. */
type WorkflowsInReach = {
  current(environment: string): Promise<readonly { readonly definition: KnownWorkflow }[]>;
};

export type Checked = {
  readonly definition: Definition | null;
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
};

/** Everything that can be said about a workflow before it runs (PRD §3.5 level 1). */
export async function checkWorkflow(
  ports: CheckPorts,
  environment: string,
  source: DefinitionSource,
): Promise<Checked> {
  const agents = await ports.agents.inReach(environment);
  return checkAgainst(ports, environment, agents, source, () => callable(ports, environment));
}

/** The same for agents that are at hand: of many workflows of one environment. */
export async function checkAgainst(
  ports: Omit<CheckPorts, "agents">,
  environment: string,
  agents: AgentsInReach<AgentInfo>,
  source: DefinitionSource,
  callable: () => Promise<readonly KnownWorkflow[] | null>,
): Promise<Checked> {
  return check(ports, source, async (definition, said, locate) => {
    const workflows = callsIn(definition).length > 0 ? await callable() : null;
    return judge(definition, environment, agents, said, locate, workflows);
  });
}

/** The workflows that others of their environment may call; `null` where nobody knows. */
async function callable(
  { store }: Pick<CheckPorts, "store">,
  environment: string,
): Promise<readonly KnownWorkflow[] | null> {
  return store ? (await store.workflows.current(environment)).map(({ definition }) => definition) : null;
}

function judge(
  definition: Definition,
  environment: string,
  agents: AgentsInReach<AgentInfo>,
  said: readonly Said[],
  locate: Locate,
  workflows: readonly KnownWorkflow[] | null,
): readonly Diagnostic[] {
  return [
    ...checkAgents(definition, environment, agents, locate),
    ...(workflows ? checkCalls(definition, environment, workflows, locate) : []),
    ...checkFlow(definition, spelled(agents), said, locate, workflows ?? []),
  ];
}

/** The same, and on request how its data flows; `report` answers `null` for a text that cannot be understood. */
export async function reportWorkflow(
  ports: CheckPorts,
  environment: string,
  source: DefinitionSource,
): Promise<Checked & { readonly report: () => FlowReport | null }> {
  const agents = await ports.agents.inReach(environment);
  let report: () => FlowReport | null = () => null;
  const checked = await check(ports, source, async (definition, said, locate) => {
    const workflows = callsIn(definition).length > 0 ? await callable(ports, environment) : null;
    report = () => reportFlow(definition, spelled(agents), said, locate, workflows ?? []);
    return judge(definition, environment, agents, said, locate, workflows);
  });
  return { ...checked, report };
}

/** The same without an environment to look for agents in. */
export async function checkDefinitionOnly(
  ports: Omit<CheckPorts, "agents">,
  source: DefinitionSource,
): Promise<Checked> {
  return check(ports, source, async () => []);
}

async function check(
  ports: Omit<CheckPorts, "agents">,
  source: DefinitionSource,
  further: (definition: Definition, said: readonly Said[], locate: Locate) => Promise<readonly Diagnostic[]>,
): Promise<Checked> {
  const { definition, diagnostics, locate } = ports.definitions.read(source);
  const found = [...diagnostics];
  if (definition) {
    const expressions = expressionsOf(definition);
    const descriptions = await ports.expressions.describe(expressions.map(({ program }) => program));
    found.push(...judgeExpressions(expressions, descriptions, locate));
    found.push(...checkSchemas(definition, ports.schemas.validate, locate));
    const said = expressions.map((expression, index) => ({
      expression,
      described: descriptions[index] ?? { names: [] },
    }));
    found.push(...(await further(definition, said, locate)));
  }
  return {
    definition,
    errors: found.filter(({ severity }) => severity === "error"),
    warnings: found.filter(({ severity }) => severity === "warning"),
  };
}

/** Under which idempotency keys of creations are kept, and for how long. */
const ROUTE = "create-workflow";
const ANSWERS_KEPT_MS = 86_400_000;

export type PublishRequest = {
  readonly environment: string;
  readonly source: DefinitionSource;
  /** `api`, or the file's path. */
  readonly origin: string;
  readonly by: string;
  readonly channel: Channel;
  readonly expect?: Publication["expect"];
  readonly restores?: number;
  /** The id in the address, which the definition must bear. */
  readonly id?: string;
  /** Makes a creation repeatable: whoever asks again gets what was created. */
  readonly once?: { readonly principal: string; readonly key: string; readonly requestHash: string };
};

export type Published =
  | { readonly status: "invalid"; readonly checked: Checked }
  | { readonly status: "wrong-id"; readonly id: string }
  /** The workflow as it was created by the same request before. */
  | { readonly status: "replayed"; readonly workflow: StoredWorkflow; readonly checked: Checked }
  /** The key was used for another request. */
  | { readonly status: "key-reused" }
  | (PublishResult & { readonly checked: Checked });

/** Checks a workflow and keeps it as a new version; an unchanged one makes none, an invalid one is refused. */
export async function publishWorkflow(
  ports: CheckPorts & Pick<Ports, "store" | "clock">,
  request: PublishRequest,
): Promise<Published> {
  const { environment, source, id } = request;
  const checked = await checkWorkflow(ports, environment, source);
  if (checked.definition && checked.errors.length === 0 && id !== undefined && id !== checked.definition.id)
    return { status: "wrong-id", id: checked.definition.id };
  const { once } = request;
  const before = once && (await replayOf(ports, checked, request, once));
  if (before) return before;
  const published = await publishChecked(ports, checked, request);
  // The same request may have been faster by a moment.
  const meanwhile =
    once && published.status === "exists" ? await replayOf(ports, checked, request, once) : null;
  return meanwhile ?? published;
}

/** What came of the same request before; `null` when nothing did, or it is gone. */
async function replayOf(
  { store, clock }: Pick<Ports, "store" | "clock">,
  checked: Checked,
  { environment }: PublishRequest,
  once: NonNullable<PublishRequest["once"]>,
): Promise<Published | null> {
  const kept = await store.runs.answered({ ...once, route: ROUTE }, clock.now());
  if (!kept) return null;
  if (kept.requestHash !== once.requestHash) return { status: "key-reused" };
  const id = String(kept.answer);
  const first = (await store.workflows.versions(environment, id)).at(-1);
  const workflow = first ? await store.workflows.get(environment, id, first.version) : null;
  return workflow && { status: "replayed", workflow, checked };
}

/** Keeps what was checked before; whatever has an error is refused. */
export async function publishChecked(
  ports: Pick<Ports, "store" | "clock">,
  checked: Checked,
  { environment, source, origin, by, channel, expect, restores, once }: Omit<PublishRequest, "id">,
): Promise<
  { readonly status: "invalid"; readonly checked: Checked } | (PublishResult & { readonly checked: Checked })
> {
  const { definition } = checked;
  if (!definition || checked.errors.length > 0) return { status: "invalid", checked };
  const at = ports.clock.now();
  const result = await ports.store.workflows.publish({
    environment,
    definition,
    source: source.text,
    sourceFormat: source.format,
    origin,
    at,
    by,
    channel,
    eventId: newId("adm", ports.clock),
    ...(expect === undefined ? {} : { expect }),
    ...(restores === undefined ? {} : { restores }),
    ...(once && { once: { ...once, route: ROUTE, answer: definition.id, expiresAt: at + ANSWERS_KEPT_MS } }),
  });
  return { ...result, checked };
}
