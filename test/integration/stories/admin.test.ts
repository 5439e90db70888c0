import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../support/server-process.ts";
import { removeDirectory, writeDirectory } from "./support/agents.ts";
import { environmentOf, removeServers, type Servers, startServers } from "./support/deployment.ts";
import { eventually } from "./support/eventually.ts";
import { launch, type Program, type StationProcess } from "./support/process.ts";
import { describeDistributed } from "./support/story.ts";

let directory: string;
beforeAll(async () => {
  directory = await writeDirectory();
});
afterAll(() => removeDirectory(directory));

const start = (program: Program, env: Readonly<Record<string, string>>): StationProcess =>
  launch(program, { directory, env: { PORT: "0", STATION_ADMIN_PORT: "0", ...env } });

async function adminOf(process: StationProcess): Promise<string> {
  return String((await process.logged("admin listening"))["url"]);
}

async function statusOf(url: string): Promise<number> {
  const answer = await fetch(url);
  await answer.text();
  return answer.status;
}

/** Nobody listens there. */
async function nowhere() {
  return {
    STATION_NATS_URL: `nats://127.0.0.1:${await freePort()}`,
    STATION_DATABASE_URL: `http://127.0.0.1:${await freePort()}`,
  };
}

it.each(["api", "worker"] as const)(
  "the %s of a deployment that has neither queue nor database is alive, not ready, and ends in good order",
  async (program) => {
    const process = start(program, await nowhere());
    const admin = await adminOf(process);
    expect(await statusOf(`${admin}/healthz`)).toBe(200);
    const answer = await fetch(`${admin}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: "unavailable" });
    expect(await process.stop()).toEqual({ code: 0, signal: null });
  },
);

it("a process can be stopped before it has connected to anything", async () => {
  const process = start("worker", await nowhere());
  await adminOf(process);
  expect(await process.stop()).toEqual({ code: 0, signal: null });
});

it("the platform's port is open in both address families, and is the platform's only", async () => {
  const process = start("api", {});
  const { port } = new URL(await adminOf(process));
  await process.logged("listening");
  for (const host of ["127.0.0.1", "[::1]"])
    expect(await statusOf(`http://${host}:${port}/readyz`)).toBe(200);
  expect(await statusOf(`http://127.0.0.1:${port}/api/v1/workflows`)).toBe(404);
  expect(await process.stop()).toEqual({ code: 0, signal: null });
});

it("the health check of a container tells a process that lives from one that does not", async () => {
  const process = start("api", {});
  const { port } = new URL(await adminOf(process));
  await process.logged("listening");
  const check = () => start("healthcheck", { STATION_ADMIN_PORT: port });
  expect(await check().ended).toEqual({ code: 0, signal: null });
  await process.kill();
  const failed = check();
  expect(await failed.ended).toEqual({ code: 1, signal: null });
  expect(failed.text()).toContain(`http://localhost:${port}/healthz does not answer`);
});

it("the health check asks at the one address that the process listens on", async () => {
  const listens = { STATION_ADMIN_HOST: "127.0.0.2" };
  const process = start("api", listens);
  const { port } = new URL(await adminOf(process));
  await process.logged("listening");
  const check = start("healthcheck", { ...listens, STATION_ADMIN_PORT: port });
  expect(await check.ended).toEqual({ code: 0, signal: null });
  expect(await process.stop()).toEqual({ code: 0, signal: null });
});

describeDistributed("with a queue and a database", () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => removeServers(servers));

  it("the tables are made by a container of its own, which needs no queue and can run again", async () => {
    const { STATION_DATABASE_URL } = environmentOf(servers);
    const first = start("migrate", { STATION_DATABASE_URL });
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(first.find("database is up to date")?.["migrated"]).not.toEqual([]);
    const second = start("migrate", { STATION_DATABASE_URL });
    expect(await second.ended).toEqual({ code: 0, signal: null });
    expect(second.find("database is up to date")?.["migrated"]).toEqual([]);
  });

  it("a worker is ready only while queue and database answer, and again without being restarted", async () => {
    const process = start("worker", environmentOf(servers));
    const admin = await adminOf(process);
    const answers = (status: number) =>
      eventually(async () => (await statusOf(`${admin}/readyz`)) === status);
    await answers(200);
    for (const server of [servers.nats, servers.sqld]) {
      await server.kill();
      await answers(503);
      expect(await statusOf(`${admin}/healthz`)).toBe(200);
      await server.restart();
      await answers(200);
    }
    expect(await process.stop()).toEqual({ code: 0, signal: null });
  });
});
