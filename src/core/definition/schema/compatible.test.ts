import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../json.ts";
import { compatible, type MaybeSchema } from "./compatible.ts";
import { explain } from "./finding.ts";

const list = (items: JsonObject = {}): JsonObject => ({ type: "array", items });
const text = { type: "string" };

/** An object whose properties are all required, but for the names that end in `?`. */
function object(properties: JsonObject, more: JsonObject = {}): JsonObject {
  const entries = Object.entries(properties);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([key, schema]) => [key.replace("?", ""), schema])),
    required: entries.filter(([key]) => !key.endsWith("?")).map(([key]) => key),
    ...more,
  };
}

function found(output: MaybeSchema, input: MaybeSchema) {
  return compatible(output, input).map(({ severity, kind, pointer }) => `${severity} ${kind} ${pointer}`);
}

describe("PRD §9.1, schema compatibility", () => {
  test("TestSchema_ExactMatch", () =>
    expect(compatible(object({ pods: list() }), object({ pods: list() }))).toEqual([]));

  test("TestSchema_OutputSuperset", () =>
    expect(compatible(object({ pods: list(), timestamp: text }), object({ pods: list() }))).toEqual([]));

  test("TestSchema_MissingRequiredField", () =>
    expect(compatible(object({ pods: list() }), object({ pods: list(), filters: list() }))).toEqual([
      { kind: "missing", severity: "error", pointer: "/filters", expected: "array", actual: "nothing" },
    ]));

  test("TestSchema_MissingOptionalField", () =>
    expect(compatible(object({ pods: list() }), object({ pods: list(), "filters?": list() }))).toEqual([
      {
        kind: "missing-optional",
        severity: "warning",
        pointer: "/filters",
        expected: "array",
        actual: "nothing",
      },
    ]));

  test("TestSchema_TypeMismatch", () =>
    expect(compatible(object({ count: text }), object({ count: { type: "integer" } }))).toEqual([
      { kind: "type", severity: "error", pointer: "/count", expected: "integer", actual: "string" },
    ]));

  test("TestSchema_NestedObjectMatch", () => {
    const nested = object({ result: object({ status: text }) });
    expect(compatible(nested, { ...nested, description: "the same" })).toEqual([]);
    expect(found(nested, object({ result: object({ status: list() }) }))).toEqual([
      "error type /result/status",
    ]);
  });

  test("TestSchema_ArrayItemMatch", () => {
    const pods = object({ pods: list(object({ name: text })) });
    expect(compatible(pods, { ...pods, description: "the same" })).toEqual([]);
    expect(found(pods, object({ pods: list(object({ name: { type: "number" } })) }))).toEqual([
      "error type /pods/*/name",
    ]);
  });

  test("TestSchema_NoSchemas", () => expect(compatible(undefined, null)).toEqual([]));

  test("TestSchema_OnlyOutputSchema", () =>
    expect(compatible(object({ pods: list() }), undefined)).toEqual([]));

  test("TestSchema_OnlyInputSchema", () => {
    const findings = compatible(undefined, object({ pods: list() }));
    expect(findings).toMatchObject([{ kind: "unchecked", severity: "warning" }]);
    expect(findings.map(explain)).toEqual([expect.stringContaining("cannot validate")]);
  });
});

const tree = (leaf: JsonObject): JsonObject => ({
  $ref: "#/$defs/node",
  $defs: { node: object({ value: leaf, children: list({ $ref: "#/$defs/node" }) }) },
});

test.each<[string, MaybeSchema, MaybeSchema, readonly string[]]>([
  ["a whole number is a number", { type: "integer" }, { type: "number" }, []],
  ["a number may not be whole", { type: "number" }, { type: "integer" }, ["warning type "]],
  ["one of several types may not fit", { type: ["string", "null"] }, text, ["warning type "]],
  ["none of several types fits", { type: ["string", "null"] }, list(), ["error type "]],
  ["one type among several that are allowed", text, { type: ["string", "null"] }, []],
  ["a smaller enum", { enum: ["a"] }, { enum: ["a", "b"] }, []],
  ["a larger enum", { enum: ["a", "c"] }, { enum: ["a", "b"] }, ["warning value "]],
  ["another enum", { enum: ["c"] }, { enum: ["a", "b"] }, ["error value "]],
  ["any text where few are allowed", text, { enum: ["a", "b"] }, ["warning value "]],
  ["a number where texts are allowed", { type: "number" }, { enum: ["a", "b"] }, ["error value "]],
  ["true or false", { type: "boolean" }, { enum: [true, false] }, []],
  ["true or false where only true is", { type: "boolean" }, { const: true }, ["warning value "]],
  ["a const", { const: 5 }, { type: "integer", const: 5 }, []],
  ["another const", { const: 5 }, { const: 6 }, ["error value "]],
  ["a const out of bounds", { const: 5 }, { type: "integer", maximum: 4 }, ["error value "]],
  ["an object where a text is allowed", object({}), { const: "a" }, ["error value "]],
  [
    "a required field that may be missing",
    object({ "a?": text }),
    object({ a: text }),
    ["warning missing /a"],
  ],
  ["a required field that has a default", object({}), object({ a: { default: 1 } }), []],
  [
    "a field that the output allows but does not list",
    { type: "object", additionalProperties: true },
    object({ a: text }),
    [],
  ],
  ["an object of which nothing is said", { type: "object" }, object({ a: text }), []],
  [
    "fields of a map",
    { type: "object", additionalProperties: list() },
    object({ a: text }),
    ["warning type /a"],
  ],
  ["a map of maps", { additionalProperties: list() }, { additionalProperties: text }, ["warning type /*"]],
  [
    "listed fields where a map is allowed",
    object({ a: text, b: list() }),
    { additionalProperties: text },
    ["error type /b"],
  ],
  [
    "a field that is not allowed",
    object({ a: text, b: text }),
    object({ a: text }, { additionalProperties: false }),
    ["error unknown-property /b"],
  ],
  [
    "a field that may be there and is not allowed",
    object({ "b?": text }),
    { properties: {}, additionalProperties: false },
    ["warning unknown-property /b"],
  ],
  [
    "fields by pattern",
    object({ x_a: text, b: text }),
    { patternProperties: { "^x_": list() }, additionalProperties: text },
    ["error type /x_a"],
  ],
  [
    "fields by a pattern that could be tried for ever, so nobody knows which it means",
    object({ [`${"a".repeat(60)}!`]: text }),
    { patternProperties: { "^(a+)+$": list() }, additionalProperties: false },
    [],
  ],
  [
    "a tuple of draft 2020-12",
    { prefixItems: [text, list()], items: false, minItems: 2 },
    { prefixItems: [text, text] },
    ["error type /1"],
  ],
  ["a tuple of draft 07", { items: [text, list()], minItems: 2 }, { items: [text, text] }, ["error type /1"]],
  [
    "items of a list where a tuple is asked for",
    list(text),
    { prefixItems: [text, list()] },
    ["error type /1"],
  ],
  ["too many items", { const: [1, 2, 3] }, { type: "array", maxItems: 2 }, ["error value "]],
  ["one of several forms", object({ a: text }), { anyOf: [object({ a: list() }), object({ a: text })] }, []],
  ["none of several forms", { type: "number" }, { oneOf: [text, list()] }, ["error form "]],
  [
    "one of several forms is near",
    object({ a: text }),
    { anyOf: [list(), object({ a: list() })] },
    ["error type /a"],
  ],
  [
    "all of several forms",
    object({ a: text }),
    { allOf: [object({ a: text }), object({ b: text })] },
    ["error missing /b"],
  ],
  ["an output of several forms, one of which fits", { anyOf: [text, list()] }, text, ["warning type "]],
  [
    "an output made of parts",
    { allOf: [object({ a: text }), object({ b: text })] },
    object({ a: text, b: text }),
    [],
  ],
  [
    "a field that each form of an output has",
    { ...object({ "a?": text, "b?": text }), anyOf: [{ required: ["a"] }, { required: ["a", "b"] }] },
    object({ a: text }),
    [],
  ],
  [
    "the same alternatives",
    { oneOf: [object({ k: { const: 1 }, a: text }), object({ k: { const: 2 }, b: text })] },
    { title: "in", oneOf: [object({ k: { const: 1 }, a: text }), object({ k: { const: 2 }, b: text })] },
    [],
  ],
  [
    "enum values spread over alternatives",
    { enum: ["a", "b"] },
    { anyOf: [{ const: "a" }, { const: "b" }] },
    [],
  ],
  [
    "a reference",
    { $ref: "#/definitions/x", definitions: { x: text } },
    { type: "integer" },
    ["error type "],
  ],
  [
    "a reference by anchor",
    text,
    { $ref: "#n", $defs: { n: { $anchor: "n", type: "integer" } } },
    ["error type "],
  ],
  ["a reference elsewhere", { $ref: "https://example.com/x" }, { $ref: "other.json#/y" }, []],
  ["a reference to itself", { $ref: "#" }, { $ref: "#" }, []],
  ["the same trees", tree(text), { ...tree(text), title: "in" }, []],
  ["different trees", tree(text), tree(list()), ["error type /value", "error type /children/*/value"]],
  ["nothing is allowed", text, false, ["error form "]],
  ["nothing is asked for", undefined, {}, []],
  ["what cannot be decided", { not: text }, { not: list(), contains: text, minProperties: 3 }, []],
  ["nullable", { type: "string", nullable: true }, text, ["warning type "]],
])("%s", (_, output, input, expected) => expect(found(output, input)).toEqual(expected));

test("a schema made to explode takes little time", () => {
  const options = Array.from({ length: 10 }, () => ({ $ref: "#" }));
  const bomb = { anyOf: options, properties: { a: { allOf: options } } };
  const started = performance.now();
  compatible(bomb, { ...bomb, title: "in" });
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("whatever is written in place of a schema, nothing breaks", () => {
  const keywords = fc.constantFrom(
    "type",
    "properties",
    "required",
    "items",
    "enum",
    "const",
    "anyOf",
    "$ref",
    "$defs",
    "default",
    "additionalProperties",
    "prefixItems",
    "minItems",
    "patternProperties",
    "allOf",
  );
  const leaf = fc.oneof(
    fc.constantFrom("object", "array", "string", "#", "#/$defs/a", "(", null, true, false, 3, -1),
    fc.constant({}),
  );
  const { schema } = fc.letrec<{ schema: JsonValue }>((tie) => ({
    schema: fc.oneof(
      { depthSize: "medium" },
      leaf,
      fc.array(tie("schema"), { maxLength: 3 }),
      fc.dictionary(keywords, tie("schema"), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(schema, schema, (output, input) => {
      const findings = compatible(output as MaybeSchema, input as MaybeSchema);
      expect(findings.map(explain).every((text) => text !== "")).toBe(true);
    }),
    { numRuns: 2000, seed: 7 },
  );
});

test("a schema that is nested very deep is not followed to its end", () => {
  let deep: JsonObject = { type: "string" };
  for (let depth = 0; depth < 3000; depth++) deep = { type: "array", items: deep };
  expect(compatible(deep, { ...deep, title: "in" })).toEqual([]);
});
