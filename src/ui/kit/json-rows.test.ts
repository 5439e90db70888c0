import { expect, test } from "vitest";
import { changesBetween, firstChange, jsonRows, searchRows, writtenPath } from "./json-rows.ts";

const before = { region: "eu-1", pods: [{ name: "a" }, { name: "b" }], gone: { was: 1 } };
const after = { region: "eu-2", pods: [{ name: "a" }], added: true };

test("of two contexts every difference has a row, also what is gone, and the rest has none", () => {
  const rows = jsonRows(after, new Set(), changesBetween(before, after), true);
  expect(rows.map(({ path, value, change }) => [path, value, change?.is])).toEqual([
    ["", after, "within"],
    ["/region", "eu-2", "changed"],
    ["/pods", [{ name: "a" }], "within"],
    ["/pods/1", { name: "b" }, "removed"],
    ["/added", true, "added"],
    ["/gone", { was: 1 }, "removed"],
  ]);
  expect(firstChange(rows)).toBe(1);
  expect(firstChange(jsonRows(after, new Set()))).toBe(-1);
});

test("a path is copied as an author writes it", () => {
  expect(writtenPath("/pods/0/name", "ctx")).toBe("ctx.pods[0].name");
  expect(writtenPath("/by host/a~1b", "ctx")).toBe('ctx["by host"]["a/b"]');
  expect(writtenPath("", "steps.look.result")).toBe("steps.look.result");
});

test("what is searched for is found below what is folded, too", () => {
  const deep = { a: { b: { c: { needle: 1 } } }, many: Array.from({ length: 60 }, (_, i) => `item ${i}`) };
  const found = (text: string) => searchRows(jsonRows(deep, new Set(), undefined, false, text !== ""), text);
  expect(found("needle").map(({ path }) => path)).toEqual(["", "/a", "/a/b", "/a/b/c", "/a/b/c/needle"]);
  expect(found("item 59").map(({ path }) => path)).toEqual(["", "/many", "/many/59"]);
  expect(found("").map(({ path }) => path)).toEqual(["", "/a", "/a/b", "/a/b/c", "/many"]);
});
