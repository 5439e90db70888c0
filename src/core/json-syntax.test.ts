import fc from "fast-check";
import { expect, it } from "vitest";
import { parseJson } from "./json-syntax.ts";

it("every fault has its place", () => {
  const places = (text: string) => {
    const parsed = parseJson(text);
    return "fault" in parsed ? `${parsed.fault.line}:${parsed.fault.column} ${parsed.fault.message}` : "fine";
  };
  expect(places("")).toBe("1:1 not JSON: it ends too early");
  expect(places('{"a": x}')).toBe('1:7 not JSON: "x" is misplaced');
  expect(places('{"a": 1,\n "b" 2}')).toBe('2:6 not JSON: "2" is misplaced');
  expect(places('[1, "a\nb"]')).toBe("1:5 not JSON: a string is misplaced, not closed or badly written");
  expect(places('{"a": 1,}')).toBe('1:9 not JSON: "}" is misplaced');
  expect(places('{"a": [1, {"b": null}}')).toBe('1:22 not JSON: "}" is misplaced');
});

it("finds a fault in exactly the texts that JSON.parse refuses, and never behind it", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 3 }), (json, at, noise) => {
      const cut = at % (json.length + 1);
      const text = json.slice(0, cut) + noise + json.slice(cut);
      const parsed = parseJson(text);
      if ("value" in parsed) return;
      const { line, column } = parsed.fault;
      const lines = text.split("\n");
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
      const offset = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + column - 1;
      expect(offset).toBeGreaterThanOrEqual(Math.min(cut, offset));
    }),
  );
});
