import { expect, test } from "vitest";
import { createTestRunner } from "../../../test/support/agent-runner.ts";
import type { AgentDefinition } from "../../core/definition/agent.ts";
import { createSchemas } from "../json-schema/schemas.ts";
import { createDirectories } from "./directory.ts";
import { agent, keepingLog, request } from "./test-agents.ts";

const never = new AbortController().signal;

/** Files that can be changed, a clock that can be moved, and a count of the readings. */
function workshop(...first: readonly AgentDefinition[]) {
  const world = { now: 0, readings: 0, agents: first };
  const clock = { now: () => world.now, random: () => 0 };
  const load = async () => {
    world.readings++;
    return { agents: world.agents, problems: [] };
  };
  const runner = createTestRunner({ load, schemas: createSchemas(), clock, log: keepingLog() });
  return { world, runner, directories: createDirectories({ load, clock }) };
}

test("a changed prompt file is seen within a second, and the files are not read for every step", async () => {
  const { world, runner } = workshop(agent("a"));
  await runner.run(request("a"), never);
  world.agents = [agent("a", { script: [{ text: "changed" }] })];
  world.now = 999;
  expect(await runner.run(request("a"), never)).toMatchObject({ output: "done" });
  expect(world.readings).toBe(1);
  world.now = 1000;
  expect(await runner.run(request("a"), never)).toMatchObject({ output: "changed" });
});

test("an agent that was just added is found at once", async () => {
  const { world, runner } = workshop(agent("a"));
  await runner.run(request("a"), never);
  world.agents = [agent("a"), agent("b")];
  world.now = 60;
  expect(await runner.run(request("b"), never)).toMatchObject({ output: "done" });
  world.agents = [agent("c")];
  world.now = 120;
  expect(await runner.list("default")).toMatchObject([{ name: "c" }]);
});

test("steps that ask while the files are being read share one reading", async () => {
  const { world, runner } = workshop(agent("a"));
  const results = await Promise.all(Array.from({ length: 50 }, () => runner.run(request("a"), never)));
  expect(results.every(({ status }) => status === "completed")).toBe(true);
  expect(world.readings).toBe(1);
});

test("an agent whose file did not change stays the same object", async () => {
  const { world, directories } = workshop(agent("a"), agent("b"));
  const [a, b] = (await directories("default", 0)).agents;
  world.agents = [agent("a"), agent("b", { description: "changed" })];
  const again = (await directories("default", 0)).agents;
  expect(again[0]).toBe(a);
  expect(again[1]).not.toBe(b);
});

test("with a version at hand, files are read again only when it changed", async () => {
  const world = { now: 0, version: "1", readings: 0 };
  const load = async () => {
    world.readings++;
    return { agents: [agent("a", { script: [{ text: world.version }] })], problems: [] };
  };
  const clock = { now: () => world.now, random: () => 0 };
  const version = async () => world.version;
  const runner = createTestRunner({ load, version, schemas: createSchemas(), clock, log: keepingLog() });
  for (const now of [0, 1000, 2000, 3000]) {
    world.now = now;
    expect(await runner.run(request("a"), never)).toMatchObject({ output: "1" });
  }
  expect(world.readings).toBe(1);
  Object.assign(world, { now: 4000, version: "2" });
  expect(await runner.run(request("a"), never)).toMatchObject({ output: "2" });
});

test("a folder that cannot be read may be readable at the next attempt", async () => {
  const problem = { code: "UNREADABLE", severity: "error", path: "", line: 1, column: 1 } as const;
  const load = async () => ({
    agents: [],
    problems: [{ ...problem, file: "agents", message: "there is no permission to read it" }],
  });
  const clock = { now: () => 0, random: () => 0 };
  const runner = createTestRunner({ load, schemas: createSchemas(), clock, log: keepingLog() });
  expect(await runner.run(request("a"), never)).toMatchObject({
    error: {
      code: "agent_invalid",
      message: 'agent "a" cannot be used: agents:1: there is no permission to read it',
      retryable: true,
    },
  });
});

test("a clock that was set back does not keep old files alive", async () => {
  const { world, runner } = workshop(agent("a"));
  world.now = 10_000;
  await runner.run(request("a"), never);
  world.now = 5_000;
  await runner.run(request("a"), never);
  expect(world.readings).toBe(2);
});

test("files that cannot be read reject, and the next step tries again", async () => {
  let isAway = true;
  const load = () => {
    if (isAway) throw new Error("disk away");
    return Promise.resolve({ agents: [agent("a")], problems: [] });
  };
  const clock = { now: () => 0, random: () => 0 };
  const runner = createTestRunner({ load, schemas: createSchemas(), clock, log: keepingLog() });
  await expect(runner.run(request("a"), never)).rejects.toThrow("disk away");
  isAway = false;
  expect(await runner.run(request("a"), never)).toMatchObject({ status: "completed" });
});

test("a step whose agent is at hand is answered without waiting for a timer or for input", async () => {
  const { runner } = workshop(agent("a", { script: [{ output: { ok: true } }] }));
  await runner.run(request("a"), never);
  let isTurnOver = false;
  setImmediate(() => {
    isTurnOver = true;
  });
  for (let step = 0; step < 1000; step++) await runner.run(request("a"), never);
  expect(isTurnOver).toBe(false);
});

test("who must know how the files are is not told what somebody began to read before", async () => {
  const [begun, before] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let agents = [agent("a")];
  const load = async () => {
    const read = { agents, problems: [] };
    begun.resolve();
    await before.promise;
    return read;
  };
  const directories = createDirectories({ load, clock: { now: () => 0, random: () => 0 } });
  const early = directories("default", 50);
  await begun.promise;
  agents = [agent("a"), agent("b")];
  const late = Promise.all([directories("default", 0), directories("default", 0)]);
  before.resolve();
  expect((await early).agents).toHaveLength(1);
  expect((await late).map((one) => one.agents.length)).toEqual([2, 2]);
});
