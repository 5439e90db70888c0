import { DEFAULT_RULES } from "../../core/agent/rules.ts";
import type { AgentDefinition } from "../../core/definition/agent.ts";
import type { JsonValue } from "../../core/json.ts";
import { ROOT, type RunId, type StepId } from "../../core/run/ids.ts";
import type { AgentRequest } from "../../engine/ports/agent-runner.ts";
import type { Log } from "../../engine/ports.ts";
import type { LoadAgents } from "./directory.ts";
import { SCRIPT_MODEL } from "./errors.ts";

/** For tests: an agent that answers "done" unless told otherwise. */
export function agent(name: string, parts: Partial<AgentDefinition> = {}): AgentDefinition {
  return {
    name,
    aliases: [name],
    file: `agents/${name}.prompt`,
    environment: "default",
    checksum: JSON.stringify(parts),
    model: SCRIPT_MODEL,
    description: null,
    script: [{ text: "done" }],
    body: "",
    bodyLine: 1,
    tools: [],
    agents: [],
    rules: DEFAULT_RULES,
    raw: {},
    warnings: [],
    ...parts,
  };
}

/** For tests: the agents of `default`; every other environment is empty. */
export function loading(...agents: readonly AgentDefinition[]): LoadAgents {
  return async (environment) => ({ agents: environment === "default" ? agents : [], problems: [] });
}

/** For tests: what a step asks of an agent. */
export function request(agentName: string, parts: Partial<AgentRequest> = {}): AgentRequest {
  return {
    environment: "default",
    agent: agentName,
    task: null,
    variables: {},
    previous: null,
    idempotencyKey: "run_1:step:1",
    agentRunId: "ar_1",
    runId: "run_1" as RunId,
    branch: ROOT,
    stepId: "step" as StepId,
    attempt: 1,
    lease: { worker: "w1", token: 1 },
    traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01`,
    ...parts,
  };
}

/** For tests: a log that keeps its warnings. */
export function keepingLog(): Log & { readonly warnings: [string, unknown][] } {
  const warnings: [string, unknown][] = [];
  return {
    warnings,
    info: () => {},
    warn: (message, facts) => warnings.push([message, facts]),
    error: () => {},
  };
}

/** For tests: an agent with a script. */
export function scripted(...script: readonly JsonValue[]): AgentDefinition {
  return agent("actor", { script });
}
