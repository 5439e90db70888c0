import fc from "fast-check";
import { expect, it } from "vitest";
import { isSameDefinition } from "./canonical.ts";
import type { Definition } from "./types.ts";

const same = (a: unknown, b: unknown) => isSameDefinition(a as Definition, b as Definition);

it("takes no account of the order of keys, and of what is not there", () => {
  const reordered = { states: [{ b: 1, c: undefined, name: "s" }], id: "a" };
  expect(same({ id: "a", states: [{ name: "s", b: 1 }] }, reordered)).toBe(true);
});

it("takes account of everything else", () => {
  expect(same({ id: "a", states: [1, 2] }, { id: "a", states: [2, 1] })).toBe(false);
  expect(same({ id: "a" }, { id: "a", labels: {} })).toBe(false);
  expect(same({ id: "a", x: "1" }, { id: "a", x: 1 })).toBe(false);
  expect(same({ "a,b": 1 }, { a: 1, b: 1 })).toBe(false);
});

it("a definition is the same after it was kept as JSON, its keys in any order", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (definition) => {
      const kept = JSON.parse(JSON.stringify(definition)) as object;
      expect(same(definition, Object.fromEntries(Object.entries(kept).reverse()))).toBe(true);
    }),
  );
});
