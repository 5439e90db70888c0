import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gate } from "../http/definitions.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

let world: World;
let stn: ReturnType<typeof stnFor>;
const TRIAGE = "environments/default/workflows/incident-triage.workflow.yaml";

beforeAll(async () => {
  world = await createWorld({ works: false });
  await world.client.createWorkflow({ body: { definition: gate("gate") } });
  stn = stnFor(world);
});
afterAll(() => world.close());

describe("stn workflow graph", () => {
  it("draws a file", async () => {
    const { code, out } = await stn.run(["workflow", "graph", TRIAGE], { columns: 60 });
    expect(code).toBe(0);
    expect(out.split("\n").slice(0, 9)).toEqual([
      "● inject_defaults      inject",
      "● diagnostics          parallel",
      "├─ pods",
      "│  ● check_pods        agent k8s-pod-checker",
      "├─ errors",
      "│  ● check_errors      agent slo-analyzer",
      "● decide               switch on steps.diagnostics.errors.result",
      "├─ error_rate > ctx.config.thresholds.errorRate",
      "│  ● request_approval  approval",
    ]);
  });

  it("draws a workflow of the server, as Mermaid or in plain characters", async () => {
    const { code, out } = await stn.run(["workflow", "graph", "gate", "--format", "mermaid"]);
    expect({ code, first: out.split("\n")[0] }).toEqual({ code: 0, first: "flowchart TD" });
    const plain = await stn.run(["workflow", "graph", TRIAGE], { env: { LANG: "C" } });
    expect(plain.out).toMatch(/^\p{ASCII}*$/u);
    expect(JSON.parse((await stn.run(["workflow", "graph", "gate", "--json"])).out)).toMatchObject({
      id: "gate",
    });
  });

  it("says what there is not", async () => {
    expect(await stn.run(["workflow", "graph", "nowhere"])).toMatchObject({ code: 5 });
    expect(await stn.run(["workflow", "graph", "nowhere.workflow.yaml"])).toMatchObject({ code: 5 });
  });
});
