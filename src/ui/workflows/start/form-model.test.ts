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
    ports: {
      type: "array",
      items: {
        type: "object",
        required: ["port"],
        properties: { port: { type: "integer" }, open: { type: "boolean" } },
      },
    },
    tree: { type: "array", items: { type: "array" } },
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
    ["hosts", false, "rows"],
    ["ports", false, "rows"],
    ["tree", false, "json"],
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

it("a list has a column for each name of its items; what a cell cannot mean stays for the server to judge", () => {
  const control = fields.find(({ key }) => key === "ports")?.control;
  if (control?.kind !== "rows") throw new Error("no rows");
  expect(control.columns.map(({ label, isRequired }) => [label, isRequired])).toEqual([
    ["port", true],
    ["open", false],
  ]);
  const typed = [
    { port: "80", open: "true" },
    { port: "0.5" },
    { port: "many" },
    { port: "" },
    { port: 8080 },
  ];
  const { input } = inputOf(fields, { "/ports": JSON.stringify(typed), "/hosts": '["1.50"]' });
  expect(input).toEqual({
    ports: [{ port: 80, open: true }, { port: "0.5" }, { port: "many" }, { port: "" }, { port: 8080 }],
    hosts: ["1.50"],
  });
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

it("a number of more digits than are kept is not sent as another one", () => {
  const replicas = (text: string) => inputOf(fields, { "/replicas": text });
  expect(replicas("9007199254740991").input).toEqual({ replicas: 9007199254740991 });
  expect(replicas("9007199254740993")).toEqual({
    input: {},
    wrong: { "/replicas": "“9007199254740993” has more digits than a number keeps" },
  });
});
