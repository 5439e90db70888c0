import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import type { RunId } from "../../../src/core/run/ids.ts";
import { runSpanId } from "../../../src/core/trace/context.ts";
import { recordedOf } from "../../../src/core/view/fact.ts";
import { type Collector, startCollector } from "../../support/collector.ts";
import { problemsOfTrace, spansOf } from "../../support/trace.ts";
import { type Deployment, startDistributed, startEmbedded } from "./support/deployment.ts";
import { eventually } from "./support/eventually.ts";
import { startAndReachTheMiddle, undisturbedRun } from "./support/interrupted.ts";
import { createStation, type Station } from "./support/station.ts";
import { describeDistributed } from "./support/story.ts";

const CALLER = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };

/** A collector, and a deployment that sends its spans there. */
async function traced(start: (env: Readonly<Record<string, string>>) => Promise<Deployment>) {
  const collector = await startCollector();
  onTestFinished(() => collector.close());
  const deployment = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  onTestFinished(() => deployment.remove());
  return { collector, deployment, station: createStation(deployment.url) };
}

/** Waits until the run's own span has come, which is the last, and finds every other there. */
async function expectWholeTrace(station: Station, collector: Collector, runId: string): Promise<void> {
  await eventually(
    async () => collector.spans.has(runSpanId(runId as RunId)),
    () => `no span of ${runId} among ${collector.spans.size}`,
  );
  const recorded = (await station.events(runId)).map(recordedOf);
  const { traceId } = await station.run(runId);
  const received = [...collector.spans.values()].filter((span) => span.traceId === traceId);
  expect(problemsOfTrace(recorded, received)).toEqual([]);
  const byId = (spans: typeof received) => [...spans].sort((a, b) => a.spanId.localeCompare(b.spanId));
  expect(byId(received)).toEqual(byId([...spansOf(recorded)]));
}

it("a run goes on with the trace of whoever started it", async () => {
  const { collector, station } = await traced(startEmbedded);
  await station.publish(`id: short
states: [{ name: only, type: agent, agent: echo, task: hello, end: true }]`);
  const { runId, traceId } = await station.client.startRun({
    headers: { traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01` },
    body: { workflowId: "short", environment: "stories" },
  });
  expect(traceId).toBe(CALLER.traceId);
  await station.ended(runId);
  await expectWholeTrace(station, collector, runId);
  expect(collector.spans.get(runSpanId(runId as RunId))).toMatchObject({ parentSpanId: CALLER.spanId });
});

it("what an agent's model said and its tools did is below the agent", async () => {
  // The example environment where it lies: its MCP server is a package beside it.
  const STATION_ENVIRONMENTS_DIR = fileURLToPath(new URL("../../../environments", import.meta.url));
  const { collector, station } = await traced((env) => startEmbedded({ ...env, STATION_ENVIRONMENTS_DIR }));
  const runId = await station.start("on-call-briefing", { service: "checkout" }, "default");
  await station.ended(runId);
  await eventually(async () => collector.spans.has(runSpanId(runId as RunId)));
  const { traceId } = await station.run(runId);
  const spans = [...collector.spans.values()].filter((span) => span.traceId === traceId);
  const below = (parent: string) =>
    spans.filter(({ parentSpanId }) => collector.spans.get(parentSpanId ?? "")?.name === parent);
  const names = below("invoke_agent runbook-finder").map(({ name }) => name);
  expect(names).toContain("chat station/script");
  expect(names.filter((name) => name.startsWith("execute_tool ")).length).toBeGreaterThan(0);
  for (const { name, parentSpanId } of spans)
    if (!name.startsWith("WorkflowRun ")) expect(collector.spans.has(parentSpanId ?? ""), name).toBe(true);
});

it("a collector that was away gets everything that happened meanwhile", async () => {
  const first = await startCollector();
  const port = Number(new URL(first.url).port);
  const deployment = await startEmbedded({ OTEL_EXPORTER_OTLP_ENDPOINT: first.url });
  onTestFinished(() => deployment.remove());
  await first.close();
  const station = createStation(deployment.url);
  const { runId } = await undisturbedRun(station);
  await deployment.logged("spans not sent");
  const collector = await startCollector(port);
  onTestFinished(() => collector.close());
  await expectWholeTrace(station, collector, runId);
});

it("a process that is killed in the middle of a run leaves no hole in its trace", async () => {
  const { collector, deployment, station } = await traced(startEmbedded);
  await undisturbedRun(station);
  const runId = await startAndReachTheMiddle(station);
  const [process = expect.unreachable()] = deployment.processes;
  await process.kill();
  await deployment.restart(process);
  await station.ended(runId);
  await expectWholeTrace(station, collector, runId);
});

describeDistributed("distributed", () => {
  it("several processes make one trace of a run", async () => {
    const { collector, station } = await traced(startDistributed);
    const { runId } = await undisturbedRun(station);
    await expectWholeTrace(station, collector, runId);
  });
});
