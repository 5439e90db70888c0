import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../../src/http/client.ts";
import { type NatsServer, type SqldServer, startNats, startSqld } from "../../support/servers.ts";
import { eventually } from "../stories/support/eventually.ts";
import type { StationProcess } from "../stories/support/process.ts";
import { expectNothingTwice, type Scene, stage } from "./family.ts";

/** Every point takes two workers: all of them with STATION_TEST_ALL=true, else one in so many. */
const EVERY = process.env["STATION_TEST_ALL"] === "true" ? 1 : 13;
/** What a worker commits of the family's run before the last commit, which ends it. */
const MOST_COMMITS = 20;

const points = Array.from({ length: MOST_COMMITS }, (_, index) => index + 1).flatMap((nth) => [
  `before:${nth}`,
  `after:${nth}`,
]);

let servers: { readonly nats: NatsServer; readonly sqld: SqldServer };
let scene: Scene;
let client: Client;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  const [nats, sqld] = await Promise.all([startNats(), startSqld()]);
  servers = { nats, sqld };
  scene = await stage();
  env = { STATION_NATS_URL: nats.url, STATION_DATABASE_URL: sqld.url.replace(/^http/, "ws") };
  client = await scene.client(scene.start(undefined, env));
});
afterAll(async () => {
  await scene.remove();
  await Promise.all([servers.nats.remove(), servers.sqld.remove()]);
});

// A worker that is left would take the next run out of the hands of the one that is to die; a run that is left would
// be done before it.
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.kill()));
  for (const runId of started.splice(0))
    await eventually(async () => {
      await client.cancelRun({ params: { runId }, body: {} }).catch(() => {});
      return (await client.getRun({ params: { runId } }).catch(() => null))?.finishedAt;
    });
});

const workers: StationProcess[] = [];
const started: string[] = [];

function start(crash?: string): StationProcess {
  const worker = scene.start(crash, env, "worker");
  workers.push(worker);
  return worker;
}

/** A server that has too much to do is asked again, for the same run. */
async function startOnce(key: string): Promise<string> {
  const { runId } = await eventually(() =>
    client.startRun({ body: { workflowId: "family" }, idempotencyKey: key }).catch(() => null),
  );
  started.push(runId);
  return runId;
}

describe("a worker killed at a commit, another one beside it: no finished turn and no unsafe call is done again", () => {
  test.each(points.filter((_, index) => index % EVERY === 5 % EVERY))("%s", async (point) => {
    const before = { lines: (await scene.ledger()).length, asked: scene.model.asked.length };
    const first = start(point);
    await first.logged("working");
    const runId = await startOnce(point);
    // It has the run in hand by the time that the other is there.
    const other = start();
    await eventually(
      async () => (await client.getRun({ params: { runId } }).catch(() => null))?.finishedAt,
      () => `the run has not ended:\n${other.text().slice(-4000)}`,
    );
    expect((await first.ended).signal).toBe("SIGKILL");
    await eventually(async () => other.find("step executed", { run_id: runId }));
    await expectNothingTwice(client, scene, runId, before);
  });
});
