import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPrdStation, type PrdStation, single } from "./prd-station.ts";

let station: PrdStation;
beforeAll(async () => {
  station = await openPrdStation();
});
afterAll(() => station.close());

const counting = (id: string, agent: string) =>
  single(id, agent, `, variables: { count: "{{ ctx.count }}" }`);

describe("PRD §9.1: runtime validation", () => {
  test("TestRuntime_InputValidation_Pass", async () => {
    const run = await station.runToEnd(counting("in-pass", "counter"), { count: 4 });
    expect(run).toMatchObject({ status: "COMPLETED", output: { next: 4 } });
  });

  test("TestRuntime_InputValidation_Fail", async () => {
    const run = await station.runToEnd(counting("in-fail", "must-not-run"), { count: null });
    const error = {
      code: "SCHEMA_VALIDATION_INPUT",
      message: expect.stringContaining("must-not-run"),
      retryable: false,
      details: { errors: [{ pointer: "/count" }] },
    };
    expect(run).toMatchObject({ status: "FAILED", error });
    expect(await station.step(run.runId, "work")).toMatchObject({ status: "FAILED", attempt: 1, error });
    const events = await station.events(run.runId);
    expect(events.find(({ type }) => type === "step.failed")?.data).toMatchObject({
      error: { code: error.code },
    });
  });

  test("TestRuntime_InputValidation_NoSchema", async () => {
    const run = await station.runToEnd(counting("in-none", "notifier"), { count: "anything" });
    expect(run).toMatchObject({ status: "COMPLETED", output: { told: true } });
  });

  test("TestRuntime_OutputValidation_Pass", async () => {
    const run = await station.runToEnd(single("out-pass", "minimal-output-agent"));
    expect(run).toMatchObject({ status: "COMPLETED" });
    const { status, validation } = await station.step(run.runId, "work");
    expect({ status, validation: validation ?? null }).toEqual({ status: "SUCCEEDED", validation: null });
  });

  test("TestRuntime_OutputValidation_Fail", async () => {
    const run = await station.runToEnd(single("out-fail", "liar"));
    const validation = { code: "SCHEMA_VALIDATION_OUTPUT", errors: [{ pointer: "/severity" }] };
    expect(run).toMatchObject({ status: "COMPLETED", output: { other: 1 } });
    expect(await station.step(run.runId, "work")).toMatchObject({ status: "SUCCEEDED", validation });
    const events = await station.events(run.runId);
    expect(events.find(({ type }) => type === "step.succeeded")?.data).toMatchObject({ validation });
    expect(station.lines).toContainEqual({
      message: "agent output does not match its schema",
      facts: expect.objectContaining({ agent: "liar" }),
    });
  });

  test("a run whose output breaks the workflow's own schema is completed, with a warning", async () => {
    const wanted = `${single("out-own", "notifier")}outputSchema: { type: object, required: [who] }\n`;
    const run = await station.runToEnd(wanted);
    const warnings = [{ code: "SCHEMA_VALIDATION_OUTPUT", errors: [{ pointer: "/who" }] }];
    expect(run).toMatchObject({ status: "COMPLETED", output: { told: true }, warnings });
    const events = await station.events(run.runId);
    expect(events.at(-1)).toMatchObject({ type: "run.completed", data: { warnings } });
  });

  test("TestRuntime_OutputValidation_NoSchema", async () => {
    const run = await station.runToEnd(single("out-none", "notifier"));
    expect(run).toMatchObject({ status: "COMPLETED", output: { told: true } });
  });
});
