import { afterAll, beforeAll, expect, it } from "vitest";
import { QueueUnavailable } from "../../../src/engine/errors.ts";
import { createApp } from "../../../src/http/app.ts";
import { createClient } from "../../../src/http/client.ts";
import { describeProblems, loadConfig } from "../../../src/main/config.ts";
import { installationOf } from "../../../src/main/installation.ts";
import { quick } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;

const broken = `id: broken
version: "1.0"
states:
  - { name: go, type: transform, expression: "1 + ctx.nothing.at_all", end: true }
`;

beforeAll(async () => {
  world = await createWorld({ works: true });
});
afterAll(() => world.close());

it("the overview counts what began in the last hours, and puts what failed alike together", async () => {
  await world.client.createWorkflow({ body: { definition: broken } });
  await world.client.createWorkflow({ body: { definition: quick("fine") } });
  for (const workflowId of ["broken", "broken", "fine"])
    await world.client.startRun({ body: { workflowId, input: { count: 1 } } });
  await eventually(async () => {
    const { counts } = await world.client.countRuns();
    return counts.FAILED === 2 && counts.COMPLETED === 1;
  });
  const { buckets, failures } = await world.client.getActivity({ query: { hours: 3 } });
  expect(buckets.map(({ counts }) => counts)).toEqual([{}, {}, { COMPLETED: 1, FAILED: 2 }]);
  expect(failures).toEqual([
    expect.objectContaining({ workflowId: "broken", environment: "default", state: "go", count: 2 }),
  ]);
});

it("the installation says what it is, what it stands on and what is in it, to whoever may look there", async () => {
  world.as({
    kind: "user",
    id: "user:ben",
    name: "ben",
    teams: [],
    roles: [{ role: "viewer", environment: "default" }],
  });
  const system = await world.client.getSystem();
  expect(system.parts).toEqual({
    store: { state: "ok", error: null, since: null },
    queue: { state: "ok", error: null, since: null },
  });
  expect([system.processes, system.workers]).toEqual([1, 1]);
  expect(system.tasks).toMatchObject({ pending: 0 });
  expect(system.environments).toEqual([{ name: "default", hasFiles: true, workflows: 2 }]);
  world.as({ kind: "user", id: "user:new", name: "new", teams: [], roles: [] });
  expect((await world.client.getSystem()).environments).toEqual([]);
});

it("an admin of everything is told paths, retention and whose groups have which roles, and no secret", async () => {
  const loaded = loadConfig({
    STATION_DATA_DIR: "/var/lib/station",
    STATION_RETENTION: "90d, FAILED=forever",
    STATION_OIDC_ISSUER: "https://login.example.com",
    STATION_OIDC_CLIENT_ID: "station",
    STATION_OIDC_CLIENT_SECRET: "not to be told",
    STATION_OIDC_ROLES: "sre=operator@prod, *=viewer",
  });
  if (!loaded.ok) throw new Error(describeProblems(loaded.problems));
  const app = createApp({ ...world.ports, installation: installationOf(loaded.config) });
  const client = createClient({ baseUrl: "http://station", fetch: async (request) => app.fetch(request) });
  world.as("user:ana");
  const told = await client.getConfiguration();
  expect(told).toEqual({
    paths: {
      data: "/var/lib/station",
      environments: expect.stringMatching(/^\/.*environments$/),
      archive: "/var/lib/station/archive",
      database: "/var/lib/station/station.db",
    },
    retention: {
      rules: [
        { workflow: null, status: null, keepMs: 90 * 86_400_000 },
        { workflow: null, status: "FAILED", keepMs: null },
      ],
      holdLabel: "hold",
    },
    provider: {
      issuer: "https://login.example.com",
      clientId: "station",
      userClaim: "email",
      groupsClaim: "groups",
      roles: [
        { group: "sre", role: "operator", environment: "prod" },
        { group: "*", role: "viewer", environment: "*" },
      ],
    },
  });
  expect(JSON.stringify(told)).not.toContain("not to be told");
});

it("while the queue is away the installation says so, and since when", async () => {
  const away = new Proxy(world.ports.queue, {
    get: (queue, name, self) =>
      name === "ping"
        ? async () => Promise.reject(new QueueUnavailable("no route"))
        : Reflect.get(queue, name, self),
  });
  world.as("user:ana");
  const app = createApp({ ...world.ports, queue: away });
  const client = createClient({ baseUrl: "http://station", fetch: async (request) => app.fetch(request) });
  const { parts, tasks } = await client.getSystem();
  expect(parts.queue).toEqual({ state: "away", error: "no route", since: expect.any(String) });
  expect(tasks).toBeNull();
});
