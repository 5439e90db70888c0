import { mkdir, mkdtemp, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Watching, watchEnvironments } from "./watch.ts";

let root: string;
let watching: Watching;
const calls: string[] = [];
const PATIENCE = { timeout: 20_000, interval: 20 };

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "station-watch-"));
  await mkdir(join(root, "default/workflows"), { recursive: true });
  await writeFile(file("a"), "id: a\n");
  calls.length = 0;
});
afterEach(async () => {
  await watching.stop();
  await rm(root, { recursive: true, force: true });
});

const file = (name: string, environment = "default") =>
  join(root, environment, "workflows", `${name}.workflow.yaml`);
const watchIt = async (changed = async (environment: string) => void calls.push(environment)) => {
  watching = await watchEnvironments(root, changed);
};
const called = (times: number) => vi.waitFor(() => expect(calls).toHaveLength(times), PATIENCE);

it("tells of a file that is written, again and again", async () => {
  await watchIt();
  for (let time = 1; time <= 3; time++) {
    await writeFile(file("a"), `id: a${"#".repeat(time)}\n`);
    await called(time);
  }
  expect(calls).toEqual(["default", "default", "default"]);
});

it("tells of a file that an editor replaces by renaming another onto it, again and again", async () => {
  await watchIt();
  for (let time = 1; time <= 3; time++) {
    await writeFile(join(root, "default/workflows/.a.swp"), `id: a${"#".repeat(time)}\n`);
    await rename(join(root, "default/workflows/.a.swp"), file("a"));
    await vi.waitFor(() => expect(calls.length).toBeGreaterThanOrEqual(time), PATIENCE);
    calls.length = time;
  }
});

it("tells of a file that an editor moves aside, writes anew and cleans up after", async () => {
  await watchIt();
  await rename(file("a"), `${file("a")}~`);
  await writeFile(file("a"), "id: a2\n");
  await unlink(`${file("a")}~`);
  await vi.waitFor(() => expect(calls.length).toBeGreaterThanOrEqual(1), PATIENCE);
});

it("tells of new files, of files that are gone, and of an environment that is new", async () => {
  await watchIt();
  await writeFile(file("b"), "id: b\n");
  await called(1);
  await unlink(file("b"));
  await called(2);
  await mkdir(join(root, "staging/workflows"), { recursive: true });
  await writeFile(file("c", "staging"), "id: c\n");
  await vi.waitFor(() => expect(calls).toContain("staging"), PATIENCE);
});

it("tells nothing of files that are as they were", async () => {
  let looks = 0;
  await watchIt(async () => void looks++);
  await new Promise((resolve) => setTimeout(resolve, 1600)); // twice the time after which it looks anyway
  expect(looks).toBe(0);
});

it("waits with the next call for the one before, and misses nothing meanwhile", async () => {
  let running = 0;
  let most = 0;
  let release: () => void = () => {};
  await watchIt(async (environment) => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => {
      release = resolve;
      calls.push(environment);
    });
    running--;
  });
  await writeFile(file("a"), "id: first\n");
  await called(1);
  await writeFile(file("a"), "id: another\n");
  release();
  await called(2);
  release();
  expect(most).toBe(1);
});

it("of a folder that is not there yet starts when it is", async () => {
  watching = await watchEnvironments(
    join(root, "later"),
    async (environment) => void calls.push(environment),
  );
  await mkdir(join(root, "later/default/workflows"), { recursive: true });
  await writeFile(join(root, "later/default/workflows/x.workflow.yaml"), "id: x\n");
  await vi.waitFor(() => expect(calls.length).toBeGreaterThanOrEqual(1), PATIENCE);
});

it("tells when the folder cannot be looked at any more, and when it can again", async () => {
  await watchIt();
  await rename(root, `${root}.aside`);
  await writeFile(root, "no folder");
  await called(1);
  await unlink(root);
  await rename(`${root}.aside`, root);
  await called(2);
  await writeFile(file("a"), "id: a2\n");
  await called(3);
});
