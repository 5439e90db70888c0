import { chmod, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStore } from "./open-store.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "station-open-"));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const log = { info() {}, warn() {}, error() {} };

/** Who may do what in the folder of a database that was opened. */
async function modeOf(path: string): Promise<string> {
  const store = await openStore({ database: { kind: "file", path } }, log, {});
  await store.close();
  return ((await stat(dirname(path))).mode & 0o777).toString(8);
}

it("what is kept is read by nobody else on the machine, unless its folder was made for others", async () => {
  expect(await modeOf(join(folder, ".station", "station.db"))).toBe("700");
  expect(await modeOf(join(folder, "station.db"))).toBe("755");
});
