import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../stories/support/eventually.ts";
import { ended, expectNothingTwice, familyTurns, type Scene, stage, startRun, turnOf } from "./family.ts";

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

    const first = scene.start(point);
    const runId = await startedOrDead(scene, first);
    const died = await Promise.race([
      first.ended.then(() => true),
      runId === null ? new Promise<never>(() => {}) : over(scene, first, runId).then(() => false),
    ]);
    if (died) {
      expect((await first.ended).signal).toBe("SIGKILL");
      const client = await scene.client(scene.start());
      const known = (await client.listRuns({})).items[0]?.runId ?? (await startRun(client));
      await ended(client, known);
      await expectNothingTwice(client, scene, known);
    }
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
