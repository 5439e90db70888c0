import { expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { createSchemas } from "../json-schema/schemas.ts";
import { sample } from "./sample.ts";

const node = { type: "object", properties: { name: { type: "string" }, next: { $ref: "#/$defs/node" } } };

test.each<[string, JsonObject, JsonValue]>([
  ["text", { type: "string" }, "[simulated out]"],
  ["no schema at all", {}, "[simulated out]"],
  ["a constant", { const: 7 }, 7],
  ["the first choice", { enum: ["low", "high"] }, "low"],
  ["the default", { type: "integer", default: 3 }, 3],
  ["what may be null", { type: ["null", "integer"] }, 0],
  ["a known format", { type: "string", format: "date" }, "1970-01-01"],
  ["a longer text", { type: "string", minLength: 18 }, "[simulated out]..."],
  ["a shorter text", { type: "string", maxLength: 5 }, "[simu"],
  ["a least number", { type: "integer", minimum: 1.5 }, 2],
  ["an open bound", { type: "integer", exclusiveMinimum: 2 }, 3],
  ["a fraction between open bounds", { type: "number", exclusiveMinimum: 0, maximum: 1 }, 0.5],
  ["a largest number below zero", { type: "integer", maximum: -3 }, -3],
  ["a multiple", { type: "integer", minimum: 11, multipleOf: 5 }, 15],
  ["an empty list", { type: "array", items: { type: "string" } }, []],
  ["a list of two", { type: "array", items: { type: "boolean" }, minItems: 2 }, [false, false]],
  ["a pair", { prefixItems: [{ type: "integer" }, { type: "null" }], minItems: 2 }, [0, null]],
  ["the first alternative", { oneOf: [{ type: "boolean" }, { type: "string" }] }, false],
  [
    "what is required, at every depth",
    {
      type: "object",
      properties: {
        pod: {
          type: "object",
          properties: { name: { type: "string" }, node: { type: "string" } },
          required: ["name"],
        },
        note: { type: "string" },
      },
      required: ["pod", "anything"],
    },
    { pod: { name: "[simulated name]" }, anything: "[simulated anything]" },
  ],
  [
    "all fields where nothing is required",
    { properties: { analysis: { type: "string" }, severity: { enum: ["low", "high"] } } },
    { analysis: "[simulated analysis]", severity: "low" },
  ],
  [
    "parts laid over each other",
    {
      allOf: [
        { properties: { a: { const: 1 } }, required: ["a"] },
        { properties: { b: { const: 2 } }, required: ["b"] },
      ],
    },
    { a: 1, b: 2 },
  ],
  ["a reference", { $ref: "#/$defs/id", $defs: { id: { type: "integer", minimum: 1 } } }, 1],
])("%s", (_, schema, expected) => {
  expect(sample(schema, "out")).toEqual(expected);
  expect(createSchemas().validate(schema, expected)).toMatchObject({ valid: true });
});

test("a schema that contains itself comes to an end", () => {
  const schema = { ...node, $defs: { node } };
  expect(createSchemas().validate(schema, sample(schema, "out"))).toMatchObject({ valid: true });
  const endless = { properties: { next: { $ref: "#" } }, required: ["next"] };
  expect(JSON.stringify(sample(endless, "out")).length).toBeLessThan(1000);
  const bushy = { properties: { l: { $ref: "#" }, m: { $ref: "#" }, r: { $ref: "#" } } };
  expect(JSON.stringify(sample(bushy, "out")).length).toBeLessThan(50_000);
  expect(JSON.stringify(sample({ ...bushy, required: ["l", "m", "r"] }, "out")).length).toBeLessThan(50_000);
  expect(sample({ $ref: "#/%" }, "out")).toBe("[simulated out]");
  expect(sample({ $ref: "#" }, "out")).toBe("[simulated out]");
});
