import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeDirectory, writeDirectory } from "./support/agents.ts";
import { launch, launchCommand, type StationProcess } from "./support/process.ts";

let directory: string;

beforeAll(async () => {
  directory = await writeDirectory();
});
afterAll(() => removeDirectory(directory));

const start = (program: "api" | "worker", env: Readonly<Record<string, string>>): StationProcess =>
  launch(program, { directory, env: { PORT: "0", ...env } });

it("a folder of environments that is not there is told", async () => {
  const process = start("api", { STATION_DATA_DIR: "nowhere", STATION_ENVIRONMENTS_DIR: "enviroments" });
  await process.logged("listening");
  expect(process.find("no environments")).toMatchObject({
    level: "warn",
    environments_dir: join(directory, "enviroments"),
  });
  await process.stop();
});

it("a file that is not taken is told, and what to do about it", async () => {
  await writeFile(join(directory, "environments", "calm", "workflows", "later.yaml"), "id: later\n");
  const process = start("api", { STATION_DATA_DIR: "misnamed" });
  await process.logged("listening");
  expect(process.find("file not taken")).toMatchObject({
    level: "warn",
    file: "workflows/later.yaml",
    reason: "1:1 the file is ignored because of its name: rename it to later.workflow.yaml",
  });
  await process.stop();
});

it("stn serve that is stopped while its database is away ends in good order, as the container does", async () => {
  const cli = fileURLToPath(new URL("../../../src/main/cli.ts", import.meta.url));
  const env = { PORT: "0", STATION_DATABASE_URL: "http://127.0.0.1:1" };
  const serving = launchCommand([process.execPath, cli, "serve"], { directory, env });
  await serving.logged("answering, not ready yet");
  expect(await serving.stop()).toEqual({ code: 0, signal: null });
  expect(serving.text()).not.toContain("error: ");
});

describe.concurrent("a process that cannot start", () => {
  it("ends with 2 and everything that is wrong with its configuration", async () => {
    const process = start("api", {
      PORT: "eighty",
      STATION_LEASE_SECONDS: "0",
      STATION_NATS_URL: "http://queue",
      STATION_LOG_LEVEL: "loud",
    });
    expect(await process.ended).toEqual({ code: 2, signal: null });
    const text = process.text();
    expect(text).toContain("Station cannot start with this configuration:");
    for (const name of [
      "PORT=eighty",
      "STATION_LEASE_SECONDS=0",
      "STATION_NATS_URL=",
      "STATION_LOG_LEVEL=loud",
    ])
      expect(text).toContain(`  ${name}`);
    expect(text).not.toContain("    at ");
  });

  it("ends with 2 when it is a worker that shares neither queue nor database with anybody", async () => {
    const process = start("worker", {});
    expect(await process.ended).toEqual({ code: 2, signal: null });
    expect(process.text()).toContain("STATION_NATS_URL");
    expect(process.text()).toContain("STATION_DATABASE_URL");
  });

  it("ends with 1 and the reason when its database file cannot be opened", async () => {
    await writeFile(join(directory, "no-directory"), "");
    const process = start("api", { STATION_DATABASE_URL: "file:no-directory/station.db" });
    expect(await process.ended).toEqual({ code: 1, signal: null });
    expect(process.lines.at(-1)).toMatchObject({
      level: "error",
      message: "cannot start",
      error: expect.stringMatching(/cannot open the database file .*no-directory\/station\.db: E/),
    });
  });

  it("ends with 1 and names the owner when another process has its database file", async () => {
    const env = { STATION_DATA_DIR: "shared" };
    const owner = start("api", env);
    const { url } = await owner.logged("listening");
    const second = start("api", env);
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.lines.at(-1)).toMatchObject({
      message: "cannot start",
      error: expect.stringContaining(`is in use by process ${owner.pid} on `),
    });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await owner.stop()).toEqual({ code: 0, signal: null });
    const third = start("api", env);
    await third.logged("listening");
    await third.stop();
  });
});
