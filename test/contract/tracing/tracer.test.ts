import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { LibsqlStore } from "../../../src/adapters/libsql/store.ts";
import type { RunId } from "../../../src/core/run/ids.ts";
import { runSpanId } from "../../../src/core/trace/context.ts";
import { beginTracing } from "../../../src/engine/trace-runs.ts";
import { startTracing } from "../../../src/main/tracing.ts";
import { type Collector, startCollector } from "../../support/collector.ts";
import { AT, committed, creating, recorded, transition } from "../store/given.ts";
import { openAt } from "../store/subject.ts";

let collector: Collector;
let store: LibsqlStore;
let logged: string[];
let figures: { spans: number; failures: number; restarts: number };

beforeEach(async () => {
  collector = await startCollector();
  const folder = await mkdtemp(join(tmpdir(), "station-tracer-"));
  store = await openAt(`file:${join(folder, "station.db")}`);
  logged = [];
  figures = { spans: 0, failures: 0, restarts: 0 };
  onTestFinished(async () => {
    await store.close();
    await collector.close();
    await rm(folder, { recursive: true, force: true });
  });
});

/** Traces what `lend` hands over, until the test is over. */
async function traced(lend = store.lend) {
  await beginTracing({ store });
  const say = (message: string) => void logged.push(message);
  const tracing = startTracing(
    {
      tracing: { url: `${collector.url}/v1/traces`, headers: {}, serviceName: "station" },
      database: { kind: "file", path: "lent" },
    },
    { lend },
    {
      holder: "host:tracer",
      log: { info: say, warn: say, error: say },
      figures: {
        sent: (spans) => {
          figures.spans += spans;
        },
        failed: () => {
          figures.failures++;
        },
        restarted: () => {
          figures.restarts++;
        },
      },
    },
  );
  if (!tracing) return expect.unreachable();
  onTestFinished(() => tracing.stop());
  return tracing;
}

/** A run that begins and ends at once: its trace is one span. */
async function oneRun(runId: string): Promise<void> {
  await committed(store, creating(runId));
  await committed(
    store,
    transition(runId, {
      expected: { epoch: 0, branches: [] },
      events: [recorded({ type: "run.completed", output: null }, AT + 1)],
    }),
  );
}

const isTraced = (runId: string) => collector.spans.has(runSpanId(runId as RunId));
const untilTraced = (runId: string) =>
  vi.waitFor(() => expect(isTraced(runId)).toBe(true), { timeout: 30_000, interval: 20 });

describe("the thread that traces", () => {
  it("sends everything that was committed before it is told to stop", async () => {
    const tracing = await traced();
    await oneRun("run_first");
    await untilTraced("run_first");
    const runs = Array.from({ length: 300 }, (_, index) => `run_${index}`);
    await Promise.all(runs.map(oneRun));
    await tracing.stop();
    expect(runs.filter((runId) => !isTraced(runId))).toEqual([]);
    expect(figures).toEqual({ spans: 301, failures: 0, restarts: 0 });
    expect(await store.cursors.read("traced-events")).toBe(await store.queries.lastPosition());
  });

  it("is replaced when it dies, and the next one goes on where it stopped", async () => {
    let threads = 0;
    await traced((port, underWay) => {
      // The first one gets what it cannot read, and dies of it.
      if (++threads === 1) port.postMessage("nonsense");
      else store.lend(port, underWay);
    });
    await oneRun("run_a");
    await untilTraced("run_a");
    expect(figures.restarts).toBe(1);
    expect(logged).toEqual(["tracer died"]);
  });

  it("says that a collector is away, and sends everything when it is back", async () => {
    const port = Number(new URL(collector.url).port);
    await collector.close();
    await traced();
    await oneRun("run_a");
    await vi.waitFor(() => expect(logged).toContain("spans not sent"), { timeout: 30_000, interval: 20 });
    expect(figures.failures).toBeGreaterThan(0);
    collector = await startCollector(port);
    await untilTraced("run_a");
  });
});
