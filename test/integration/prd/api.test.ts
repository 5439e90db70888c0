import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPrdStation, type PrdStation, single } from "./prd-station.ts";

let station: PrdStation;
beforeAll(async () => {
  station = await openPrdStation();
});
afterAll(() => station.close());

const pair = (id: string, first: string, second: string) => `id: ${id}
states:
  - id: step1
    type: operation
    input: { task: agent.run, agent: ${first} }
    transition: step2
  - id: step2
    type: operation
    input: { task: agent.run, agent: ${second} }
    end: true
`;

describe("PRD §9.2: API", () => {
  test("TestAPI_CreateWorkflow_Valid", async () => {
    expect(await station.send("POST", "/workflows", single("valid", "notifier"))).toMatchObject({
      status: 201,
      body: { id: "valid", version: 1, validation: { errors: [], warnings: [] } },
    });
  });

  test("TestAPI_CreateWorkflow_AgentNotFound", async () => {
    expect(
      await station.send("POST", "/workflows", single("invalid-agent", "nonexistent-agent")),
    ).toMatchObject({
      status: 400,
      body: {
        code: "workflow-invalid",
        errors: [{ code: "AGENT_NOT_FOUND", pointer: "/states/0/input/agent", line: 5 }],
        validation: { errors: [{ message: expect.stringContaining('(state "work")') }] },
      },
    });
    expect((await station.get("/api/v1/workflows/invalid-agent?environment=prd")).status).toBe(404);
  });

  test("TestAPI_CreateWorkflow_SchemaIncompatible", async () => {
    const mismatch = pair("incompatible", "minimal-output-agent", "filter-agent");
    expect(await station.send("POST", "/workflows", mismatch)).toMatchObject({
      status: 400,
      body: { errors: [{ code: "SCHEMA_COMPATIBILITY" }] },
    });
    // PRD §9.3, the warning workflow: an optional field that the step before does not give
    const optional = pair("warning-pipeline", "minimal-output-agent", "expects-more-agent");
    expect(await station.send("POST", "/workflows", optional)).toMatchObject({
      status: 201,
      body: { validation: { errors: [], warnings: [{ code: "SCHEMA_COMPATIBILITY" }] } },
    });
  });

  test("TestAPI_ValidateWorkflow", async () => {
    expect(await station.send("POST", "/workflows/validate", single("v", "notifier"))).toEqual({
      status: 200,
      body: { valid: true, errors: [], warnings: [] },
    });
    expect(await station.send("POST", "/workflows/validate", single("v", "nobody"))).toMatchObject({
      status: 200,
      body: { valid: false, errors: [{ code: "AGENT_NOT_FOUND" }] },
    });
  });

  test("a compatibility report says of every way what is given, what is needed and whether it fits", async () => {
    const broken = pair("v", "minimal-output-agent", "filter-agent");
    expect(await station.send("POST", "/workflows/validate", broken, { report: "true" })).toMatchObject({
      status: 200,
      body: {
        valid: false,
        report: {
          isComplete: true,
          edges: [
            { from: null, verdict: "compatible" },
            {
              gives: "{result: string}",
              needs: "{filters: [string]}",
              verdict: "incompatible",
              reasons: [expect.stringContaining('"filters" is required and is not provided')],
            },
          ],
        },
      },
    });
  });

  test("TestAPI_UpdateWorkflow_BreaksSchema", async () => {
    const right = pair("updated", "minimal-output-agent", "notifier");
    expect((await station.send("POST", "/workflows", right)).status).toBe(201);
    const broken = pair("updated", "minimal-output-agent", "filter-agent");
    expect(await station.send("PUT", "/workflows/updated", broken)).toMatchObject({
      status: 400,
      body: { validation: { errors: [{ code: "SCHEMA_COMPATIBILITY" }] } },
    });
    expect((await station.get("/api/v1/workflows/updated?environment=prd")).body["version"]).toBe(1);
  });
});
