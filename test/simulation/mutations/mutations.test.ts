import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { BUGS, type Bug } from "./bugs.ts";
import { findBug } from "./find-bug.ts";

/** All of them take minutes (`npm run mutations`): here those that show in seconds, one of each kind. */
const QUICK = ["branch version not compared", "cancel after the end", "sent is done", "one voice is enough"];

it("there are twenty bugs and more, and the place of each is in its file once", async () => {
  expect(BUGS.length).toBeGreaterThanOrEqual(20);
  expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
  const counted = await Promise.all(BUGS.map(async (bug) => [bug.name, await placesOf(bug)]));
  expect(counted).toEqual(BUGS.map(({ name }) => [name, 1]));
});

it.each(QUICK)("a planted bug shows: %s", async (name) => {
  const bug = BUGS.find((one) => one.name === name);
  const { broken } = await findBug(bug ?? expect.unreachable(), { most: 400 });
  expect(broken).not.toBeNull();
});

async function placesOf({ file, from }: Bug): Promise<number> {
  return (await readFile(file, "utf8")).split(from).length - 1;
}
