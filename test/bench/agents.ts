import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "../../src/http/client.ts";
import { openai } from "../support/models/openai.ts";
import { startModelServer } from "../support/models/server.ts";

// `node test/bench/agents.ts [runs]`: that many agent runs at once, each of two model turns and two calls of a real MCP
// server, in one process on a file. What Station itself takes is measured; the model is a server in this process.

const RUNS = Number(process.argv[2] ?? 200);
const root = join(import.meta.dirname, "../..");
const directory = await mkdtemp(join(tmpdir(), "station-bench-agents-"));
const home = join(directory, "environments", "default");
for (const folder of ["agents", "mcp-servers", "workflows"])
  await mkdir(join(home, folder), { recursive: true });
await writeFile(
  join(home, "agents/worker.prompt"),
  "---\nmodel: openai/gpt-4o-mini\ntools: [echo]\n---\nYou work.\n",
);
await writeFile(
  join(home, "workflows/bench.workflow.yaml"),
  'id: bench\nversion: "1"\nstart: work\nstates:\n  - { name: work, type: operation, action: agent.run, agent: worker, task: go, end: true }\n',
);
await writeFile(
  join(home, "mcp-servers/everything.json"),
  JSON.stringify({
    mcpServers: {
      everything: {
        command: process.execPath,
        args: [join(root, "node_modules/@modelcontextprotocol/server-everything/dist/index.js"), "stdio"],
      },
    },
  }),
);
const model = await startModelServer(openai, (asked) =>
  asked.messages.some(({ role }) => role === "tool")
    ? { text: "done" }
    : {
        calls: [
          ["echo", { message: "a" }],
          ["echo", { message: "b" }],
        ],
      },
);
const station = spawn(process.execPath, [join(root, "src/main/api.ts")], {
  cwd: directory,
  stdio: ["ignore", "ignore", "pipe"],
  env: {
    PATH: process.env["PATH"],
    PORT: "0",
    STATION_DATA_DIR: "data",
    STATION_UI: "off",
    STATION_WORKER_CONCURRENCY: String(RUNS),
    OPENAI_API_KEY: "sk-bench",
    STATION_AI_BASE_URL: model.url,
  },
});
try {
  const client = createClient({ baseUrl: await listening(station) });
  const one = async () => {
    const { runId } = await client.startRun({ body: { workflowId: "bench" } });
    for await (const _ of client.stream(runId, {}));
    return runId;
  };
  await one(); // loads the SDK and starts the MCP server
  const before = await usage(station);
  const startedAt = Date.now();
  let peak = before.rssMb;
  const sampling = setInterval(
    () => void usage(station).then(({ rssMb }) => (peak = Math.max(peak, rssMb))),
    100,
  );
  const runIds = await Promise.all(Array.from({ length: RUNS }, one));
  clearInterval(sampling);
  const after = await usage(station);
  const statuses = await Promise.all(runIds.map((runId) => client.getRun({ params: { runId } })));
  const completed = statuses.filter(({ status }) => status === "COMPLETED").length;
  process.stdout.write(
    `${RUNS} agent runs at once (2 turns, 2 tool calls each): ${completed} completed in ${Date.now() - startedAt} ms, ` +
      `${((after.cpuMs - before.cpuMs) / RUNS).toFixed(1)} ms CPU each, ${peak.toFixed(0)} MB at most\n`,
  );
  process.exitCode = completed === RUNS ? 0 : 1;
} finally {
  station.kill("SIGKILL");
  await model.close();
  await delay(200);
  await rm(directory, { recursive: true, force: true });
}

async function listening({ stderr }: ChildProcess): Promise<string> {
  if (!stderr) throw new Error("the process has no log");
  for await (const line of createInterface({ input: stderr })) {
    const { message, url } = JSON.parse(line) as { message: string; url?: string };
    if (message !== "listening" || url === undefined) continue;
    stderr.resume();
    return url;
  }
  throw new Error("Station did not start");
}

/** Of the process itself, from Linux's own accounts. */
async function usage({ pid }: ChildProcess): Promise<{ readonly cpuMs: number; readonly rssMb: number }> {
  const stat = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  const ticks = Number(stat[11]) + Number(stat[12]);
  return { cpuMs: ticks * 10, rssMb: (Number(stat[21]) * 4096) / 1_048_576 };
}
