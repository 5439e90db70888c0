import { expect, it, onTestFinished } from "vitest";
import { type Deployment, startDistributed, startEmbedded } from "./support/deployment.ts";
import { eventually } from "./support/eventually.ts";
import { startAndReachTheMiddle, undisturbedRun } from "./support/interrupted.ts";
import type { StationProcess } from "./support/process.ts";
import { createStation } from "./support/station.ts";
import { describeDistributed } from "./support/story.ts";

type Samples = ReadonlyMap<string, number>;

/** A process's figures, by name and labels as they are written. */
async function figuresOf(admin: string): Promise<Samples> {
  const answer = await fetch(`${admin}/metrics`);
  expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  const samples = (await answer.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

async function measured(start: (env: Readonly<Record<string, string>>) => Promise<Deployment>) {
  const deployment = await start({ STATION_ADMIN_PORT: "0", STATION_ADMIN_HOST: "127.0.0.1" });
  onTestFinished(() => deployment.remove());
  const admins = deployment.processes.map(({ find }) => String(find("admin listening")?.["url"]));
  return { station: createStation(deployment.url), deployment, admins };
}

/** A figure over all processes. */
function sum(figures: readonly Samples[], name: string): number {
  return figures.reduce((total, samples) => total + (samples.get(name) ?? 0), 0);
}

const LONG = 'environment="stories",workflow="long"';

it("counts what runs and steps came to, and how long they took", async () => {
  const { station, admins } = await measured(startEmbedded);
  await undisturbedRun(station);
  const figures = await figuresOf(admins[0] ?? "");
  const count = (name: string) => figures.get(name);
  expect(count(`station_runs_started_total{${LONG}}`)).toBe(1);
  expect(count(`station_run_duration_seconds_count{${LONG},outcome="COMPLETED"}`)).toBe(1);
  expect(count(`station_step_duration_seconds_count{${LONG},outcome="SUCCEEDED"}`)).toBe(8);
  const seconds = count(`station_step_duration_seconds_sum{${LONG},outcome="SUCCEEDED"}`);
  expect(seconds).toBeGreaterThan(2.1);
  expect(count("station_oldest_pending_seconds")).toBe(0);
  expect(count("station_schedules_overdue_seconds")).toBe(0);
  expect(count("station_database_bytes")).toBeGreaterThan(100_000);
  expect(count("station_wal_bytes")).toBeGreaterThan(0);
  expect(count("station_worker_capacity")).toBe(64);
  expect(count("station_commit_group_size_count")).toBeGreaterThan(5);
  expect(count("station_expression_duration_seconds_count")).toBeGreaterThan(0);
});

it("shows what waits, and for whom", async () => {
  const { station, admins } = await measured(startEmbedded);
  await station.publish(`id: ask
states: [{ name: ask, type: approval, message: "Go on?", approvers: ["user:local"], end: true }]`);
  const runId = await station.start("ask");
  await station.seen(runId, ({ type }) => type === "approval.requested");
  const following = new AbortController();
  const stream = station.client.stream(runId, { signal: following.signal });
  await stream.next();
  const figures = await figuresOf(admins[0] ?? "");
  expect(figures.get("station_approvals_open")).toBe(1);
  expect(figures.get('station_runs_open{status="WAITING_APPROVAL"}')).toBe(1);
  expect(figures.get("station_event_streams")).toBe(1);
  following.abort();
  await eventually(async () => (await figuresOf(admins[0] ?? "")).get("station_event_streams") === 0);
});

describeDistributed("distributed", () => {
  it("counts over all processes, and tells the queue's backlog from each of them", async () => {
    const { station, deployment, admins } = await measured(startDistributed);
    await undisturbedRun(station);
    const runId = await startAndReachTheMiddle(station);
    const middle = await Promise.all(admins.map(figuresOf));
    for (const figures of middle) {
      expect(figures.get("station_consumer_pending")).toBe(0);
      expect(figures.get("station_consumer_ack_pending")).toBeGreaterThan(0);
      expect(figures.get('station_runs_open{status="RUNNING"}')).toBe(1);
      expect(figures.get("station_database_bytes")).toBeGreaterThan(100_000);
    }
    expect(sum(middle, "station_worker_inflight")).toBeGreaterThan(0);
    const { worker } = await station.inHand(runId, "work");
    const holder = deployment.processes.find(({ pid }) => worker.includes(`:${pid}:`));
    await (holder ?? expect.unreachable()).kill();
    await station.ended(runId);
    const alive = admins.filter((_, index) => deployment.processes[index] !== holder);
    const figures = await Promise.all(alive.map(figuresOf));
    expect(sum(figures, `station_lease_expiries_total{${LONG}}`)).toBeGreaterThan(0);
    expect(sum(figures, "station_relay_batch_size_count")).toBeGreaterThan(0);
  });

  it("tells CloudWatch how much waits, for how long and for how many workers", async () => {
    const deployment = await startDistributed({ STATION_CLOUDWATCH_NAME: "prod" });
    onTestFinished(() => deployment.remove());
    const [api, one, other] = deployment.processes as [StationProcess, StationProcess, StationProcess];
    const station = createStation(deployment.url);
    await station.publish("id: nap\nstates: [{ name: nap, type: timer, duration: 1s, end: true }]");
    await one.kill();
    await other.kill();
    for (let i = 0; i < 3; i++) await station.start("nap");
    await eventually(async () => {
      const { processes, workers, tasks } = await station.client.getSystem();
      return processes === 1 && workers === 0 && (tasks?.overdueMs ?? 0) > 1_000;
    });
    await api.stop();
    const loads = await (await deployment.restart(api)).logged("load");
    expect(loads).toMatchObject({
      station: "prod",
      Backlog: 3,
      BacklogPerWorker: 3,
      OldestTask: expect.any(Number),
      Workers: 0,
      _aws: {
        Timestamp: Date.parse(String(loads["time"])),
        CloudWatchMetrics: [{ Namespace: "Station", Dimensions: [["station"]] }],
      },
    });
    expect(loads["OldestTask"]).toBeGreaterThan(1);
  });
});
