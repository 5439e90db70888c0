import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openFile } from "../../../src/adapters/libsql/open-file.ts";
import { createStarters } from "../../../src/main/starters.ts";

it("the doctor only looks: it says what is missing and who makes it, then what it looked at", async () => {
  const folder = await mkdtemp(join(tmpdir(), "station-doctor-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const environment = join(folder, "environments", "default");
  await mkdir(join(environment, "mcp-servers"), { recursive: true });
  await writeFile(join(environment, "mcp-servers", "broken.json"), "{");
  const data = join(folder, "data");
  const { doctor, migrate } = createStarters({
    STATION_DATA_DIR: data,
    STATION_ENVIRONMENTS_DIR: join(folder, "environments"),
    STATION_LOG_LEVEL: "error",
  });
  const wrong = async () => (await doctor()).filter(({ ok }) => !ok);
  expect(await wrong()).toEqual([
    {
      check: "database reachable",
      ok: false,
      detail: expect.stringMatching(/^there is no file .*station\.db yet: stn migrate does it/),
    },
  ]);
  expect(existsSync(data)).toBe(false);

  await mkdir(data);
  const file = join(data, "station.db");
  await writeFile(file, "");
  const tables = {
    check: "the database has this program's tables",
    ok: false,
    detail: expect.stringMatching(/^0001_.* missing: stn migrate does it/),
  };
  expect(await wrong()).toEqual([tables]);
  expect(await wrong()).toEqual([tables]);

  expect(await migrate()).not.toEqual([]);
  const found = await doctor();
  const detail = (check: string) => found.find((finding) => finding.check === check)?.detail;
  expect(detail("the database has this program's tables")).toBe("no migration is missing");
  expect(detail("database reachable")).toBe("file");
  expect(detail("queue reachable")).toBe("embedded");
  expect(detail("the database is whole")).toBe("every page was read");
  expect(found.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual([
    "default/mcp-servers/broken.json",
  ]);
});

it("what a running Station owns is looked at by a copy, and the doctor says how", async () => {
  const folder = await mkdtemp(join(tmpdir(), "station-doctor-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "environments", "default"), { recursive: true });
  const env = {
    STATION_DATA_DIR: folder,
    STATION_ENVIRONMENTS_DIR: join(folder, "environments"),
    STATION_LOG_LEVEL: "error",
  };
  const { doctor, migrate } = createStarters(env);
  await migrate();
  const owner = openFile(join(folder, "station.db"));
  onTestFinished(() => owner.close());
  expect((await doctor()).filter(({ ok }) => !ok)).toEqual([
    {
      check: "database reachable",
      ok: false,
      detail: expect.stringMatching(
        /station\.db is in use by process .*; one process owns a file\. .*: stn backup copy\.db && STATION_DATABASE_URL=file:copy\.db stn doctor$/,
      ),
    },
  ]);
  const copy = join(folder, "copy.db");
  owner.exec(`vacuum into '${copy}'`);
  const found = await createStarters({ ...env, STATION_DATABASE_URL: `file:${copy}` }).doctor();
  expect(found.filter(({ ok }) => !ok)).toEqual([]);
  expect(found.length).toBeGreaterThan(10);
});
