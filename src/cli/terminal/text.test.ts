import { expect, it } from "vitest";
import { clean, oneLine, pad, shorten, textWidth, wrap } from "./text.ts";

it.each([
  ["checkout", 8],
  ["Prüfung", 7],
  ["e\u0301", 1],
  ["日本", 4],
  ["✓ ◐ …", 5],
  ["\x1b[31mred\x1b[39m", 3],
])("%j takes %i cells", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

it("shortens to cells, never into half a sign", () => {
  expect(shorten("k8s-pod-checker", 8)).toBe("k8s-pod…");
  expect(shorten("日本語", 4)).toBe("日…");
  expect(shorten("short", 8)).toBe("short");
  expect(shorten("long text", 6, "..")).toBe("long..");
  expect(pad("日", 4)).toBe("日  ");
  expect(pad("1", 3, "start")).toBe("  1");
});

it("wraps between words and keeps lines that are there", () => {
  expect(wrap("the agent took longer than 20 s", 12)).toEqual(["the agent", "took longer", "than 20 s"]);
  expect(wrap("a\nb", 10)).toEqual(["a", "b"]);
});

it("lets nothing through that would take over a terminal", () => {
  expect(oneLine("a\x1b]0;title\x07b\n\tc\u202e")).toBe("ab c");
  expect(clean("line 1\nline 2\x1b[2J\r")).toBe("line 1\nline 2");
});
