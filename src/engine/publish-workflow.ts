import { type AgentsInReach, spelled } from "../core/definition/agent-reference.ts";
import { checkAgents } from "../core/definition/agents.ts";
import type { Diagnostic, Locate } from "../core/definition/diagnostic.ts";
import { expressionsOf, judgeExpressions } from "../core/definition/expressions.ts";
import type { Said } from "../core/definition/flow/expression-names.ts";
import { checkFlow } from "../core/definition/flow/flow.ts";
import { type FlowReport, reportFlow } from "../core/definition/flow/report.ts";
import { checkSchemas } from "../core/definition/schemas.ts";
import type { Definition } from "../core/definition/types.ts";
import type { Channel } from "../core/identity/channel.ts";
import { newId } from "./ids.ts";
import type { AgentInfo, AgentRunner, DefinitionSource, Ports, Publication, PublishResult } from "./ports.ts";

type CheckPorts = Pick<Ports, "definitions" | "expressions" | "schemas"> & {
  readonly agents: Pick<AgentRunner, "inReach">;
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
  return checkAgainst(ports, environment, await ports.agents.inReach(environment), source);
}

/** The same for agents that are at hand: of many workflows of one environment. */
export async function checkAgainst(
  ports: Omit<CheckPorts, "agents">,
  environment: string,
  agents: AgentsInReach<AgentInfo>,
  source: DefinitionSource,
): Promise<Checked> {
  return check(ports, source, (definition, said, locate) =>
    judge(definition, environment, agents, said, locate),
  );
}

function judge(
  definition: Definition,
  environment: string,
  agents: AgentsInReach<AgentInfo>,
  said: readonly Said[],
  locate: Locate,
): readonly Diagnostic[] {
  return [
    ...checkAgents(definition, environment, agents, locate),
    ...checkFlow(definition, spelled(agents), said, locate),
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
  const checked = await check(ports, source, (definition, said, locate) => {
    report = () => reportFlow(definition, spelled(agents), said, locate);
    return judge(definition, environment, agents, said, locate);
  });
  return { ...checked, report };
}

/** The same without an environment to look for agents in. */
export async function checkDefinitionOnly(
  ports: Omit<CheckPorts, "agents">,
  source: DefinitionSource,
): Promise<Checked> {
  return check(ports, source, () => []);
}

async function check(
  ports: Omit<CheckPorts, "agents">,
  source: DefinitionSource,
  further: (definition: Definition, said: readonly Said[], locate: Locate) => readonly Diagnostic[],
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
    found.push(...further(definition, said, locate));
  }
  return {
    definition,
    errors: found.filter(({ severity }) => severity === "error"),
    warnings: found.filter(({ severity }) => severity === "warning"),
  };
}

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
};

export type Published =
  | { readonly status: "invalid"; readonly checked: Checked }
  | { readonly status: "wrong-id"; readonly id: string }
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
  return publishChecked(ports, checked, request);
}

/** Keeps what was checked before; whatever has an error is refused. */
export async function publishChecked(
  ports: Pick<Ports, "store" | "clock">,
  checked: Checked,
  { environment, source, origin, by, channel, expect, restores }: Omit<PublishRequest, "id">,
): Promise<
  { readonly status: "invalid"; readonly checked: Checked } | (PublishResult & { readonly checked: Checked })
> {
  const { definition } = checked;
  if (!definition || checked.errors.length > 0) return { status: "invalid", checked };
  const result = await ports.store.workflows.publish({
    environment,
    definition,
    source: source.text,
    sourceFormat: source.format,
    origin,
    at: ports.clock.now(),
    by,
    channel,
    eventId: newId("adm", ports.clock),
    ...(expect === undefined ? {} : { expect }),
    ...(restores === undefined ? {} : { restores }),
  });
  return { ...result, checked };
}
