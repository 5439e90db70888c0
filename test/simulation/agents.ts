import { agent, loading } from "../../src/adapters/agents/test-agents.ts";
import { createSchemas } from "../../src/adapters/json-schema/schemas.ts";
import { type AgentRun, type Call, isFinished, NO_USAGE } from "../../src/core/agent/agent-run.ts";
import { agentError } from "../../src/core/agent/errors.ts";
import { DEFAULT_RULES } from "../../src/core/agent/rules.ts";
import type { RunId } from "../../src/core/run/ids.ts";
import type { AgentRunner } from "../../src/engine/ports/agent-runner.ts";
import { type ChatModel, ModelFailure, type Models } from "../../src/engine/ports/agents.ts";
import type { ToolSource } from "../../src/engine/ports/tools.ts";
import type { Clock, Log, Store } from "../../src/engine/ports.ts";
import { createTestRunner } from "../support/agent-runner.ts";
import { memoryTools, says } from "../support/memory-tools.ts";
import type { Chance } from "./random.ts";

/** What an agent at work sees of its process: every call is a point where others may go first, or it dies. */
type Place = {
  readonly store: Pick<Store, "agents" | "queries">;
  readonly clock: Clock;
  readonly gate: () => Promise<void>;
};

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
/** All of them share what is compiled: it depends on nothing else. */
const SCHEMAS = createSchemas();
const TURNS = 3;
const ASKS = { tools: ["touch"], approvers: [], timeoutSeconds: null };
const real = { model: "test/model", tools: ["look", "touch"] };
const FILES = loading(
  agent("plain", { ...real, agents: ["child"] }),
  agent("careful", {
    ...{ ...real, agents: ["child"] },
    rules: { ...DEFAULT_RULES, approvals: ASKS, onUnknown: [{ tool: "touch", action: "ask" }] },
  }),
  agent("child", real),
);

/** Agents as Station's own: they think in turns, call tools and each other, ask people, and fail now and then. */
export class AgentsAtWork {
  readonly #chance: Chance;
  /** How often each call of a tool that must not be repeated took effect. */
  readonly #effects = new Map<string, number>();
  #calls = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** The runner of one process. */
  runner({ store, clock, gate }: Place): Pick<AgentRunner, "run"> {
    const runner = createTestRunner({
      load: FILES,
      models: this.#models(gate),
      tools: this.#tools(gate),
      store: store.agents,
      approvals: store.queries,
      schemas: SCHEMAS,
      clock,
      log: SILENT,
      sleep: gate,
    });
    return {
      run: (request, signal) =>
        runner.run({ ...request, agent: request.stepId.charCodeAt(9) % 2 ? "plain" : "careful" }, signal),
    };
  }

  /**
   * Nothing takes effect that was not kept as begun before; nothing is done again that must not be, unless a person said
   * so; nothing is done that needs a person's leave and has none; all of them are over. `purged`: runs of which none is left.
   */
  async check(
    { agents }: Pick<Store, "agents">,
    runIds: Iterable<RunId>,
    purged: ReadonlySet<RunId>,
  ): Promise<void> {
    const calls = new Map<string, { readonly run: AgentRun; readonly call: Call }[]>();
    for (const runId of runIds)
      for (const { id } of await agents.list(runId)) {
        const run = await agents.run(id);
        if (!run || !isFinished(run)) throw new Error(`agent run ${id} is ${run?.status.status}`);
        for (const call of run.calls) calls.set(call.id, [...(calls.get(call.id) ?? []), { run, call }]);
      }
    for (const [id, count] of this.#effects) {
      const kept = calls.get(id) ?? [];
      if (kept.length === 0 && purged.size > 0) continue;
      const tries = Math.max(0, ...kept.map(({ call }) => call.tries));
      if (count > tries) throw new Error(`call ${id} took effect ${count} times, and ${tries} were kept`);
      for (const { run, call } of kept) {
        if (run.agent !== "careful" && call.tries > 1)
          throw new Error(`call ${id} of ${run.id} was made ${call.tries} times`);
        if (run.agent === "careful" && call.tries > 0 && !call.decision?.approved)
          throw new Error(`call ${id} of ${run.id} was made without leave`);
      }
    }
    for (const [id, kept] of calls)
      for (const { run, call } of kept)
        if (call.tool === "touch" && call.progress.status === "done" && !call.progress.isError)
          if (!this.#effects.has(id)) throw new Error(`call ${id} of ${run.id} is done and took no effect`);
  }

  #models(gate: Place["gate"]): Models {
    const turn: ChatModel["turn"] = async ({ messages }) => {
      await gate();
      if (this.#chance.happens(0.1))
        throw new ModelFailure({ ...agentError("llm_away", "away"), retryable: true });
      const turns = messages.filter(({ role }) => role === "model").length;
      const tools =
        turns === TURNS ? [] : this.#chance.pick([[], ["look"], ["touch"], ["touch"], ["agent_child"]]);
      const calls = tools.map((tool) => ({
        id: `call_${++this.#calls}`,
        tool,
        args: tool === "agent_child" ? { task: "help" } : { at: this.#calls },
      }));
      const finish = calls.length > 0 ? "tool-calls" : "stop";
      return { text: "done", calls, finish, usage: NO_USAGE, raw: null, modelId: "test/model" };
    };
    const model = { id: "test/model", isReal: true, isWorthKeeping: true, isPriced: true, turn };
    return { open: () => ({ ok: true, model }), problem: () => null };
  }

  #tools(gate: Place["gate"]): ToolSource {
    const { source } = memoryTools({
      look: { annotations: { readOnlyHint: true }, does: () => says("3 pods") },
      touch: { does: () => says("touched") },
    });
    return {
      ...source,
      call: async (tool, call) => {
        await gate();
        const id = call.idempotencyKey.slice(call.idempotencyKey.lastIndexOf(":") + 1);
        if (this.#chance.happens(0.05)) return { status: "unknown", reason: "nobody knows" };
        if (tool.name === "touch") this.#effects.set(id, (this.#effects.get(id) ?? 0) + 1);
        await gate();
        if (this.#chance.happens(0.05)) return { status: "unknown", reason: "nobody knows" };
        return source.call(tool, call);
      },
    };
  }
}
