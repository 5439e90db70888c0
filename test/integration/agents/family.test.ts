import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { withPiece } from "../../../src/core/agent/spoken.ts";
import type { Progress } from "../../../src/http/client/stream.ts";
import { eventually } from "../stories/support/eventually.ts";
import { ended, familyTurns, type Scene, stage, startRun, TURNS_IN_ALL, turnOf } from "./family.ts";

let scene: Scene | undefined;
afterEach(() => scene?.remove());

test("an agent, its child, real tools and a model on the wire: everything is done once and can be read", async () => {
  scene = await stage();
  const station = scene.start();
  const client = await scene.client(station);
  const runId = await startRun(client);
  const told: Progress[] = [];
  const types: string[] = [];
  for await (const { type } of client.stream(runId, { onProgress: (progress) => told.push(progress) }))
    types.push(type);
  expect(types.at(-1)).toBe("run.completed");
  expect(types.filter((type) => type.startsWith("agent."))).toEqual([]);
  expect(told).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: "agent.tool", tool: "append", status: "finished", agent: "clerk" }),
      expect.objectContaining({ type: "agent.turn", status: "started", agent: "boss" }),
    ]),
  );
  const words = told.flatMap((one) => (one.type === "agent.text" && one.agent === "boss" ? [one] : []));
  expect(words.reduce(withPiece, "")).toBe("all done");
  const run = await ended(client, runId);
  expect(run).toMatchObject({ status: "COMPLETED", output: "all done", simulated: false });
  expect((await scene.ledger()).map((line) => line.split("\t")[0])).toEqual(["boss-1", "clerk-1", "boss-2"]);
  expect(scene.model.asked).toHaveLength(TURNS_IN_ALL);

  const { items } = await client.listAgentRuns({ params: { runId } });
  expect(items.map(({ agent, status, turns, calls }) => [agent, status, turns, calls])).toEqual([
    ["boss", "completed", 4, 4],
    ["clerk", "completed", 2, 1],
  ]);
  const boss = await client.getAgentRun({ params: { agentRunId: items[0]?.agentRunId ?? "" } });
  expect(boss).toMatchObject({
    prompt: [
      { role: "system", text: "You are boss." },
      { role: "user", text: "do it" },
    ],
    usage: { inputTokens: 400, outputTokens: 40 },
    turns: [
      {
        calls: [
          { tool: "append", text: "appended" },
          { tool: "echo", text: "Echo: hello", isError: false },
        ],
      },
      { calls: [{ tool: "__agent_clerk", text: "written" }] },
      { calls: [{ tool: "append" }] },
      { text: "all done", calls: [] },
    ],
    output: "all done",
  });
  // The key is in the process's environment and nowhere else.
  expect(
    JSON.stringify([items, boss, await client.listEvents({ params: { runId } })]) + station.text(),
  ).not.toContain("sk-canary");
});

test("stn logs -f shows what a model says while it says it, with its secrets hidden, and each word once", async () => {
  const [begins, goesOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  scene = await stage({}, async (asked) => {
    const { who, turn } = turnOf(asked);
    if (who !== "boss" || turn !== 3) return familyTurns(asked);
    await begins.promise;
    return { text: "the key is sk-abcdefghijklmnopqrst and all is done", holds: goesOn.promise };
  });
  const station = scene.start();
  const client = await scene.client(station);
  const runId = await startRun(client);
  const { url } = await station.logged("listening");
  const cli = fileURLToPath(new URL("../../../src/main/cli.ts", import.meta.url));
  const logs = spawn(process.execPath, [cli, "logs", "-f", runId, "--url", String(url)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"], HOME: scene.directory, NO_COLOR: "1" },
  });
  let shown = "";
  logs.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  await eventually(async () => shown.includes("clerk: written"));
  begins.resolve();
  await eventually(async () => /^boss: the key is \[redacted\] and /m.test(shown));
  expect((await client.getRun({ params: { runId } })).finishedAt).toBeNull();
  expect(shown).not.toContain("all is done");
  goesOn.resolve();
  await once(logs, "close");
  expect(shown.match(/^boss: the key is \[redacted\] and all is done$/gm)).toHaveLength(1);
  expect(shown).toContain("clerk: written\n");
  expect(shown).toMatch(/completed · 440 tokens\n$/);
});

test("a call that needs approval waits through a restart, below a parent, and is made as it was changed", async () => {
  scene = await stage({ clerk: "tools: [append]\napprovals: { tools: [destructive] }" });
  let station = scene.start();
  let client = await scene.client(station);
  const runId = await startRun(client);
  const open = () =>
    eventually(async () => (await client.listApprovals({ query: { status: ["PENDING"] } })).items[0]);
  const approval = await open();
  expect(approval).toMatchObject({
    runId,
    title: "clerk wants to call ledger.append",
    summary: { agent: "clerk", tool: "append", arguments: { line: "clerk-1" } },
  });
  expect(await client.getRun({ params: { runId } })).toMatchObject({ status: "WAITING_APPROVAL" });
  await station.kill();
  station = scene.start();
  client = await scene.client(station);
  const params = { approvalId: approval.approvalId };
  await client.approve({ params, body: { digest: approval.digest, args: { line: "clerk-changed" } } });
  expect(await ended(client, runId)).toMatchObject({ status: "COMPLETED", output: "all done" });
  expect((await scene.ledger()).map((line) => line.split("\t")[0])).toEqual([
    "boss-1",
    "clerk-changed",
    "boss-2",
  ]);
  expect(scene.model.asked).toHaveLength(TURNS_IN_ALL);
  const events = await client.listEvents({ params: { runId } });
  expect(events.items.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["approval.requested", "approval.approved", "step.resumed"]),
  );
});

test("a denied call is not made, and the agent goes on without it", async () => {
  scene = await stage({ boss: "tools: [append, echo]\nagents: [clerk]\napprovals: [ledger.append]" });
  const client = await scene.client(scene.start());
  const runId = await startRun(client);
  for (const decision of ["reject", "approve"] as const) {
    const approval = await eventually(
      async () => (await client.listApprovals({ query: { status: ["PENDING"] } })).items[0],
    );
    await client[decision]({ params: { approvalId: approval.approvalId }, body: { comment: "no" } });
    await eventually(
      async () =>
        (await client.getApproval({ params: { approvalId: approval.approvalId } })).status !== "PENDING",
    );
  }
  expect(await ended(client, runId)).toMatchObject({ status: "COMPLETED" });
  expect((await scene.ledger()).map((line) => line.split("\t")[0])).toEqual(["clerk-1", "boss-2"]);
});

test("a cancelled run takes model call and child with it at once, without waiting for a heartbeat, and the agents end as cancelled", async () => {
  scene = await stage({}, (asked) => {
    const said = JSON.stringify(asked.messages);
    return said.includes("You are clerk") ? { hangs: true } : familyTurns(asked);
  });
  const { model } = scene;
  const client = await scene.client(scene.start(undefined, { STATION_LEASE_SECONDS: "60" }));
  const runId = await startRun(client);
  await eventually(async () => model.asked.length === 3);
  const at = Date.now();
  await client.cancelRun({ params: { runId }, body: { reason: "enough" } });
  await eventually(async () => model.aborted.count === 1);
  // The next heartbeat would be twenty seconds away.
  expect(Date.now() - at).toBeLessThan(5000);
  const statuses = await eventually(async () => {
    const { items } = await client.listAgentRuns({ params: { runId } });
    return items.every(({ status }) => status === "cancelled") ? items.map(({ status }) => status) : null;
  });
  expect(statuses).toEqual(["cancelled", "cancelled"]);
  expect(await client.getRun({ params: { runId } })).toMatchObject({ status: "CANCELLED" });
});

test("a run that is cancelled while its worker is dead ends its agents too", async () => {
  scene = await stage({}, (asked) => (asked.messages.length > 2 ? { hangs: true } : familyTurns(asked)));
  const { model } = scene;
  const station = scene.start();
  const runId = await startRun(await scene.client(station));
  await eventually(async () => model.asked.length === 2);
  await station.kill();
  const client = await scene.client(scene.start());
  await client.cancelRun({ params: { runId }, body: {} });
  await eventually(async () => {
    const { items } = await client.listAgentRuns({ params: { runId } });
    return items.every(({ status }) => status === "cancelled");
  });
  expect(await client.getRun({ params: { runId } })).toMatchObject({ status: "CANCELLED" });
});

test("what agents use up is counted where it is kept: turns, tokens, calls, by agent and model", async () => {
  scene = await stage();
  const station = scene.start(undefined, {
    STATION_ADMIN_PORT: "0",
    STATION_ADMIN_HOST: "127.0.0.1",
    STATION_AI_PRICES: JSON.stringify({ "openai/gpt-4o-mini": { input: 10, output: 100 } }),
  });
  const client = await scene.client(station);
  await ended(client, await startRun(client));
  const { url } = await station.logged("admin listening");
  const figures = await (await fetch(`${url}/metrics`)).text();
  const count = (name: string) =>
    Number(
      figures
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.split(" ")[1],
    );
  const boss = 'environment="default",agent="boss",model="openai/gpt-4o-mini"';
  expect(count(`station_agent_turn_duration_seconds_count{${boss}}`)).toBe(4);
  expect(count(`station_agent_tokens_total{${boss},kind="input"}`)).toBe(400);
  expect(count(`station_agent_tokens_total{${boss.replace("boss", "clerk")},kind="output"}`)).toBe(20);
  expect(count(`station_agent_cost_dollars_total{${boss}}`)).toBeCloseTo(4 * (100 * 10 + 10 * 100) * 1e-6);
  const calls = 'station_agent_tool_calls_total{environment="default",agent="boss"';
  expect(count(`${calls},tool="append",outcome="succeeded"}`)).toBe(2);
  expect(count(`${calls},tool="__agent_clerk",outcome="succeeded"}`)).toBe(1);
});
