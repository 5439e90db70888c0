import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Client } from "../../../src/http/client.ts";
import { eventually } from "../stories/support/eventually.ts";
import { ended, familyTurns, type Scene, stage, startRun, TURNS_IN_ALL, turnOf } from "./family.ts";

/** Every point takes two starts of the program: all of them with STATION_TEST_ALL=true, else one in so many. */
const EVERY = process.env["STATION_TEST_ALL"] === "true" ? 1 : 9;
/** The family's run has 22; a point that is not reached is a run that nothing happens to. */
const MOST_COMMITS = 24;

let scene: Scene | undefined;
afterEach(() => scene?.remove());

const points = Array.from({ length: MOST_COMMITS }, (_, index) => index + 1).flatMap((nth) => [
  `before:${nth}`,
  `after:${nth}`,
]);

describe("SIGKILL at a commit: no finished turn and no unsafe call is done again", () => {
  test.each(points.filter((_, index) => index % EVERY === 0))("%s", async (point) => {
    scene = await stage();
    const { model } = scene;
    const first = scene.start(point);
    const runId = await startedOrDead(scene, first);
    const died = await Promise.race([
      first.ended.then(() => true),
      runId === null ? new Promise<never>(() => {}) : over(scene, first, runId).then(() => false),
    ]);
    if (died) {
      expect((await first.ended).signal).toBe("SIGKILL");
      const client = await scene.client(scene.start());
      const known = (await client.listRuns({})).items[0]?.runId;
      await ended(client, known ?? (await startRun(client)));
      await check(client, scene);
    }
    // A model call in flight may be asked again, a finished one never: two answers in all at most for one turn.
    expect(model.asked.length).toBeLessThanOrEqual(TURNS_IN_ALL + 1);
  });
});

test("a secret that a model hands to a tool is nowhere on the disk, and the tool gets it though the worker was killed", async () => {
  const secret = "sk-abcdefghijklmnopqrst";
  scene = await stage({}, (asked) => {
    const { who, turn } = turnOf(asked);
    return who === "boss" && turn === 0 ? { calls: [["append", { line: secret }]] } : familyTurns(asked);
  });
  const env = { STATION_SECRET_KEYS: "k".repeat(32) };
  // The turn is kept, none of its calls is begun.
  const first = scene.start("after:3", env);
  await startedOrDead(scene, first);
  expect((await first.ended).signal).toBe("SIGKILL");
  expect(await scene.ledger()).toEqual([]);
  const client = await scene.client(scene.start(undefined, env));
  const [known] = (await client.listRuns({})).items;
  const run = await ended(client, known?.runId ?? "");
  expect(run).toMatchObject({ status: "COMPLETED", output: "all done" });
  expect((await scene.ledger()).map((line) => line.split("\t")[0])).toEqual([secret, "clerk-1", "boss-2"]);
  const data = join(scene.directory, "data");
  for (const file of await readdir(data))
    expect((await readFile(join(data, file))).includes(secret), file).toBe(false);
});

async function startedOrDead(at: Scene, process: ReturnType<Scene["start"]>): Promise<string | null> {
  try {
    return await startRun(await at.client(process));
  } catch {
    return null;
  }
}

async function over(at: Scene, process: ReturnType<Scene["start"]>, runId: string): Promise<void> {
  const client = await at.client(process);
  await eventually(async () => (await client.getRun({ params: { runId } }).catch(() => null))?.finishedAt);
}

async function check(client: Client, { ledger, model }: Scene): Promise<void> {
  const [run] = (await client.listRuns({})).items;
  expect(run).toMatchObject({ status: "COMPLETED" });
  const lines = await ledger();
  const keys = lines.map((line) => line.split("\t")[1]);
  // A call whose outcome nobody knew was not made again; it may have been made, or not.
  expect(new Set(keys).size).toBe(keys.length);
  expect(lines.length).toBeGreaterThanOrEqual(2);
  const { items } = await client.listAgentRuns({ params: { runId: run?.runId ?? "" } });
  expect(items.map(({ agent, status, turns }) => [agent, status, turns])).toEqual([
    ["boss", "completed", 4],
    ["clerk", "completed", 2],
  ]);
  const asked = model.asked.map((one) => JSON.stringify(turnOf(one)));
  const repeated = asked.length - new Set(asked).size;
  expect(repeated).toBeLessThanOrEqual(1);
}
