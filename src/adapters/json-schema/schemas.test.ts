import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { createSchemas } from "./schemas.ts";

const schemas = createSchemas();

function errors(schema: JsonObject, value: JsonValue) {
  const check = schemas.validate(schema, value);
  return check.valid
    ? []
    : check.errors.map(({ pointer, message, hint }) => [pointer, message, ...(hint ? [hint] : [])]);
}

test.each<[string, JsonObject, JsonValue, readonly unknown[]]>([
  [
    "enum",
    { enum: ["healthy", "degraded", "critical"] },
    "weird",
    ["", 'must be one of healthy, degraded, critical; got "weird"'],
  ],
  [
    "enum, misspelled",
    { enum: ["healthy", "degraded"] },
    "helthy",
    ["", 'must be one of healthy, degraded; got "helthy"', 'did you mean "healthy"?'],
  ],
  ["type", { type: "object" }, [], ["", "must be an object; got []"]],
  ["several types", { type: ["string", "null"] }, 5, ["", "must be text or null; got 5"]],
  [
    "a number in quotes",
    { type: "integer" },
    "10",
    ["", 'must be a whole number; got "10"', "write 10 without quotes"],
  ],
  [
    "true in quotes",
    { type: "boolean" },
    "true",
    ["", 'must be true or false; got "true"', "write true without quotes"],
  ],
  ["no list", { type: "array" }, "a", ["", 'must be a list; got "a"', "put it in a list"]],
  ["required", { required: ["a/b"] }, {}, ["/a~1b", '"a/b" is missing']],
  [
    "required, misspelled",
    { required: ["namespace"] },
    { namspace: 1 },
    ["/namespace", '"namespace" is missing', '"namspace" is there: did you mean "namespace"?'],
  ],
  [
    "unknown",
    { properties: { a: {}, b: {} }, additionalProperties: false },
    { zebra: 1 },
    ["/zebra", '"zebra" is not known here', "known are a, b"],
  ],
  [
    "unevaluated",
    { properties: { name: {} }, unevaluatedProperties: false },
    { nmae: 1 },
    ["/nmae", '"nmae" is not known here', 'did you mean "name"?'],
  ],
  [
    "deep inside",
    { properties: { a: { items: { type: "string" } } } },
    { a: ["x", 1] },
    ["/a/1", "must be text; got 1"],
  ],
  ["const", { const: 1 }, 2, ["", "must be 1; got 2"]],
  ["format", { format: "email" }, "x", ["", 'must be a valid email; got "x"']],
  ["pattern", { pattern: "^a" }, "x", ["", 'must match ^a; got "x"']],
  ["a bound", { minimum: 3 }, 2, ["", "must be >= 3; got 2"]],
  [
    "alternatives of types",
    { anyOf: [{ type: "string" }, { type: "null" }] },
    5,
    ["", "must be text or null; got 5"],
  ],
  [
    "alternatives",
    { oneOf: [{ required: ["a"] }, { required: ["b"] }] },
    {},
    ["", 'fits none of the allowed forms (/a "a" is missing; or /b "b" is missing); got {}'],
  ],
  ["too many fit", { oneOf: [{}, {}] }, 1, ["", "fits more than one of the allowed forms; got 1"]],
  ["dependent", { dependentRequired: { a: ["b"] } }, { a: 1 }, ["", '"b" is needed beside "a"']],
])("%s is said as people say it", (_name, schema, value, expected) => {
  expect(errors(schema, value)).toEqual([expected]);
});

test("all errors come at once, a flood is cut", () => {
  expect(errors({ required: ["a", "b"], properties: { c: { type: "string" } } }, { c: 1 })).toHaveLength(3);
  expect(errors({ items: { type: "string" } }, Array(100).fill(1))).toHaveLength(20);
});

test("a long value is shortened in messages", () => {
  const [[, message] = []] = errors({ type: "number" }, "x".repeat(500));
  expect(String(message).length).toBeLessThan(120);
});

test("defaults are set on a copy", () => {
  const schema = { type: "object", properties: { a: { default: { b: [1] } }, c: { type: "number" } } };
  const value = { c: 1 };
  const first = schemas.validate(schema, value);
  expect(first).toEqual({ valid: true, value: { a: { b: [1] }, c: 1 } });
  expect(value).toEqual({ c: 1 });
  (first.value as { a: { b: number[] } }).a.b.push(2);
  expect(schemas.validate(schema, value).value).toEqual({ a: { b: [1] }, c: 1 });
});

test.each<[string, JsonObject]>([
  ["an unknown type", { type: "strng" }],
  ["a reference to elsewhere", { $ref: "https://example.com/x" }],
  ["a broken pattern", { pattern: "(" }],
  ["an asynchronous schema", { $async: true }],
])("%s is one error, not an exception", (_name, schema) => {
  const check = schemas.validate(schema, 1);
  expect(check).toMatchObject({ valid: false, errors: [{ pointer: "", keyword: "schema" }] });
  expect(errors(schema, 1)[0]?.[1]).toMatch(/^the schema is invalid: /);
});

test("draft 07 is understood, said or not", () => {
  const tuple = { items: [{ type: "string" }, { type: "number" }] };
  expect(errors(tuple, ["a", "b"])).toHaveLength(1);
  const draft07 = {
    $schema: "http://json-schema.org/draft-07/schema#",
    definitions: { a: { type: "string" } },
  };
  expect(errors({ ...draft07, properties: { a: { $ref: "#/definitions/a" } } }, { a: 1 })).toHaveLength(1);
});

test("draft 2020-12 is understood", () => {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $defs: { a: { type: "string" } },
    prefixItems: [{ $ref: "#/$defs/a" }],
  };
  expect(errors(schema, [1])).toEqual([["/0", "must be text; got 1"]]);
});

test("two schemas with one $id do not disturb each other", () => {
  expect(errors({ $id: "x", type: "string" }, 1)).toHaveLength(1);
  expect(errors({ $id: "x", type: "number" }, 1)).toEqual([]);
});

test("unknown keywords and formats are no errors", () => {
  expect(errors({ type: "string", format: "kubernetes-name", "x-order": 1, example: "a" }, "a")).toEqual([]);
});

test("nothing is kept of a schema that was forgotten", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const many = createSchemas();
  const check = (index: number) => {
    const properties = { a: { const: index } };
    many.validate({ properties, description: "x".repeat(300_000) }, {});
    return new WeakRef(properties);
  };
  const first = check(0);
  for (let index = 1; index < 6; index++) check(index);
  await vi.waitFor(() => {
    collect();
    expect(first.deref() === undefined).toBe(true); // a failed expectation keeps what it saw
  });
});

test("many different schemas are checked rightly, also when they were forgotten", () => {
  const schemaOf = (index: number) => ({
    properties: { n: { const: index } },
    description: "x".repeat(3000),
  });
  for (let index = 0; index < 600; index++) expect(errors(schemaOf(index), { n: index })).toEqual([]);
  expect(errors(schemaOf(0), { n: 1 })).toHaveLength(1);
});

test.each<[string, JsonObject, JsonValue]>([
  ["a pattern that goes over and over", { pattern: "^(a+)+$" }, `${"a".repeat(60)}!`],
  [
    "a default that its own pattern goes over and over",
    { properties: { pattern: { pattern: "^(a+)+$", default: `${"a".repeat(60)}!` } } },
    {},
  ],
  ["names by such a pattern", { patternProperties: { "^(a|a)*$": {} } }, { [`${"a".repeat(60)}!`]: 1 }],
  [
    "every item held against every other",
    { uniqueItems: true },
    Array.from({ length: 50_000 }, (_, at) => [at]),
  ],
  ["what is written once and meant a million times", doubled(40), 2],
])("%s is refused when its time is over", (_name, schema, value) => {
  const { valid, errors: found } = createSchemas(100).validate(schema, value);
  expect(valid).toBe(false);
  expect(found).toEqual([
    {
      pointer: "",
      keyword: "schema",
      // On a busy machine compiling it may already have taken so long.
      message: expect.stringMatching(/invalid: (checking this value|compiling it) takes more than 0.1 s$/),
    },
  ]);
});

test("a schema that takes too long to understand is refused, and the next one is not", () => {
  const properties = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, at) => [`p${at}`, { minLength: 1 }]),
  );
  const few = createSchemas(100);
  expect(few.validate({ properties }, {}).errors?.[0]?.message).toMatch(
    /compiling it takes more than 0.1 s$/,
  );
  expect(few.validate({ type: "number" }, "x").errors).toHaveLength(1);
});

test("a long list of which every item fits no alternative says twenty of them at once", () => {
  const schema = { items: { anyOf: [{ type: "string" }, { type: "null" }] } };
  const [first, ...more] = errors(schema, Array(50_000).fill(1));
  expect(first).toEqual(["/0", "must be text or null; got 1"]);
  expect(more).toHaveLength(19);
});

/** Alternatives that are both the same, so many levels deep. */
function doubled(levels: number): JsonObject {
  const $defs: Record<string, JsonObject> = { d0: { const: 1 } };
  for (let level = 1; level <= levels; level++) {
    const below = { $ref: `#/$defs/d${level - 1}` };
    $defs[`d${level}`] = { anyOf: [below, below] };
  }
  return { $defs, $ref: `#/$defs/d${levels}` };
}
