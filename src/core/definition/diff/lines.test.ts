import fc from "fast-check";
import { expect, it } from "vitest";
import { unifiedDiff } from "./lines.ts";

const names = { from: "v1", to: "v2" };

it("shows a changed line with three lines around it", () => {
  const lines = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
  const before = `${lines.join("\n")}\n`;
  expect(unifiedDiff(before, before.replace("e\n", "E\nE2\n"), names)).toBe(
    "--- v1\n+++ v2\n@@ -2,7 +2,8 @@\n b\n c\n d\n-e\n+E\n+E2\n f\n g\n h\n",
  );
});

it("shows changes far apart as hunks of their own", () => {
  const text = Array.from({ length: 40 }, (_, index) => `line ${index}\n`);
  const changed = text.with(2, "two\n").with(35, "thirty-five\n");
  const diff = unifiedDiff(text.join(""), changed.join(""), names);
  expect(diff.match(/^@@ .* @@$/gm)).toEqual(["@@ -1,6 +1,6 @@", "@@ -33,7 +33,7 @@"]);
});

it("says nothing about equal texts", () => {
  expect(unifiedDiff("a\n", "a\n", names)).toBe("");
});

it("marks a text that does not end with a line break", () => {
  expect(unifiedDiff("a\n", "a", names)).toBe(
    "--- v1\n+++ v2\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n",
  );
});

it("shows texts that have next to nothing in common as replaced, without looking for hours", () => {
  const text = (word: string) => Array.from({ length: 5000 }, (_, index) => `${word} ${index}\n`).join("");
  const diff = unifiedDiff(text("old"), text("new"), names);
  expect(diff.split("\n").filter((line) => line.startsWith("-old"))).toHaveLength(5000);
  expect(diff.split("\n").filter((line) => line.startsWith("+new"))).toHaveLength(5000);
});

it("turns the first text into the second when it is applied, whatever they are", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c", "", "d e"), { maxLength: 30 })
    .map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(applied(before, unifiedDiff(before, after, names))).toBe(after);
    }),
  );
});

/** What `patch` does: every hunk must stand exactly where it says. */
function applied(text: string, diff: string): string {
  if (diff === "") return text;
  const before = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const after: string[] = [];
  let next = 0;
  let endsOpen = text !== "" && !text.endsWith("\n");
  let sign = "";
  for (const line of diff.split("\n").slice(2, -1)) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? /.exec(line);
    if (hunk) {
      const from = Number(hunk[1]) - (hunk[2] === "0" ? 0 : 1);
      while (next < from) after.push(before[next++] ?? "");
    } else if (line.startsWith("\\")) endsOpen = sign !== "-";
    else {
      [sign = ""] = line;
      if (sign !== "+") expect(before[next++]).toBe(line.slice(1));
      if (sign !== "-") after.push(line.slice(1));
      if (sign === "+" && next === before.length) endsOpen = false;
    }
  }
  while (next < before.length) after.push(before[next++] ?? "");
  return after.length === 0 ? "" : `${after.join("\n")}${endsOpen ? "" : "\n"}`;
}
