import { describe, expect, it } from "vitest";
import { partsOf } from "./evidence-shape.ts";

describe("evidence", () => {
  it("shows short values side by side and a list of records as a table of all their keys", () => {
    const pods = [
      { name: "a", ready: false },
      { name: "b", restarts: 14 },
    ];
    expect(partsOf({ error_rate: 0.083, verdict: "degraded", pods })).toEqual([
      {
        as: "facts",
        facts: [
          ["error_rate", "0.083"],
          ["verdict", "degraded"],
        ],
      },
      { as: "table", name: "pods", columns: ["name", "ready", "restarts"], rows: pods },
    ]);
    expect(partsOf(pods)).toMatchObject([{ as: "table", name: null }]);
  });

  it("shows long texts as texts, and what is nested, mixed, empty or too wide as a tree", () => {
    const wide = [Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k${i}`, i]))];
    const shapes = { log: "one\ntwo", nested: { a: { b: 1 } }, mixed: [{ a: 1 }, 2], none: [], wide };
    expect(partsOf(shapes).map((part) => part.as)).toEqual(["text", "tree", "tree", "tree", "tree"]);
    expect(partsOf("just words")).toEqual([{ as: "text", name: null, text: "just words" }]);
    expect(partsOf(null)).toEqual([{ as: "tree", name: null, value: null }]);
    expect(partsOf({})).toEqual([]);
  });

  it("shows what would turn a line around as the sign that it is", () => {
    expect(partsOf({ namespace: "\u202edorp" })).toEqual([
      { as: "facts", facts: [["namespace", "\\u202edorp"]] },
    ]);
  });
});
