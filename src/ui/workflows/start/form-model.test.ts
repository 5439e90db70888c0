import { expect, it } from "vitest";
import { draftOf, faultsByField, fieldsOf, inputOf } from "./form-model.ts";

const schema = {
  type: "object",
  required: ["service"],
  properties: {
    service: { type: "string", title: "Service", description: "What is broken" },
    severity: { enum: ["low", "high", 3], default: "low" },
    replicas: { type: "integer" },
    dryRun: { type: "boolean", default: false },
    limits: { type: "object", properties: { cpu: { type: "number", default: 0.5 } } },
    hosts: { type: "array", items: { type: "string" } },
  },
};
const fields = fieldsOf(schema);

it("a form has the schema's fields with their labels, and begins with its defaults", () => {
  expect(fields.map(({ label, isRequired, control }) => [label, isRequired, control.kind])).toEqual([
    ["Service", true, "text"],
    ["severity", false, "choice"],
    ["replicas", false, "integer"],
    ["dryRun", false, "boolean"],
    ["limits", false, "group"],
    ["hosts", false, "json"],
  ]);
  expect(draftOf(fields)).toEqual({ "/severity": "low", "/dryRun": "false", "/limits/cpu": "0.5" });
});

it("what is typed becomes an input of the schema's types; what was left alone is not sent", () => {
  const draft = {
    "/service": "checkout",
    "/severity": "3",
    "/replicas": "2",
    "/hosts": '["a"]',
    "/limits/cpu": "1.5",
  };
  expect(inputOf(fields, draft)).toEqual({
    input: { service: "checkout", severity: 3, replicas: 2, limits: { cpu: 1.5 }, hosts: ["a"] },
    wrong: {},
  });
  expect(inputOf(fields, {})).toEqual({ input: {}, wrong: {} });
});

it("a text that is no number and a list that is no JSON are wrong at their fields", () => {
  const { wrong } = inputOf(fields, { "/replicas": "2.5", "/limits/cpu": "much", "/hosts": "[" });
  expect(wrong).toMatchObject({
    "/replicas": "“2.5” is not a whole number",
    "/limits/cpu": "“much” is not a number",
    "/hosts": expect.stringMatching(/^This is not JSON/),
  });
});

it("an input goes into the form and comes out as it was, with what the form has no field for", () => {
  const input = {
    service: "a",
    replicas: 1,
    limits: { cpu: 2, memory: "1G" },
    hosts: [],
    note: { by: "ana" },
  };
  expect(inputOf(fields, draftOf(fields, input), input).input).toEqual(input);
});

it("the server's faults stand at their fields, and what belongs to none is still said", () => {
  const faults = [
    { pointer: "/input/service", message: "is required" },
    { pointer: "/input/hosts/0", message: "a string", hint: "quote it" },
    { pointer: "/input/nope", message: "unknown" },
  ];
  expect(faultsByField(fields, faults)).toEqual({
    at: { "/service": "is required", "/hosts": "/0: a string – quote it" },
    rest: ["/nope: unknown"],
  });
});
