import { expect, test } from "vitest";
import { exampleInput } from "./example-input.ts";

test("an example has the defaults of the schema, and stand-ins of the right kind for the rest", () => {
  const schema = {
    type: "object",
    properties: {
      service: { type: "string" },
      severity: { enum: ["low", "high"] },
      replicas: { type: "integer", default: 2 },
      dryRun: { type: "boolean" },
      limits: {
        type: "object",
        properties: { cpu: { type: "number", default: 0.5 }, gpu: { type: "number" } },
      },
      hosts: { type: "array", items: { type: "string" } },
      tags: { type: "object" },
    },
  };
  expect(exampleInput(schema)).toEqual({
    service: "a service",
    severity: "low",
    replicas: 2,
    dryRun: false,
    limits: { cpu: 0.5, gpu: 1 },
    hosts: [],
    tags: {},
  });
  expect(exampleInput(undefined)).toEqual({});
});
