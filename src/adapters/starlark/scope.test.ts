import { expect, test } from "vitest";
import type { JsonObject } from "../../core/json.ts";
import { namesIn, serialiseScope } from "./scope.ts";

const free = (name: string, ...paths: string[][]) => ({ name, builtin: false, line: 1, column: 1, paths });
const read = (layers: readonly JsonObject[], ...names: ReturnType<typeof free>[]) =>
  JSON.parse(serialiseScope(layers, names));

const layers = [{ a: 1 }, { a: 2, big: { x: { y: 1, z: 2 }, w: [1, 2] }, other: true }];

test("only what is read is serialised, and the innermost layer wins", () => {
  expect(read(layers, free("a", []), free("big", ["x", "y"]))).toEqual({ a: 1, big: { x: { y: 1 } } });
});

test("what several programs read of one name is put together", () => {
  expect(read(layers, free("big", ["x", "y"]), free("big", ["w"]))).toEqual({
    big: { x: { y: 1 }, w: [1, 2] },
  });
  expect(read(layers, free("big", ["x", "y"]), free("big", ["x"]))).toEqual({ big: { x: { y: 1, z: 2 } } });
});

test("an object that lacks a key is sent whole, for the fallback and the error's hint", () => {
  expect(read(layers, free("big", ["x", "nope"]))).toEqual({ big: { x: { y: 1, z: 2 } } });
  expect(read(layers, free("big", ["w", "length"]))).toEqual({ big: { w: [1, 2] } });
});

test("a name that exists nowhere is left out", () => {
  expect(read(layers, free("nope", []), free("toString", []))).toEqual({});
});

test("a key __proto__ is a key", () => {
  const odd: JsonObject = JSON.parse('{"__proto__":{"__proto__":1,"b":2}}');
  expect(serialiseScope([odd], [free("__proto__", ["__proto__"])])).toBe('{"__proto__":{"__proto__":1}}');
});

test("every name is listed once, innermost first", () => {
  expect(namesIn(layers)).toEqual(["a", "big", "other"]);
});
