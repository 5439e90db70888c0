import { describe, expect, test } from "vitest";
import { createTestRunner } from "../../../test/support/agent-runner.ts";
import { inputOf } from "../../core/agent/input.ts";
import type { JsonObject } from "../../core/json.ts";
import type { AgentRequest } from "../../engine/ports/agent-runner.ts";
import { createSchemas } from "../json-schema/schemas.ts";
import { agent, keepingLog, loading, request } from "./test-agents.ts";

const schemas = createSchemas();
const input = (schema: JsonObject | undefined, parts: Partial<AgentRequest>) =>
  inputOf(schema, request("a", parts), schemas);

describe("the weaker source gives way", () => {
  const schema = {
    type: "object",
    default: { a: "default", b: "default", c: "default", task: "default" },
    properties: { d: { default: "of the field" }, task: {} },
  };

  test("default < previous result < variables < task", () =>
    expect(
      input(schema, {
        previous: { b: "previous", c: "previous", task: "previous" },
        variables: { c: "variables", userInput: "variables" },
        task: "as written",
      }),
    ).toEqual({
      ok: true,
      value: {
        a: "default",
        b: "previous",
        c: "variables",
        d: "of the field",
        task: "as written",
        userInput: "as written",
      },
    }));

  test.each([["text"], [[1, 2]], [null]])(
    "a previous result that is no object, %j, gives nothing",
    (previous) =>
      expect(input(undefined, { previous, variables: { x: 1 } })).toEqual({ ok: true, value: { x: 1 } }),
  );

  test("without a task the reserved names are the author's", () =>
    expect(input(undefined, { variables: { task: "mine" } })).toEqual({ ok: true, value: { task: "mine" } }));
});

describe("a closed schema", () => {
  const closed = {
    type: "object",
    properties: { pods: { type: "array" } },
    required: ["pods"],
    additionalProperties: false,
  };

  test("takes what it knows of the previous result, and the task does not stand in its way", () =>
    expect(input(closed, { previous: { pods: [], timestamp: "t" }, task: "go" })).toEqual({
      ok: true,
      value: { pods: [], task: "go", userInput: "go" },
    }));

  test("refuses a variable it does not know", () =>
    expect(input(closed, { previous: { pods: [] }, variables: { pod: 1 } })).toMatchObject({
      ok: false,
      errors: [{ pointer: "/pod" }],
    }));
});

test("a schema that asks for the task gets it", () => {
  const schema = { type: "object", properties: { task: { type: "string" } }, required: ["task"] };
  expect(input({ ...schema, additionalProperties: false }, { task: "go" })).toMatchObject({ ok: true });
  expect(input(schema, {})).toMatchObject({ ok: false, errors: [{ pointer: "/task" }] });
});

test("a schema behind a reference may ask for the task", () =>
  expect(
    input({ $ref: "#/$defs/in", $defs: { in: { type: "object", required: ["task"] } } }, { task: "go" }),
  ).toEqual({ ok: true, value: { task: "go", userInput: "go" } }));

test("input that breaks the schema fails the step for good, and the agent is not called", async () => {
  const inputSchema = {
    type: "object",
    properties: { namespace: { type: "string" } },
    required: ["namespace"],
  };
  const load = loading(agent("a", { inputSchema, script: [{ error: { code: "called" } }] }));
  const clock = { now: () => 0, random: () => 0 };
  const runner = createTestRunner({ load, schemas, clock, log: keepingLog() });
  expect(await runner.run(request("a"), new AbortController().signal)).toEqual({
    status: "failed",
    error: {
      type: "validation",
      code: "SCHEMA_VALIDATION_INPUT",
      message:
        'input of agent "a" does not match its schema: /namespace "namespace" is missing; the agent was not called',
      retryable: false,
      details: {
        agent: "a",
        errors: [{ pointer: "/namespace", keyword: "required", message: '"namespace" is missing' }],
      },
    },
  });
});
