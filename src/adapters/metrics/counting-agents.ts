import { Counter, Histogram, type Registry } from "prom-client";
import type { AgentChange, AgentRun } from "../../core/agent/agent-run.ts";
import { Lru } from "../../core/lru.ts";
import type { AgentStore } from "../../engine/ports/agents.ts";

type Worker = Pick<AgentRun, "environment" | "agent" | "model">;

const REMEMBERED = 5_000;
/** From a quick answer to a model that thinks. */
const SECONDS = [0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300];

/** Counts what agents use up where it is kept; a commit that has to be repeated counts again. */
export function countingAgents(agents: AgentStore, registry: Registry): AgentStore {
  const known = new Lru<string, Worker>(REMEMBERED);
  const count = createCounters(registry);
  return {
    ...agents,
    async open(...args) {
      const opened = await agents.open(...args);
      if (opened.status === "open") {
        const { id, environment, agent, model } = opened.run;
        known.set(id, { environment, agent, model });
      }
      return opened;
    },
    async commit(id, hold, changes, at, exact) {
      const kept = await agents.commit(id, hold, changes, at, exact);
      const worker = known.get(id);
      if (kept && worker) for (const change of changes) count(change, worker);
      return kept;
    },
  };
}

function createCounters(registry: Registry) {
  const registers = [registry];
  const labelNames = ["environment", "agent", "model"] as const;
  const turns = new Histogram({
    name: "station_agent_turn_duration_seconds",
    help: "How long a model took for a turn, with its retries",
    labelNames,
    buckets: SECONDS,
    registers,
  });
  const tokens = new Counter({
    name: "station_agent_tokens_total",
    help: "Tokens that finished turns used up; cached ones are among the input",
    labelNames: [...labelNames, "kind"],
    registers,
  });
  const cost = new Counter({
    name: "station_agent_cost_dollars_total",
    help: "What finished turns cost, as far as the price table knows the model",
    labelNames,
    registers,
  });
  const calls = new Counter({
    name: "station_agent_tool_calls_total",
    help: "Tool calls that came to an end, by how",
    labelNames: ["environment", "agent", "tool", "outcome"],
    registers,
  });

  return (change: AgentChange, worker: Worker): void => {
    if (change.type === "turn") {
      const { startedAt, endedAt, reply } = change.turn;
      turns.observe({ ...worker }, (endedAt - startedAt) / 1000);
      tokens.inc({ ...worker, kind: "input" }, reply.usage.inputTokens);
      tokens.inc({ ...worker, kind: "output" }, reply.usage.outputTokens);
      tokens.inc({ ...worker, kind: "cached" }, reply.usage.cachedTokens);
      cost.inc({ ...worker }, reply.usage.costUsd);
    } else if (change.type === "call" && change.call.progress.status === "done") {
      const { environment, agent } = worker;
      const outcome = change.call.progress.isError ? "failed" : "succeeded";
      calls.inc({ environment, agent, tool: change.call.tool, outcome });
    }
  };
}
