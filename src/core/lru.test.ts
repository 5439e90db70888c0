import { expect, test } from "vitest";
import { Lru } from "./lru.ts";

test("what was not used for longest is forgotten, once", () => {
  const forgotten: number[] = [];
  const lru = new Lru<string, number>(2, (value) => forgotten.push(value));
  lru.set("a", 1);
  lru.set("b", 2);
  expect(lru.get("a")).toBe(1);
  lru.set("c", 3);
  lru.set("c", 4);
  expect(forgotten).toEqual([2]);
  expect([lru.get("a"), lru.get("b"), lru.get("c")]).toEqual([1, undefined, 4]);
});
