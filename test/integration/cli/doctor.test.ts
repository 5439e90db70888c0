import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createStarters } from "../../../src/main/starters.ts";

it("the doctor says what it looked at, and what it made up for", async () => {
  const folder = await mkdtemp(join(tmpdir(), "station-doctor-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const environment = join(folder, "environments", "default");
  await mkdir(join(environment, "mcp-servers"), { recursive: true });
  await writeFile(join(environment, "mcp-servers", "broken.json"), "{");
  const { doctor } = createStarters({
    STATION_DATA_DIR: join(folder, "data"),
    STATION_ENVIRONMENTS_DIR: join(folder, "environments"),
    STATION_LOG_LEVEL: "error",
  });
  const first = await doctor();
  const detail = (check: string) => first.find((finding) => finding.check === check)?.detail;
  expect(detail("the database has this program's tables")).toMatch(/^were missing and are made: 0001_/);
  expect(detail("database reachable")).toBe("file");
  expect(detail("queue reachable")).toBe("embedded");
  expect(detail("the database is whole")).toBe("every page was read");
  expect(first.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual([
    "default/mcp-servers/broken.json",
  ]);
  const again = await doctor();
  expect(again).toContainEqual({
    check: "the database has this program's tables",
    ok: true,
    detail: "no migration was missing",
  });
});
