import { inputOf } from "../../core/agent/input.ts";
import { inputMismatch, outputMismatch } from "../../core/agent/misfits.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Line } from "../../core/rehearsal/scenario.ts";
import type { AgentInfo, AgentRequest, AgentResult } from "../../engine/ports/agent-runner.ts";
import type { Performance, Understudy } from "../../engine/ports/rehearsal.ts";
import type { Schemas } from "../../engine/ports/schemas.ts";
import { ambiguous, nameRequired, notFound, unusable } from "./errors.ts";
import { sample } from "./sample.ts";

/**
 * Stands in for the agents that `list` knows of an environment, here or on a server: the same names, the same checks
 * of input and output, and no model.
 */
export function createUnderstudy(
  list: (environment: string) => Promise<readonly AgentInfo[]>,
  schemas: Schemas,
): Understudy {
  const known = new Map<string, Promise<readonly AgentInfo[]>>();
  return {
    async perform(request, choose) {
      const { environment } = request;
      const agents = known.get(environment) ?? list(environment);
      known.set(environment, agents);
      const agent = agentFor(request, await agents);
      if ("error" in agent) return refused(agent.error);
      const input = inputOf(agent.inputSchema ?? undefined, request, schemas);
      if (!input.ok) return refused(inputMismatch(agent.name, input.errors));
      return answered(agent, input.value, choose(input.value), request.task, schemas);
    },
  };
}

type Failure = { readonly error: Extract<AgentResult, { status: "failed" }>["error"] };

function agentFor({ agent, environment }: AgentRequest, agents: readonly AgentInfo[]): AgentInfo | Failure {
  const wanted = agent.trim();
  if (wanted === "") return { error: nameRequired() };
  const claiming = agents.filter(({ name, aliases }) => name === wanted || aliases.includes(wanted));
  const [only, other] = claiming.filter((one) => faultOf(one) === undefined);
  if (only && !other) return only;
  if (only && other) return { error: ambiguous(wanted, environment, [only.file, other.file]) };
  const [broken] = claiming;
  const fault = broken && faultOf(broken);
  if (fault) return { error: unusable(wanted, { ...fault, file: broken.file }) };
  return {
    error: notFound(
      wanted,
      environment,
      agents.map(({ name }) => name),
    ),
  };
}

/** Why an agent could not do its work in earnest: its file cannot be used. A script is told no prompt. */
function faultOf({ problems, simulated }: AgentInfo): AgentInfo["problems"][number] | undefined {
  return problems.find(
    ({ severity, code }) => severity === "error" && !(simulated && code === "TEMPLATE_SYNTAX"),
  );
}

function refused(error: Failure["error"]): Performance {
  return { result: { status: "failed", error }, input: null, line: null, misfits: [] };
}

function answered(
  { name, outputSchema }: AgentInfo,
  input: JsonObject,
  line: Line | null,
  task: string | null,
  schemas: Schemas,
): Performance {
  if (line && "error" in line.says)
    return {
      result: { status: "failed", error: { type: "agent_error", ...line.says.error } },
      input,
      line,
      misfits: [],
    };
  const said = line?.says;
  const output = said && "output" in said ? said.output : madeUp(name, outputSchema, task);
  if (!outputSchema) return { result: completed(output), input, line, misfits: [] };
  const check = schemas.validate(outputSchema, output);
  if (check.valid) return { result: completed(check.value), input, line, misfits: [] };
  return {
    result: { ...completed(output), validation: outputMismatch(check.errors) },
    input,
    line,
    misfits: line && !line.unchecked ? check.errors : [],
  };
}

function madeUp(name: string, outputSchema: JsonObject | null, task: string | null): JsonValue {
  if (outputSchema) return sample(outputSchema, "output");
  return task === null ? `[simulated] ${name}` : `[simulated] ${name}: ${task}`;
}

function completed(output: JsonValue) {
  return { status: "completed", output, simulated: true } as const;
}
