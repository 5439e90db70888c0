import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Client, createClient } from "../../../src/http/client.ts";
import { openai } from "../../support/models/openai.ts";
import {
  type Asked,
  type ModelServer,
  type Reaction,
  startModelServer,
} from "../../support/models/server.ts";
import { many } from "../api.ts";
import { withDistributed } from "../deployment.ts";
import { percentile } from "../measure.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { agentState, promptFile, workflow } from "../workflows.ts";

const PHASES = ["model", "tool", "child", "between"] as const;
type Phase = (typeof PHASES)[number];

const WORKFLOWS = PHASES.map((phase) => workflow(phase, [agentState(phase)]));
const FAULTY = fileURLToPath(new URL("../../support/mcp/faulty-server.ts", import.meta.url));
const P50 = { atMost: 1000 };
const P99 = { atMost: 2000 };

/** From the request to cancel, at one process, until the agent, in another, has stopped. */
export const cancel: Scenario = {
  name: "cancel",
  summary: "cancel agents in every phase, from another process, and while their worker is killed",
  parts: PHASES.map((phase) => (bench) => inPhase(bench, phase)),
};

/** What models say: an agent of each phase gets there in its first turn and stays. */
function react(asked: Asked): Reaction {
  const who = /You are (\w+)/.exec(JSON.stringify(asked.messages[0]))?.[1];
  switch (who) {
    case "tool":
      return { calls: [["silent", {}]] };
    case "child":
      return { calls: [["__agent_model", { task: "wait" }]] };
    case "between":
      return { fails: "rate limit", headers: { "retry-after": "50" } };
    default:
      return { hangs: true };
  }
}

async function inPhase(bench: Bench, phase: Phase): Promise<readonly Row[]> {
  const runs = bench.isQuick ? 20 : 100;
  const model = await startModelServer(openai, react);
  const calls = `${await bench.directory("calls")}/calls.txt`;
  const setting = {
    env: { STATION_WORKER_CONCURRENCY: String(runs), OPENAI_API_KEY: "sk-bench", OPENAI_BASE_URL: model.url },
    files: {
      "agents/model.prompt": promptFile("model", ""),
      "agents/tool.prompt": promptFile("tool", "tools: [silent]"),
      "agents/child.prompt": promptFile("child", "agents: [model]"),
      "agents/between.prompt": promptFile("between", ""),
      "mcp-servers/faulty.json": JSON.stringify({
        mcpServers: { faulty: { command: process.execPath, args: [FAULTY, "--calls", calls] } },
      }),
    },
  };
  try {
    return await withDistributed(
      bench,
      1,
      WORKFLOWS,
      async ({ api, workers, url }) => {
        const client = createClient({ baseUrl: url });
        const scene = { client, model, phase, logOf: () => workers[0]?.log() ?? Promise.resolve("") };
        const row = { scenario: "cancel", unit: "ms", inFlight: runs, other: null };

        const alive = await reached(scene, api.start, runs);
        const times = await cancelled(scene, alive);
        const note = `where the agents were: ${PHASES.join("; ")}. Stopped: the worker has left model, tool and child behind it`;
        const rows: Row[] = [
          { ...row, figure: `${phase}, p50`, ours: percentile(times, 0.5), target: P50, note },
          { ...row, figure: `${phase}, p99`, ours: percentile(times, 0.99), target: P99 },
        ];

        const orphans = await reached(scene, api.start, runs);
        await workers[0]?.kill();
        const asked = model.asked.length;
        const ended = await cancelled({ ...scene, logOf: null }, orphans);
        if (model.asked.length > asked) throw new Error("a cancelled agent asked its model again");
        rows.push({
          ...row,
          figure: `${phase}, its worker killed, p99`,
          ours: percentile(ended, 0.99),
          target: P99,
          note: "killed: until the agent's own record says that it was cancelled",
        });
        return rows;
      },
      setting,
    );
  } finally {
    await model.close();
  }
}

type Scene = {
  readonly client: Client;
  readonly model: ModelServer;
  readonly phase: Phase;
  /** The worker's log; null when there is no worker any more. */
  readonly logOf: (() => Promise<string>) | null;
};

/** Starts runs, and waits until all are where they are to be cancelled. */
async function reached(
  { model, phase, client }: Scene,
  start: (workflowId: string) => Promise<string>,
  runs: number,
): Promise<readonly string[]> {
  const before = model.asked.length;
  const runIds: string[] = [];
  await many(runs, 16, async () => {
    runIds.push(await start(phase));
  });
  const turns = phase === "child" ? 2 * runs : runs;
  while (model.asked.length - before < turns) await delay(20);
  // The last turn is asked for, or kept and its call made.
  if (phase === "tool")
    for (const runId of runIds)
      while ((await client.listAgentRuns({ params: { runId } })).items[0]?.calls !== 1) await delay(20);
  await delay(500);
  return runIds;
}

/** Cancels runs one after the other, a beat and a bit apart; how long each agent went on, in milliseconds. */
async function cancelled({ client, logOf }: Scene, runIds: readonly string[]): Promise<readonly number[]> {
  const requestedAt = new Map<string, number>();
  const endedAt = new Map<string, number>();
  await many(runIds.length, 4, async (index) => {
    const runId = runIds[index] ?? "";
    await delay(Math.random() * 50);
    requestedAt.set(runId, Date.now());
    await client.cancelRun({ params: { runId }, body: {} });
    if (logOf !== null) return;
    while (
      (await client.listAgentRuns({ params: { runId } })).items.some(({ status }) => status !== "cancelled")
    )
      await delay(10);
    endedAt.set(runId, Date.now());
  });
  if (logOf !== null)
    while (endedAt.size < runIds.length) {
      await delay(50);
      for (const line of (await logOf()).split("\n")) {
        if (!line.includes('"step executed"')) continue;
        const { run_id: runId, time } = JSON.parse(line) as { run_id: string; time: string };
        if (requestedAt.has(runId)) endedAt.set(runId, Date.parse(time));
      }
    }
  return runIds.map((runId) => (endedAt.get(runId) ?? Number.NaN) - (requestedAt.get(runId) ?? Number.NaN));
}
