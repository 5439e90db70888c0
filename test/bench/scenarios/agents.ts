import { createClient } from "../../../src/http/client.ts";
import { openai } from "../../support/models/openai.ts";
import { startModelServer } from "../../support/models/server.ts";
import { withEmbedded } from "../deployment.ts";
import { cpuMicrosOwn, memoryOf } from "../process-usage.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { agentState, EVERYTHING, promptFile, workflow } from "../workflows.ts";

const WORK = workflow("agent-work", [agentState("worker")]);

/** Many agents at once: what they cost the process they run in. */
export const agents: Scenario = {
  name: "agents",
  summary: "200 agents at once, each with two model turns and two calls of a real MCP server",
  parts: [together],
};

async function together(bench: Bench): Promise<readonly Row[]> {
  const runs = bench.isQuick ? 50 : 200;
  const model = await startModelServer(openai, (asked) =>
    asked.messages.some(({ role }) => role === "tool")
      ? { text: "all of it is done" }
      : {
          calls: [
            ["echo", { message: "a" }],
            ["echo", { message: "b" }],
          ],
        },
  );
  const setting = {
    env: {
      STATION_WORKER_CONCURRENCY: String(runs),
      OPENAI_API_KEY: "sk-bench",
      OPENAI_BASE_URL: model.url,
    },
    files: {
      "agents/worker.prompt": promptFile("worker", "tools: [echo]"),
      "mcp-servers/everything.json": JSON.stringify({ mcpServers: { everything: EVERYTHING } }),
    },
  };
  try {
    return await withEmbedded(
      bench,
      [WORK],
      async ({ station }) => {
        const client = createClient({ baseUrl: station.url });
        const one = async () => {
          const { runId } = await client.startRun({ body: { workflowId: WORK.id } });
          for await (const _ of client.stream(runId, {}));
          return (await client.getRun({ params: { runId } })).status;
        };
        await one(); // loads the provider's client and starts the MCP server
        const before = cpuMicrosOwn(station.pid);
        const startedAt = performance.now();
        const statuses = await Promise.all(Array.from({ length: runs }, one));
        const took = performance.now() - startedAt;
        const cpu = cpuMicrosOwn(station.pid) - before;
        const { highest } = await memoryOf(station.pid);
        const failed = statuses.filter((status) => status !== "COMPLETED").length;
        if (failed > 0) throw new Error(`${failed} of ${runs} runs did not complete`);
        const row = { scenario: "agents", inFlight: runs, other: null };
        return [
          {
            ...row,
            figure: "CPU of an agent's run",
            unit: "ms",
            ours: cpu / 1000 / runs,
            target: { atMost: 15 },
          },
          { ...row, figure: "memory at its highest", unit: "MB", ours: highest, target: { atMost: 300 } },
          { ...row, figure: "until all have ended", unit: "ms", ours: took, target: null },
        ];
      },
      setting,
    );
  } finally {
    await model.close();
  }
}
