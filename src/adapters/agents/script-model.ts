import { NO_USAGE, type Reply } from "../../core/agent/agent-run.ts";
import type { ChatMessage } from "../../core/agent/messages.ts";
import type { AgentDefinition } from "../../core/definition/agent.ts";
import { isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { integerFault } from "../../core/json-syntax.ts";
import { finalError } from "../../core/run/errors.ts";
import type { StepError } from "../../core/run/run.ts";
import {
  type ChatModel,
  ModelFailure,
  type OpenedModel,
  type TurnRequest,
} from "../../engine/ports/agents.ts";
import { SCRIPT_MODEL, toolNotFound } from "./errors.ts";
import { asText, fill } from "./fill.ts";
import { sample } from "./sample.ts";
import { type Entry, scriptOf, valueProblem } from "./script.ts";
import { sleep } from "./sleep.ts";

/** One attempt at a script. */
type Performance = {
  readonly agent: AgentDefinition;
  readonly entries: readonly Entry[];
  readonly input: JsonObject;
};

/**
 * The model that is none: it does what the agent's script says, entry by entry. Tool calls are real, answers are
 * labelled simulated. Where it stands is in its own last turn, so an attempt that goes on goes on behind that entry.
 */
export function openScript(
  agent: AgentDefinition,
  { input, attempt }: { readonly input: JsonObject; readonly attempt: number },
): OpenedModel {
  const script = scriptOf(agent);
  if (!script.ok) {
    const message = `agent "${agent.name}": ${agent.file}: ${script.message}`;
    return { ok: false, error: finalError("validation", "script_invalid", message) };
  }
  const entries = script.entries.filter((entry) => entry.attempt === null || entry.attempt === attempt);
  const performance = { agent, entries, input };
  const model: ChatModel = {
    id: SCRIPT_MODEL,
    isReal: false,
    isWorthKeeping: script.entries.some(({ kind }) => kind === "call"),
    isPriced: true,
    turn: (request) => turn(performance, request),
  };
  return { ok: true, model };
}

async function turn({ agent, entries, input }: Performance, request: TurnRequest): Promise<Reply> {
  const behind = lastEntry(request.messages);
  const scope = { ...input, ...resultsOf(request.messages) };
  for (const entry of entries) {
    if (entry.number <= behind) continue;
    const where = `script of agent "${agent.name}", entry ${entry.number}`;
    const value = filledIn(entry, scope, where);
    switch (entry.kind) {
      case "text":
      case "output":
        return answer(value, entry.number);
      case "sleep_ms":
        await sleep(Number(value), request.signal);
        // The loop says what a stopped agent comes to.
        if (request.signal.aborted) throw new ModelFailure(finalError("cancelled", "cancelled", "stopped"));
        break;
      case "error":
        throw new ModelFailure(scriptedError(value));
      case "call":
        return call(agent, where, value, entry.number, request.tools);
    }
  }
  return answer(sampleOf(agent, input), Number.MAX_SAFE_INTEGER);
}

function answer(output: JsonValue, entry: number): Reply {
  return { ...NOTHING, text: asText(output), output, calls: [], finish: "stop", raw: { entry } };
}

const NOTHING = { usage: NO_USAGE, modelId: SCRIPT_MODEL };

function call(
  agent: AgentDefinition,
  where: string,
  value: JsonValue,
  entry: number,
  tools: TurnRequest["tools"],
): Reply {
  const wanted = fieldOf(value, "tool");
  const tool = tools.find(({ name }) => plain(name) === plain(wanted));
  if (!tool)
    throw new ModelFailure(
      toolNotFound(
        agent.name,
        where,
        wanted,
        tools.map(({ name }) => name),
      ),
    );
  const given = isObject(value) ? value["args"] : undefined;
  const args = isObject(given) ? given : {};
  const calls = [{ id: `entry_${entry}`, tool: tool.name, args }];
  return { ...NOTHING, text: "", calls, finish: "tool-calls", raw: { entry } };
}

/** The number of the entry that the last turn of this script came from; 0 at its beginning. */
function lastEntry(messages: readonly ChatMessage[]): number {
  const last = messages.findLast(({ role }) => role === "model");
  const raw = last?.role === "model" ? last.raw : null;
  return isObject(raw) && typeof raw["entry"] === "number" ? raw["entry"] : 0;
}

/** `tools.<name>`: what each tool answered last. */
function resultsOf(messages: readonly ChatMessage[]): JsonObject {
  const results: Record<string, JsonValue> = {};
  for (const message of messages) {
    if (message.role !== "tools") continue;
    for (const { tool, text } of message.results) {
      results[tool] = valueIn(text);
      results[tool.replace(/^__/, "")] = valueIn(text);
    }
  }
  return Object.keys(results).length > 0 ? { tools: results } : {};
}

function valueIn(text: string): JsonValue {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === "object" && integerFault(text) === null ? value : text;
  } catch {
    return text;
  }
}

/** Names are compared as they are told to models: without a leading `__`, and with `_` for what models do not take. */
function plain(name: string): string {
  return name.replace(/^__/, "").replace(/[^a-zA-Z0-9_-]/g, "_");
}

function filledIn(entry: Entry, scope: JsonObject, where: string): JsonValue {
  if (entry.isConstant) return entry.value;
  const filled = fill(entry.value, scope, where);
  if (!filled.ok) throw new ModelFailure(filled.error);
  const value = entry.kind === "text" ? asText(filled.value) : filled.value;
  const problem = valueProblem(entry.kind, value);
  if (problem !== null)
    throw new ModelFailure(finalError("validation", "script_invalid", `${where}: ${problem}`));
  return value;
}

/** The answer of an agent whose script gives none. */
function sampleOf({ name, outputSchema }: AgentDefinition, { task }: JsonObject): JsonValue {
  if (outputSchema) return sample(outputSchema, "output");
  return typeof task === "string" ? `[simulated] ${name}: ${task}` : `[simulated] ${name}`;
}

function scriptedError(value: JsonValue): StepError {
  const { message, retryable } = isObject(value) ? value : {};
  const code = fieldOf(value, "code");
  return {
    type: "agent_error",
    code,
    message: typeof message === "string" ? message : `the script fails with "${code}"`,
    retryable: retryable === true,
  };
}

/** A field that `valueProblem` has seen to be text. */
function fieldOf(value: JsonValue, key: string): string {
  return isObject(value) ? asText(value[key] ?? "") : "";
}
