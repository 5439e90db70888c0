import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunEventItem } from "../../../src/http/schemas/runs.ts";
import { serveHttp } from "../../../src/http/serve.ts";
import { gate, quick, waiter } from "../http/definitions.ts";
import { createWorld, eventually, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

let world: World;
let stn: ReturnType<typeof stnFor>;

beforeAll(async () => {
  world = await createWorld({ works: true });
  for (const definition of [quick("quick"), gate("gate"), waiter("waiter")])
    await world.client.createWorkflow({ body: { definition } });
  stn = stnFor(world);
});
afterAll(() => world.close());

describe("--follow", () => {
  it("draws the tree in place, and leaves it standing at the end", async () => {
    const { terminal, done } = stn.call(["run", "gate", "--follow"], {
      isTty: true,
      columns: 100,
      env: { NO_COLOR: "1" },
    });
    const approvalId = await eventually(
      async () => /approve (apr_[0-9a-f]{6})/.exec(terminal.screen("stderr"))?.[1],
    );
    expect(terminal.screen("stderr")).toContain("○ done");
    expect((await stn.run(["approve", approvalId, "-m", "fine"])).code).toBe(0);
    expect((await done).code).toBe(0);
    const screen = terminal.screen("stderr");
    expect(screen.match(/ ask /g)).toHaveLength(1);
    expect(screen).toMatch(/✓ ask .* approved by user:ana: fine\n✓ done +\d+m?s\n\n✓ completed in /);
    expect(terminal.out()).toBe("");
  });

  it("prints one line per event where it cannot draw", async () => {
    const { code, err, out } = await stn.run(["run", "quick", "-f", "count=1", "--follow"]);
    expect(code).toBe(0);
    const runId = out.trim();
    const { items } = await world.client.listEvents({ params: { runId } });
    const lines = err.trimEnd().split("\n");
    expect(lines).toHaveLength(items.length);
    expect(lines[0]).toMatch(/^ {3}1 +\+0ms {2}○ created: quick v1 by user:ana \[cli\]$/);
    expect(lines.at(-1)).toMatch(/✓ completed$/);
    expect(err).not.toContain("\x1b");
  });

  it("is NDJSON for programs", async () => {
    const { out, err } = await stn.run(["run", "quick", "-f", "count=1", "--follow", "--json"]);
    const types = out
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as RunEventItem).type);
    expect([types[0], types.at(-1)]).toEqual(["run.created", "run.completed"]);
    expect(err).toBe("");
  });
});

it("--wait says the end once and nothing in between", async () => {
  const { out, err } = await stn.run(["run", "quick", "-f", "count=1", "--wait"]);
  expect(err).toMatch(/^started quick v1 as run_\w+, waiting for its end\n✓ completed after \d+m?s\n$/);
  expect(out).toMatch(/^run_\w+\n$/);
});

it.each([
  ["NDJSON", ["--json"]],
  ["lines", []],
])(
  "survives a restart of the server without losing or repeating a line (%s)",
  async (_, options) => {
    const first = await serveHttp({ app: world.app, host: "127.0.0.1", port: 0, graceMs: 50 });
    const { port } = new URL(first.url);
    const over = stnFor(world, { server: { ok: true, url: first.url, isGiven: true, apiKey: null }, fetch });
    const { terminal, done } = over.call(["run", "waiter", "--follow", ...options]);
    const shown = () => (options.length > 0 ? terminal.out() : terminal.err());
    const runId = await eventually(async () => {
      const { items } = await world.client.listRuns({ query: { workflowId: "waiter", limit: 1 } });
      return items[0]?.status === "WAITING_SIGNAL" && shown() !== "" && items[0].runId;
    });
    await first.close();
    await world.client.pauseRun({ params: { runId }, body: { reason: "while nobody looks" } });
    const second = await serveHttp({ app: world.app, host: "127.0.0.1", port: Number(port), graceMs: 50 });
    await world.client.resumeRun({ params: { runId }, body: {} });
    await world.client.signalRun({ params: { runId }, body: { name: "go" } });
    expect((await done).code).toBe(0);
    await second.close();
    const { items } = await world.client.listEvents({ params: { runId } });
    const seqs = [...shown().matchAll(/^(?:\{"seq":| *)(\d+)[ ,]/gm)].map(([, seq]) => Number(seq));
    expect(seqs).toEqual(items.map(({ seq }) => seq));
    expect(shown()).toContain("while nobody looks");
  },
  20_000,
);

it.each(["SIGINT", "SIGTERM"] as const)("%s ends what follows, and the run goes on", async (signal) => {
  const workflowId = signal.toLowerCase();
  await world.client.createWorkflow({ body: { definition: waiter(workflowId) } });
  const server = await serveHttp({ app: world.app, host: "127.0.0.1", port: 0, graceMs: 50 });
  const child = spawn(process.execPath, ["src/main/cli.ts", "run", workflowId, "--follow"], {
    env: { ...process.env, STATION_URL: server.url },
  });
  try {
    const ended = once(child, "exit");
    await once(child.stderr, "data");
    child.kill(signal);
    expect(await ended).toEqual([130, null]);
    const { runId } = await eventually(async () => {
      const { items } = await world.client.listRuns({ query: { workflowId } });
      return items[0]?.status === "WAITING_SIGNAL" && items[0];
    });
    await world.client.signalRun({ params: { runId }, body: { name: "go" } });
  } finally {
    child.kill("SIGKILL");
    await server.close();
  }
});
