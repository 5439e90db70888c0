import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gate, quick } from "../http/definitions.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

let world: World;
let stn: ReturnType<typeof stnFor>;
let dir = "";

beforeAll(async () => {
  world = await createWorld({ works: true });
  for (const definition of [quick("quick"), gate("gate")])
    await world.client.createWorkflow({ body: { definition } });
  stn = stnFor(world);
  dir = await mkdtemp(join(tmpdir(), "station-dry-"));
});
afterAll(async () => {
  await world.close();
  await rm(dir, { recursive: true, force: true });
});

describe("stn run --dry-run", () => {
  it("plays a workflow of the server through and leaves no run there", async () => {
    const { code, out, err } = await stn.run(["run", "gate", "--dry-run", "--json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({
      workflowId: "gate",
      workflowVersion: 1,
      status: "COMPLETED",
      brokenOff: null,
      assumed: [expect.stringMatching(/^approval ".*" is granted$/)],
    });
    expect((await world.client.listRuns({})).items).toEqual([]);
  });

  it("exits as the run would: 13 when an approval is rejected", async () => {
    const first = JSON.parse((await stn.run(["run", "gate", "--dry-run", "--json"])).out) as {
      assumed: string[];
    };
    const state = /"(.*)"/.exec(first.assumed[0] ?? "")?.[1] ?? "";
    const { code } = await stn.run(["run", "gate", "--dry-run", "--reject", state]);
    expect(code).toBe(13);
  });

  it("plays a file through, shows the path and what it would call, and gives the answers it is told", async () => {
    const file = join(dir, "triage.workflow.yaml");
    await writeFile(
      file,
      `id: triage
states:
  - { name: look, type: agent, agent: slo-analyzer, task: "Look at {{ ctx.service }}", next: decide }
  - { name: decide, type: switch, conditions: [{ if: steps.look.error_rate > 0.1, next: wait }], defaultNext: fine }
  - { name: wait, type: signal, signal: go, next: fine }
  - { name: fine, type: inject, data: { fine: true }, end: true }
`,
    );
    const calm = await stn.run(["run", file, "--dry-run", "-f", "service=checkout"]);
    expect(calm.code).toBe(0);
    expect(calm.out).toContain("otherwise → fine");
    expect(calm.out).toContain("would call\n  look → slo-analyzer: Look at checkout");
    const answer = 'look={"error_rate": 0.5}';
    const bad = await stn.run([
      "run",
      file,
      "--dry-run",
      "-f",
      "service=checkout",
      "--answer",
      answer,
      "--json",
    ]);
    expect(JSON.parse(bad.out)).toMatchObject({
      paths: { "": ["look", "decide", "wait", "fine"] },
      calls: [{ state: "look", agent: "slo-analyzer", source: "given" }],
      assumed: ['signal "go" comes with {}'],
    });
  });

  it("refuses what cannot be played: a broken file, a wrong input, an unknown workflow", async () => {
    const file = join(dir, "broken.workflow.yaml");
    await writeFile(file, "id: broken\nstates: [{ name: a, type: agnt }]\n");
    expect(await stn.run(["run", file, "--dry-run"])).toMatchObject({ code: 3, out: "" });
    expect(await stn.run(["run", "quick", "--dry-run", "-f", "count=many"])).toMatchObject({ code: 3 });
    expect(await stn.run(["run", "nowhere", "--dry-run"])).toMatchObject({ code: 5 });
    expect(await stn.run(["run", "quick", "--dry-run", "--wait"])).toMatchObject({ code: 2 });
  });
});
