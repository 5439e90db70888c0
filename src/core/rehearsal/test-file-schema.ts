import type { JsonObject } from "../json.ts";

const closed = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: "object",
  properties,
  additionalProperties: false,
  ...more,
});

const one = (schema: JsonObject): JsonObject => ({
  anyOf: [schema, { type: "array", minItems: 1, items: schema }],
});

const anything: JsonObject = {};
const text: JsonObject = { type: "string", minLength: 1 };
const texts: JsonObject = { type: "array", items: text };
const duration: JsonObject = { type: ["string", "number"] };

const answer = closed({
  output: anything,
  error: closed(
    { code: text, message: { type: "string" }, retryable: { type: "boolean" } },
    { required: ["code"] },
  ),
  with: { type: "object" },
  takes: duration,
  unchecked: { type: "boolean" },
});

const ruling = closed(
  {
    decision: { enum: ["approve", "reject", "ignore"] },
    by: { anyOf: [text, { ...texts, minItems: 1 }] },
    after: duration,
    comment: { type: "string" },
  },
  { required: ["decision"] },
);

const signal = closed({ name: text, payload: anything, after: duration }, { required: ["name"] });

const call = closed({
  agent: text,
  task: { type: "string" },
  variables: { type: "object" },
  input: { type: "object" },
  attempt: { type: "integer", minimum: 1 },
  branch: { type: "string" },
});

const expectation = closed({
  status: { enum: ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"] },
  path: texts,
  branches: { type: "object", additionalProperties: texts },
  calls: {
    type: "object",
    additionalProperties: {
      anyOf: [{ type: "integer", minimum: 0 }, call, { type: "array", items: call }],
    },
  },
  context: { type: "object" },
  output: anything,
  error: closed({ code: text, message: text, type: text, state: text }),
  takes: duration,
  that: { anyOf: [text, texts] },
});

/** What a `*.test.yaml` file looks like, as JSON Schema. */
export const TEST_FILE_SCHEMA: JsonObject = closed(
  {
    workflow: text,
    tests: {
      type: "array",
      minItems: 1,
      items: closed(
        {
          name: text,
          input: { type: "object" },
          agents: { type: "object", additionalProperties: one(answer) },
          workflows: { type: "object", additionalProperties: one(answer) },
          approvals: { type: "object", additionalProperties: one(ruling) },
          signals: { type: "array", items: signal },
          expect: expectation,
        },
        { required: ["name", "expect"] },
      ),
    },
  },
  { required: ["tests"] },
);
