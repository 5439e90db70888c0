import { expect, test } from "vitest";
import type { Diagnostic } from "./diagnostic.ts";
import { renderFrame } from "./frame.ts";

const found: Diagnostic = {
  code: "UNKNOWN_TARGET",
  severity: "error",
  path: "/states/0/next",
  line: 2,
  column: 9,
  endColumn: 13,
  message: 'state "a" goes to the unknown state "chek"',
  hint: 'did you mean "check"?',
};

test("a frame shows the line, a caret below the place, and the hint", () => {
  expect(renderFrame(found, "w.yaml", "name: a\n  next: chek\n")).toBe(
    [
      'w.yaml:2:9 error[unknown-target] state "a" goes to the unknown state "chek"',
      "  2 |   next: chek",
      "    |         ^^^^",
      '  hint: did you mean "check"?',
    ].join("\n"),
  );
});

test("tabs stay, so that the caret stands below its character", () => {
  const lines = renderFrame({ ...found, column: 3, endColumn: 5 }, "w", "\n\t\tab\n").split("\n");
  expect(lines.slice(1, 3)).toEqual(["  2 | \t\tab", "    | \t\t^^"]);
});

test("a long line is cut around the place", () => {
  const source = `\n${"x".repeat(300)}HERE${"y".repeat(300)}`;
  const [, shown = "", caret = ""] = renderFrame(
    { ...found, column: 301, endColumn: 305 },
    "w",
    source,
  ).split("\n");
  expect(shown.length).toBeLessThan(200);
  expect(shown.slice(caret.indexOf("^"), caret.lastIndexOf("^") + 1)).toBe("HERE");
});

test("a line that is not there leaves the message", () => {
  expect(renderFrame({ ...found, line: 99, hint: undefined as never }, "w", "a").split("\n")).toHaveLength(1);
});
