import { expect, it } from "vitest";
import { unifiedDiff } from "../../../core/definition/diff/lines.ts";
import { sideBySide } from "./side-by-side.ts";

const names = { from: "a v1", to: "a v2" };

it("a changed line stands beside the line it became, and what is new beside nothing", () => {
  const rows = sideBySide(unifiedDiff("a\nold\nc\n", "a\nnew\nmore\nc\n", names));
  expect(
    rows.map((row) => (row.kind === "gap" ? "…" : [row.before?.text ?? null, row.after?.text ?? null])),
  ).toEqual([
    ["a", "a"],
    ["old", "new"],
    [null, "more"],
    ["c", "c"],
  ]);
});

it("equal lines far from any change are a gap, and numbers go on behind it", () => {
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i + 1}`);
  const after = lines.with(1, "second").with(37, "almost last");
  const rows = sideBySide(unifiedDiff(`${lines.join("\n")}\n`, `${after.join("\n")}\n`, names));
  expect(rows.filter(({ kind }) => kind === "gap")).toHaveLength(1);
  const changed = rows.flatMap((row) =>
    row.kind === "line" && row.after?.isChanged ? [[row.before?.number, row.after.number]] : [],
  );
  expect(changed).toEqual([
    [2, 2],
    [38, 38],
  ]);
});

it("two equal texts have no rows", () => {
  expect(sideBySide(unifiedDiff("a\n", "a\n", names))).toEqual([]);
});
