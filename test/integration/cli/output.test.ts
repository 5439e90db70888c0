import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { textWidth } from "../../../src/cli/terminal/text.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { type RouteName, routeList } from "../../../src/http/contract.ts";
import { gate, quick, waiter } from "../http/definitions.ts";
import { createWorld, eventually, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

let world: World;
let stn: ReturnType<typeof stnFor>;
let done: string;
let waiting: string;
let approval: string;

beforeAll(async () => {
  world = await createWorld({ works: true });
  for (const definition of [quick("quick"), gate("gate"), waiter("waiter")])
    await world.client.createWorkflow({ body: { definition } });
  stn = stnFor(world);
  done = (await world.client.startRun({ body: { workflowId: "quick", input: { count: 3 } } })).runId;
  await eventually(
    async () => (await world.client.getRun({ params: { runId: done } })).status === "COMPLETED",
  );
  waiting = (await world.client.startRun({ body: { workflowId: "gate" } })).runId;
  approval = await eventually(async () => {
    const { items } = await world.client.listRunApprovals({ params: { runId: waiting } });
    return items[0]?.approvalId;
  });
});
afterAll(() => world.close());

const valid = (route: RouteName, value: JsonValue) => {
  const schema = new Map(routeList).get(route)?.ok[1] as unknown as JsonObject;
  expect(world.ports.schemas.validate(schema, value)).toMatchObject({ valid: true });
};

describe("--json", () => {
  const cases: readonly (readonly [RouteName, () => readonly string[]])[] = [
    ["listWorkflows", () => ["workflow", "list"]],
    ["getWorkflow", () => ["workflow", "show", "quick"]],
    ["disableWorkflow", () => ["workflow", "disable", "waiter"]],
    ["enableWorkflow", () => ["workflow", "enable", "waiter"]],
    ["listAgents", () => ["agents"]],
    ["sync", () => ["sync"]],
    ["startRun", () => ["run", "waiter"]],
    ["getRun", () => ["run", "quick", "-i", '{"count": 1}', "--wait"]],
    ["listRuns", () => ["runs"]],
    ["getRun", () => ["runs", "show", done]],
    ["pauseRun", () => ["runs", "pause", waiting]],
    ["resumeRun", () => ["runs", "resume", waiting]],
    ["listEvents", () => ["events", done]],
    ["listApprovals", () => ["approvals"]],
    ["evaluateExpression", () => ["expr", "input.count + 1", "--run", done]],
  ];
  it.each(cases)("%s: one object that is the API's, and nothing else on stdout", async (route, argv) => {
    const { code, out } = await stn.run([...argv(), "--json"]);
    expect(code).toBe(0);
    valid(route, JSON.parse(out) as JsonValue);
  });

  it("is one object per line for streams", async () => {
    const { out } = await stn.run(["events", done, "-f", "--json"]);
    const items = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as JsonValue);
    for (const item of items) valid("streamEvents", item);
    expect(items.map((item) => (item as { seq: number }).seq)).toEqual(items.map((_, index) => index + 1));
  });

  it("an error is not data", async () => {
    expect(await stn.run(["--json", "workflow", "show", "nobody"])).toMatchObject({ out: "" });
  });
});

describe("-o", () => {
  it("id, jsonl and yaml", async () => {
    expect((await stn.run(["workflow", "list", "-o", "id"])).out).toBe("gate\nquick\nwaiter\n");
    const lines = (await stn.run(["workflow", "list", "-o", "jsonl"])).out.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(["gate", "quick", "waiter"]);
    valid("getRun", parse((await stn.run(["runs", "show", done, "-o", "yaml"])).out) as JsonValue);
    const bulk = await stn.run(["runs", "bulk", "pause", "--workflow", "gate", "--dry-run", "-o", "jsonl"]);
    expect(
      bulk.out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as JsonValue),
    ).toMatchObject([{ matching: 1 }]);
  });
});

describe("piped", () => {
  it("lists are tab-separated, whole and without titles", async () => {
    const { out, err } = await stn.run(["runs", "list", "--workflow", "gate"]);
    expect(err).toBe("");
    const [status, runId, workflow, started] = out.trimEnd().split("\t");
    expect([status, runId, workflow]).toEqual(["WAITING_APPROVAL", waiting, "gate v1"]);
    expect(started).toMatch(/^\d{4}-.*Z$/);
  });

  it("what was started is an id", async () => {
    const { out, err } = await stn.run(["run", "quick", "-f", "count=1"]);
    expect(out).toMatch(/^run_[0-9A-Z]{26}\n$/);
    expect(err).toContain("started quick v1");
    expect((await stn.run(["run", "quick", "-f", "count=1", "-q"])).err).toBe("");
  });

  it("input comes from stdin, with fields over it", async () => {
    const { out } = await stn.run(["run", "quick", "-i", "-", "-f", "count=5", "--json"], {
      input: '{"count": 1, "note": "x"}',
    });
    expect(JSON.parse(out)).toMatchObject({ input: { count: 5, note: "x" } });
  });
});

describe("on a terminal", () => {
  const plain = (text: string) =>
    text.replaceAll(/[0-9a-f]{26}|run_[0-9A-Z]{26}/g, (id) => id.replaceAll(/./g, "x"));

  it.each([60, 120])("of %i columns a list fits", async (columns) => {
    for (const argv of [["runs", "list", "--workflow", "gate"], ["workflow"], ["approvals"], ["agents"]]) {
      const { out } = await stn.run(argv, { isTty: true, columns, env: { NO_COLOR: "1" } });
      for (const line of out.split("\n")) expect(textWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  it("shows a run as a tree, with what can be typed", async () => {
    const { out } = await stn.run(["runs", "show", waiting], {
      isTty: true,
      columns: 120,
      env: { NO_COLOR: "1" },
    });
    expect(out).not.toContain("\x1b");
    expect(plain(out)).toContain("xxxx  gate v1");
    expect(out).toMatch(/◆ ask +[\d.]+m?s +waiting for user:ana, user:ben, 0 of 1 – 2[34]h left/);
    expect(out).toContain(`approve: stn approve ${approval.slice(0, 10)}`);
    expect(out).toContain("○ done");
  });

  it("uses colours and signs only where they can be shown", async () => {
    const argv = ["runs", "show", done];
    expect((await stn.run(argv, { isTty: true })).out).toContain("\x1b[32m");
    expect((await stn.run(argv, { isTty: true, env: { NO_COLOR: "1" } })).out).not.toContain("\x1b");
    expect((await stn.run([...argv, "--color", "always"])).out).toContain("\x1b[32m");
    expect((await stn.run(argv, { isTty: true, env: { LANG: "C", NO_COLOR: "1" } })).out).toMatch(
      /^\p{ASCII}*$/u,
    );
  });

  it("says so when there is nothing", async () => {
    const { out, err } = await stn.run(["runs", "--workflow", "nobody"], { isTty: true });
    expect({ out, err }).toEqual({ out: "", err: "no runs\n" });
  });
});

describe("ids", () => {
  it("may be a beginning of one, or the last", async () => {
    const show = async (id: string) =>
      JSON.parse((await stn.run(["runs", "show", id, "--json"])).out) as { runId: string };
    expect((await show(done)).runId).toBe(done);
    expect((await show(waiting.slice(0, 22))).runId).toBe(waiting);
    expect((await show(waiting.slice(4, 22).toLowerCase())).runId).toBe(waiting);
    const { items } = await world.client.listRuns({ query: { limit: 1 } });
    expect((await show("@last")).runId).toBe(items[0]?.runId);
  });

  it("that could be several are refused, with the candidates", async () => {
    const { code, err } = await stn.run(["runs", "show", "run_0"]);
    expect(code).toBe(2);
    expect(err).toContain("is the beginning of");
    expect(err).toMatch(/\n {2}run_[0-9A-Z]{26}\n/);
  });
});

it("an approval is sought among all that are open: what is unique on the first page may name another, too", async () => {
  await world.client.startRun({ body: { workflowId: "gate" } });
  const open = () => world.client.listApprovals({ query: { status: ["PENDING"] } });
  await eventually(async () => (await open()).items.length === 2);
  const paged = stnFor(world, {
    fetch(request) {
      const url = new URL(request.url);
      if (url.searchParams.has("limit")) url.searchParams.set("limit", "1");
      return world.app.request(new Request(url, request));
    },
  });
  const { code, err } = await paged.run(["approve", "apr_"]);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("is the beginning of 2 approvals") });
  expect((await open()).items).toHaveLength(2);
});

describe("what cannot be undone", () => {
  it("is not done where nobody can be asked", async () => {
    const { code, err } = await stn.run(["runs", "cancel", waiting]);
    expect(code).toBe(2);
    expect(err).toContain("--yes");
    expect((await stn.run(["runs", "cancel", waiting, "--no-input"], { isTty: true, input: "y" })).code).toBe(
      2,
    );
  });

  it("is done when the person says yes", async () => {
    const runId = (await world.client.startRun({ body: { workflowId: "waiter" } })).runId;
    const no = await stn.run(["runs", "cancel", runId], { isTty: true, input: "n" });
    expect(no.err).toContain("nothing was done");
    expect((await stn.run(["runs", "cancel", runId], { isTty: true, input: "y" })).code).toBe(0);
    expect((await world.client.getRun({ params: { runId } })).status).toBe("CANCELLED");
  });
});

it("an expression is evaluated over a run, and its error shown where it is", async () => {
  expect((await stn.run(["expr", "input.count * 2", "--run", done])).out).toBe("6\n");
  const { code, err } = await stn.run(["expr", "input.count +"]);
  expect(code).toBe(3);
  expect(err).toContain("input.count +\n");
  expect(err).toMatch(/\n {2,}\^/);
});
