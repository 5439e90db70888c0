import { expect, test } from "vitest";
import { checkDefinition } from "./check.ts";
import { checkSchemas } from "./schemas.ts";

const nowhere = () => ({ line: 1, column: 1 });
const only = { name: "only", type: "inject", data: {}, end: true };

test("a schema that is none is an error at its key; one that merely refuses the probe is fine", () => {
  const { definition } = checkDefinition(
    { id: "w", inputSchema: { type: "strng" }, outputSchema: { type: "array" }, states: [only] },
    nowhere,
  );
  if (!definition) throw new Error("no definition");
  const validate = ({ type }: { readonly type?: unknown }) =>
    type === "strng"
      ? { errors: [{ keyword: "schema", message: "the schema is invalid: unknown type" }] }
      : { errors: [{ keyword: "type", message: "must be a list" }] };
  expect(checkSchemas(definition, validate, nowhere)).toEqual([
    {
      code: "INVALID_SCHEMA",
      severity: "error",
      path: "/inputSchema",
      line: 1,
      column: 1,
      message: '"inputSchema": the schema is invalid: unknown type',
    },
  ]);
});
