import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openPrdStation, type PrdStation, single, text } from "./prd-station.ts";

let station: PrdStation;
beforeAll(async () => {
  station = await openPrdStation();
});
afterAll(() => station.close());

/** An agent that only the run knows, so that saving cannot refuse it. */
const late = (id: string) => single(id, "{{ ctx.agent }}");

describe("PRD §9.1: agent resolution", () => {
  test("TestAgentRunExecutor_ResolveByName_Success", async () => {
    const run = await station.runToEnd(single("by-name", "kubernetes-triage"));
    expect(run).toMatchObject({ status: "COMPLETED", output: { status: "healthy" } });
  });

  test("TestAgentRunExecutor_ResolveByName_NotFound", async () => {
    const refused = await station.send("POST", "/workflows", single("not-found", "nonexistent"));
    expect(refused).toMatchObject({
      status: 400,
      body: { errors: [{ code: "AGENT_NOT_FOUND", message: expect.stringContaining("agent not found") }] },
    });
    const run = await station.runToEnd(late("not-found-late"), { agent: "nonexistent" });
    expect(run).toMatchObject({
      status: "FAILED",
      error: { code: "agent_not_found", message: expect.stringContaining('not found in environment "prd"') },
    });
  });

  test("TestAgentRunExecutor_ResolveByName_WrongEnvironment", async () => {
    const refused = await station.send("POST", "/workflows", single("wrong-env", "elsewhere"));
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: "AGENT_NOT_FOUND" }] } });
    const run = await station.runToEnd(late("wrong-env-late"), { agent: "elsewhere" });
    expect(run).toMatchObject({
      status: "FAILED",
      error: { code: "agent_not_found", message: expect.stringContaining('not found in environment "prd"') },
    });
  });

  test("TestAgentRunExecutor_ResolveByName_EmptyName", async () => {
    const refused = await station.send("POST", "/workflows", single("empty", ""));
    expect(refused).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringContaining("agent name is required") }] },
    });
    const run = await station.runToEnd(late("empty-late"), { agent: "" });
    expect(run).toMatchObject({ status: "FAILED", error: { message: "agent name is required" } });
  });

  test("TestAgentRunExecutor_BackwardsCompatibility", async () => {
    const legacy = `id: legacy\nstates:\n  - id: work\n    type: operation\n    input: { task: agent.run, agent_id: 123 }\n    end: true\n`;
    const { validation } = await station.create(legacy);
    expect(validation).toMatchObject({ errors: [], warnings: [{ code: "DEPRECATED" }] });
    const { runId } = await station.client.startRun({ body: { workflowId: "legacy", environment: "prd" } });
    expect(await station.ended(runId)).toMatchObject({ status: "COMPLETED", output: { legacy: true } });
  });
});

describe("PRD §3.4: names within an environment", () => {
  test("an agent of another environment is refused with the reason, when saving and when running", async () => {
    const reason = expect.stringContaining("calls into another are not supported");
    const refused = await station.send("POST", "/workflows", single("foreign", "elsewhere@other"));
    expect(refused).toMatchObject({
      status: 400,
      body: { errors: [{ code: "UNSUPPORTED", message: reason }] },
    });
    const run = await station.runToEnd(late("foreign-late"), { agent: "elsewhere@other" });
    expect(run).toMatchObject({ status: "FAILED", error: { code: "agent_not_found", message: reason } });
  });

  test("a name that two agents answer to is an error at sync, when saving and when running", async () => {
    await writeFile(station.agentFile("twin"), text("Twin", { script: "[{ output: 1 }]" }));
    await writeFile(station.agentFile("other-twin"), text("twin", { script: "[{ output: 2 }]" }));
    // what was read of an environment's agents is good for a moment
    await vi.waitFor(
      async () => {
        const report = await station.client.sync({ body: { environment: "prd" } });
        const twins = report.rows.filter(({ file }) => file.endsWith("twin.prompt"));
        expect(twins).toMatchObject([
          { result: "invalid", diagnostics: [{ code: "DUPLICATE_NAME" }] },
          { result: "invalid", diagnostics: [{ code: "DUPLICATE_NAME" }] },
        ]);
      },
      { timeout: 20_000, interval: 100 },
    );
    const refused = await station.send("POST", "/workflows", single("twins", "twin"));
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: "AGENT_UNUSABLE" }] } });
    const run = await station.runToEnd(late("twins-late"), { agent: "twin" });
    expect(run).toMatchObject({ status: "FAILED", error: { code: "agent_ambiguous" } });
  });
});
