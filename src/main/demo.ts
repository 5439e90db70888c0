import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DemoServer, demo } from "../cli/demo.ts";
import { nodeTerminal } from "../cli/terminal/node-terminal.ts";
import { describeProblems, loadConfig } from "./config.ts";
import { createLog } from "./log.ts";
import { startServing } from "./serve.ts";

// `npm run demo`: all of Station in this process, on a free port, with a data directory of its own.
const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupt.abort());
process.exitCode = await demo({
  terminal: nodeTerminal(process, () => interrupt.abort()),
  now: () => Date.now(),
  interrupt: interrupt.signal,
  startServer,
  stn: "npm run -s stn --",
});

async function startServer(): Promise<DemoServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "station-demo-"));
  const loaded = loadConfig({
    PATH: process.env["PATH"],
    PORT: process.env["PORT"] ?? "0",
    STATION_DATA_DIR: dataDir,
    STATION_ENVIRONMENTS_DIR: join(import.meta.dirname, "../../environments"),
    STATION_LOG_LEVEL: "error",
  });
  if (!loaded.ok) throw new Error(describeProblems(loaded.problems));
  const log = createLog(loaded.config.log, (line) => process.stderr.write(line));
  const serving = await startServing(loaded.config, log);
  return {
    url: serving.url,
    dataDir,
    actor: "user:local",
    async close() {
      await serving.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
