import fc from "fast-check";
import { expect, test } from "vitest";
import { createSchemas } from "../../../src/adapters/json-schema/schemas.ts";
import { compatible } from "../../../src/core/definition/schema/compatible.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";

/** A schema, and one value that satisfies it with everything in it that it mentions. */
type Sample = { readonly schema: JsonObject; readonly full: JsonValue; readonly sparse: JsonValue };

const schemas = createSchemas();

const SCALARS: readonly Sample[] = [
  same({ type: "string" }, "x"),
  same({ type: "integer" }, 7),
  same({ type: "number" }, 1.5),
  same({ type: "boolean" }, true),
  same({ type: "null" }, null),
  same({ enum: ["a", "b"] }, "b"),
  same({ type: "string", enum: ["a", "c", "x"] }, "x"),
  same({ const: 7 }, 7),
  same({ type: ["string", "null"] }, null),
  same({ type: ["integer", "string"] }, 3),
];

function same(schema: JsonObject, value: JsonValue): Sample {
  return { schema, full: value, sparse: value };
}

const { sample } = fc.letrec<{ sample: Sample; object: Sample; list: Sample; any: Sample }>((tie) => ({
  sample: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...SCALARS),
    tie("object"),
    tie("list"),
    tie("any"),
  ),
  list: tie("sample").map((item) => ({
    schema: { type: "array", items: item.schema },
    full: [item.full],
    sparse: [item.sparse, item.full],
  })),
  any: fc.tuple(tie("sample"), tie("sample")).map(([a, b]) => ({
    schema: { anyOf: [a.schema, b.schema] },
    full: b.full,
    sparse: a.sparse,
  })),
  object: fc
    .tuple(
      fc.dictionary(fc.constantFrom("a", "b", "c"), tie("sample"), { minKeys: 1 }),
      fc.subarray(["a", "b", "c"]),
      fc.boolean(),
    )
    .map(([properties, wanted, isClosed]) => {
      const entries = Object.entries(properties);
      const required = wanted.filter((key) => Object.hasOwn(properties, key));
      const present = entries.filter(([key]) => required.includes(key));
      return {
        schema: {
          type: "object",
          properties: Object.fromEntries(entries.map(([key, { schema }]) => [key, schema])),
          required,
          ...(isClosed && { additionalProperties: false }),
        },
        full: Object.fromEntries(entries.map(([key, { full }]) => [key, full])),
        sparse: Object.fromEntries(present.map(([key, { sparse }]) => [key, sparse])),
      };
    }),
}));

const SETTINGS = { numRuns: 800, seed: 20_260_301 };

test("what is called an error is refused by a validator, whatever the schemas", () => {
  let errors = 0;
  fc.assert(
    fc.property(sample, sample, (output, input) => {
      const isError = compatible(output.schema, input.schema).some(({ severity }) => severity === "error");
      if (isError) errors++;
      if (isError) expect(schemas.validate(input.schema, output.full).valid).toBe(false);
    }),
    SETTINGS,
  );
  expect(errors).toBeGreaterThan(100);
});

test("what nothing is said of is accepted by a validator, whatever the schemas", () => {
  let silent = 0;
  fc.assert(
    fc.property(sample, sample, (output, input) => {
      if (compatible(output.schema, input.schema).length > 0) return;
      silent++;
      expect(schemas.validate(input.schema, output.full).valid).toBe(true);
      expect(schemas.validate(input.schema, output.sparse).valid).toBe(true);
    }),
    SETTINGS,
  );
  expect(silent).toBeGreaterThan(25);
});

test("a schema is compatible with itself, however it is put", () => {
  fc.assert(
    fc.property(sample, ({ schema }) => {
      const errors = compatible(schema, { ...schema, title: "the same" }).filter(
        ({ severity }) => severity === "error",
      );
      expect(errors).toEqual([]);
    }),
    SETTINGS,
  );
});
