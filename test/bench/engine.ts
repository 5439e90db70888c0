import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RunId } from "../../src/core/run/ids.ts";
import { publishWorkflow } from "../../src/engine/publish-workflow.ts";
import { startRun } from "../../src/engine/start-run.ts";
import { loadConfig } from "../../src/main/config.ts";
import { createLog } from "../../src/main/log.ts";
import { openMetrics } from "../../src/main/metrics.ts";
import { openStation } from "../../src/main/station.ts";
import { by } from "../support/people.ts";
import { ENVIRONMENT, STEPS, TEN_STEPS, writeEnvironments } from "./workflows.ts";

/** The whole engine in this process, wired as in production but without HTTP. */
export type EngineInProcess = {
  /** Starts a run of the ten-step workflow; its end is told by `onEnd`. */
  start(): Promise<string>;
  /** How many of its runs have completed, according to the database. */
  completed(): Promise<number>;
  /** What a run ended with, according to the database; `undefined` while it has not. */
  outputOf(runId: string): Promise<unknown>;
  /** Waits until the trail is sealed, and traced where somebody is told of it, as far as it goes. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
};

/** What is observed: spans go to a collector, figures are kept and asked for as Prometheus does. */
export type Observed = { readonly collectorUrl: string | null; readonly metrics: boolean };

/** What the measuring loop wants to hear of. */
export type Listener = { onStep(runId: string): void; onEnd(runId: string): void };

/** How often Prometheus would ask; more often than is usual, so that a short trial meets it. */
const SCRAPE_MS = 1000;

/** Opens a database file in `directory`, and the nats-server at `natsUrl` or the in-process queue. */
export async function startEngineInProcess(
  directory: string,
  natsUrl: string | null,
  listener: Listener,
  { collectorUrl, metrics: hasMetrics }: Observed = { collectorUrl: null, metrics: false },
): Promise<EngineInProcess> {
  const environments = join(directory, "environments");
  await writeEnvironments(environments);
  const loaded = loadConfig({
    STATION_DATA_DIR: join(directory, "data"),
    STATION_ENVIRONMENTS_DIR: environments,
    ...(natsUrl !== null && { STATION_NATS_URL: natsUrl }),
    ...(collectorUrl !== null && { OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl }),
    ...(hasMetrics && { STATION_ADMIN_PORT: "0" }),
  });
  if (!loaded.ok)
    throw new Error(loaded.problems.map(({ name, message }) => `${name} ${message}`).join("; "));

  const done = new Map<string, number>();
  const log = createLog({ level: "info", format: "json" }, (line) => process.stdout.write(line));
  const metrics = await openMetrics(loaded.config, "api");
  const told = {
    ...log,
    info(message: string, facts: Readonly<Record<string, unknown>> = {}) {
      log.info(message, facts);
      if (message !== "step executed") return;
      const runId = String(facts["run_id"]);
      done.set(runId, (done.get(runId) ?? 0) + 1);
      listener.onStep(runId);
    },
  };
  const station = await openStation(loaded.config, told, { metrics });
  const scraping = metrics && setInterval(() => void metrics.text(), SCRAPE_MS);
  const { ports } = station;
  // An announcement follows a commit: the first after the last step is that of the run's end.
  ports.queue.onAnnounced((runIds) => {
    for (const runId of runIds) {
      if (done.get(runId) !== STEPS) continue;
      done.delete(runId);
      listener.onEnd(runId);
    }
  });
  const published = await publishWorkflow(ports, {
    environment: ENVIRONMENT,
    source: { text: JSON.stringify(TEN_STEPS), format: "json", file: "request" },
    origin: "api",
    by: "user:bench",
    channel: "api",
  });
  if (published.status !== "created" && published.status !== "unchanged") {
    const first = "checked" in published ? published.checked.errors[0]?.message : "";
    throw new Error(`the workflow is not published: ${published.status}: ${first}`);
  }
  const completed = async () => (await ports.store.queries.counts({ workflowId: TEN_STEPS.id })).COMPLETED;
  const before = await completed();
  await station.start({ executes: true });

  return {
    async start() {
      const request = { environment: ENVIRONMENT, workflowId: TEN_STEPS.id, input: {}, by: by("user:bench") };
      const started = await startRun(ports, request);
      if (started.status !== "started") throw new Error(`not started: ${JSON.stringify(started)}`);
      return started.runId;
    },
    completed: async () => (await completed()) - before,
    outputOf: async (runId) => (await ports.store.queries.run(runId as RunId, Date.now()))?.output,
    async caughtUp() {
      const { cursors, queries, seals } = ports.store;
      const end = await queries.lastPosition();
      while ((await seals.pending(1)).runs.length > 0) await delay(20);
      if (collectorUrl !== null) while (((await cursors.read("traced-events")) ?? 0) < end) await delay(20);
    },
    async close() {
      if (scraping) clearInterval(scraping);
      await station.close();
    },
  };
}
