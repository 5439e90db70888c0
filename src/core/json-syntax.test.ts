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

it("an integer that a number would make another is a fault where it stands, and not what is meant as it is", () => {
  const fault = (text: string) => {
    const parsed = parseJson(text);
    return "fault" in parsed ? parsed.fault : null;
  };
  expect(fault('{\n  "id": [1, 12345678901234567890]}')).toEqual({
    message:
      "not kept as it is: 12345678901234567890 would become 12345678901234567000; write it as a text, in quotes",
    line: 2,
    column: 13,
  });
  expect(fault("-9007199254740993")?.column).toBe(1);
  expect(fault("1".repeat(400))?.message).toContain("would become Infinity");
  // What Station itself answers may come back; what says that it is about so much is no id.
  for (const text of [
    "9007199254740991",
    "12345678901234567000",
    '"12345678901234567890"',
    '{"12345678901234567890": "a \\" 12345678901234567890"}',
    "0.12345678901234567890",
    "1234567890.12345678901234567890",
    "1.2345678901234567890e19",
    "100000000000000000000000e-3",
  ])
    expect(fault(text)).toBeNull();
});

it("values of many megabytes are read, with long digits in them and behind them", () => {
  const large = "x".repeat(20_000_000) + "1".repeat(20);
  expect("value" in parseJson(JSON.stringify({ large, quotes: '"\\'.repeat(5_000_000) }))).toBe(true);
  expect(parseJson(`{"large": "${large}",\n "id": 12345678901234567890, "is": true}`)).toMatchObject({
    fault: { line: 2, column: 8 },
  });
  expect(parseJson("7".repeat(2_000_000))).toMatchObject({
    fault: {
      line: 1,
      column: 1,
      message: expect.stringMatching(/^not kept as it is: 7{40}… would become Infinity/),
    },
  });
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
