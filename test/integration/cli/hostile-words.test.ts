import { afterAll, beforeAll, expect, it } from "vitest";
import { memoryTools, says } from "../../support/memory-tools.ts";
import { createWorld, eventually, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

/** Writes to the clipboard, clears the screen, goes back to the line's beginning, and turns the text around. */
const EVIL = "evil\u001b]52;c;aGk=\u0007\u001b[2J\u009b31m\rOWNED\u202e";
/** Where nothing is coloured no other control is ours. */
const CONTROL = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u;

/** Asks before each of its two calls. */
const TWICE = `---
model: station/script
metadata: { name: twice, description: Asks twice }
tools: [act]
approvals: { tools: [act], approvers: ["user:ben"], timeout: 1h }
script:
  - call: { tool: act, args: { call: first, said: "{{ input.task }}" } }
  - call: { tool: act, args: { call: second } }
  - output: { said: "{{ input.task }}" }
---
Act.
`;

let world: World;
let stn: ReturnType<typeof stnFor>;
let asking = "";
let waiting = "";

beforeAll(async () => {
  const { source: tools } = memoryTools({ act: { does: () => says(EVIL) } });
  world = await createWorld({ works: true, prompts: [TWICE], tools });
  stn = stnFor(world);
  const { client } = world;
  const message = { title: EVIL, message: EVIL, summaryPath: "input" };
  const states = {
    asks: {
      name: "ask",
      type: "operation",
      action: "human.approval",
      input: message,
      timeoutSeconds: 3600,
    },
    waits: { name: "wait", type: "signal", signal: EVIL },
    acts: { name: "act", type: "operation", action: "agent.run", input: { agent: "twice", task: EVIL } },
  };
  for (const [id, state] of Object.entries(states)) {
    const definition = {
      id,
      version: EVIL,
      name: EVIL,
      description: EVIL,
      states: [{ ...state, end: true }],
    };
    await client.createWorkflow({ body: { definition } });
  }
  const start = async (workflowId: string) =>
    (await client.startRun({ body: { workflowId, input: { [EVIL]: EVIL } } })).runId;
  asking = await start("asks");
  waiting = await start("waits");
  await eventually(
    async () => (await client.listRunApprovals({ params: { runId: asking } })).items.length > 0,
  );
  const params = { runId: waiting };
  await eventually(async () => (await client.getRun({ params })).status === "WAITING_SIGNAL");
  await client.pauseRun({ params, body: { reason: EVIL } });
  const schedule = { name: "often", workflowId: "waits", cron: "0 9 * * *", input: { [EVIL]: EVIL } };
  await client.createSchedule({ body: schedule });
  await client.pauseSchedule({ params: { name: "often" }, body: { reason: EVIL } });
});
afterAll(() => world.close());

/** In an order in which each has something to say. */
const commands = (): readonly (readonly string[])[] => [
  ["workflow", "list"],
  ["workflow", "show", "asks"],
  ["workflow", "versions", "asks"],
  ["workflow", "graph", "waits"],
  ["workflow", "graph", "waits", "--format", "mermaid"],
  ["runs"],
  ["runs", "show", asking],
  ["runs", "show", waiting],
  ["events", asking],
  ["events", waiting],
  ["approvals"],
  ["approvals", "show", "@last"],
  ["approve", "@last", "--dry-run"],
  ["schedules"],
  ["schedules", "show", "often"],
  ["audit", "log"],
  ["expr", `"${EVIL}" + 1`],
  ["signal", waiting, EVIL],
  ["runs", "resume", waiting],
  ["runs", "show", EVIL],
  ["workflow", "show", EVIL],
  ["run", EVIL],
  ["validate", EVIL],
  ["schema", EVIL],
];

it.each([true, false])("no foreign word moves the cursor, on a terminal: %s", async (isTty) => {
  const moved: string[] = [];
  for (const argv of commands()) {
    const { out, err } = await stn.run([...argv, "--color", "never"], { isTty, columns: 120 });
    moved.push(...linesThatMove(out + err).map((line) => `${argv.slice(0, 3).join(" ")}: ${line}`));
  }
  expect(moved).toEqual([]);
});

it("an agent that asks twice is shown with its second question, and its transcript once it is whole", async () => {
  const { runId } = await world.client.startRun({ body: { workflowId: "acts" } });
  const asked = async (count: number) =>
    eventually(async () => {
      const { items } = await world.client.listRunApprovals({ params: { runId } });
      return items.length === count && items.find(({ status }) => status === "PENDING")?.approvalId;
    });
  const approve = async (approvalId: string, comment: string) => {
    world.as("user:ben");
    await world.client.approve({ params: { approvalId }, body: { comment } });
    world.as("user:ana");
  };
  await approve(await asked(1), "the first may be");
  const second = await asked(2);
  const { out: tree } = await stn.run(["runs", "show", runId, "--color", "never"], { columns: 120 });
  expect(tree).toContain("waiting for user:ben, 0 of 1");
  expect(tree).not.toContain("the first may be");

  const looked = Promise.withResolvers<void>();
  const watched = stnFor(world, {
    async fetch(request) {
      const answer = await world.app.request(request);
      if (new URL(request.url).pathname.includes("/agent-runs/")) looked.resolve();
      return answer;
    },
  });
  const following = watched.call(["logs", runId, "-f", "--json"]);
  await looked.promise; // while the agent waits
  await approve(second, "the second too");
  const { out, code } = await following.done;
  expect(code).toBe(0);
  const [transcript, ...more] = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { status: string; turns: readonly unknown[] });
  expect(more).toEqual([]);
  expect(transcript).toMatchObject({ status: "completed" });
  expect(transcript?.turns).toHaveLength(3);

  const { out: words } = await stn.run(["logs", runId, "--color", "never"], { isTty: true });
  expect(words).toContain("OWNED");
  expect(linesThatMove(words)).toEqual([]);
});

function linesThatMove(text: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => CONTROL.test(line))
    .map((line) => JSON.stringify(line));
}
