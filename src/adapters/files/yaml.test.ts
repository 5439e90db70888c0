import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonValue } from "../../core/json.ts";
import { parseSource } from "./yaml.ts";

function parse(text: string): JsonValue | undefined {
  const { value, diagnostics } = parseSource(text, "yaml");
  expect(diagnostics).toEqual([]);
  return value;
}

function fail(text: string, format: "yaml" | "json" = "yaml") {
  const { value, diagnostics } = parseSource(text, format);
  expect(value).toBeUndefined();
  return diagnostics.map(({ code, line, column, message, hint }) => [
    code,
    line,
    column,
    message,
    ...(hint ? [hint] : []),
  ]);
}

test.each<[string, string, JsonValue]>([
  [
    "timestamps stay text",
    "a: 2024-01-31\nb: 2024-01-31T10:00:00Z",
    { a: "2024-01-31", b: "2024-01-31T10:00:00Z" },
  ],
  ["yes, no and on are words", "a: yes\nb: no\non: off", { a: "yes", b: "no", on: "off" }],
  ["also with %YAML 1.1", "%YAML 1.1\n---\na: yes\nb: 2024-01-31", { a: "yes", b: "2024-01-31" }],
  ["a version is its source text", "version: 1.10", { version: "1.10" }],
  ["also as 1.0 or true", "version: 1.0", { version: "1.0" }],
  ["only at the top", "a: { version: 1.10 }", { a: { version: 1.1 } }],
  [
    "keys are text",
    "1: a\ntrue: b\n2024-01-01: c\nnull: d",
    { 1: "a", true: "b", "2024-01-01": "c", null: "d" },
  ],
  ["nothing is null", "a:\nb: ~", { a: null, b: null }],
  ["a byte order mark is no part of the text", "\uFEFFa: 1", { a: 1 }],
  ["a mark at the end begins no second document", "---\na: 1\n---\n# all of it\n", { a: 1 }],
  ["Windows line ends", "a: 1\r\nb: |\r\n  x\r\n  y\r\n", { a: 1, b: "x\ny\n" }],
  ["anchors", "a: &x { b: 1 }\nc: *x", { a: { b: 1 }, c: { b: 1 } }],
  ["merge keys", "a: &x { b: 1, c: 2 }\nd: { <<: *x, c: 3 }", { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } }],
  [
    "merge keys, several",
    "a: &a { k: 1 }\nb: &b { k: 2, l: 2 }\nc: { <<: [*a, *b] }",
    { a: { k: 1 }, b: { k: 2, l: 2 }, c: { k: 1, l: 2 } },
  ],
  ["a quoted << is a key", 'a: { "<<": 1 }', { a: { "<<": 1 } }],
  ["an anchor that is set anew", "a: &x 1\nb: *x\nc: &x 2\nd: *x", { a: 1, b: 1, c: 2, d: 2 }],
  ["two task keys are marker and text", "task: agent.run\ntask: look", { action: "agent.run", task: "look" }],
  ["in any order", "task: look\ntask: human.approval", { action: "human.approval", task: "look" }],
  ["a marker alone stays", "task: agent.run", { task: "agent.run" }],
])("%s", (_name, text, value) => {
  expect(parse(text)).toEqual(value);
});

test("a key called __proto__ is a key", () => {
  expect(Object.keys(parse("__proto__: { a: 1 }") as object)).toEqual(["__proto__"]);
});

test.each<[string, string, readonly unknown[]]>([
  [
    "a duplicate key",
    "a: 1\nb: { c: 1, c: 2 }",
    ["DUPLICATE_KEY", 2, 12, 'the key "c" is there twice (first on line 2)'],
  ],
  [
    "three task keys",
    "task: agent.run\ntask: a\ntask: b",
    ["DUPLICATE_KEY", 2, 1, 'the key "task" is there twice (first on line 1)'],
  ],
  [
    "two texts as task",
    "task: a\ntask: b",
    ["DUPLICATE_KEY", 2, 1, 'the key "task" is there twice (first on line 1)'],
  ],
  [
    "two markers",
    "task: agent.run\ntask: agent.run",
    ["DUPLICATE_KEY", 2, 1, 'the key "task" is there twice (first on line 1)'],
  ],
  [
    "two tasks beside an action",
    "action: agent.run\ntask: agent.run\ntask: a",
    ["DUPLICATE_KEY", 3, 1, 'the key "task" is there twice (first on line 2)'],
  ],
  [
    "several documents",
    "a: 1\n---\nb: 2",
    ["SYNTAX", 2, 1, "more than one document in one file", "keep one definition per file"],
  ],
  ["a tab", "a:\n\tb: 1", ["SYNTAX", 2, 1, "tabs are not allowed as indentation", "indent with spaces"]],
  [
    "a colon in a text",
    "a: b: c",
    [
      "SYNTAX",
      1,
      4,
      "nested mappings are not allowed in compact mappings",
      'a text that contains ": " must be in quotes',
    ],
  ],
  [
    "a bare template",
    "a: {{ x }}",
    ["SYNTAX", 1, 5, "a key must be text", "a text that starts with {{ must be in quotes"],
  ],
  ["a tag", "a: !secret x", ["SYNTAX", 1, 4, "unresolved tag: !secret"]],
  ["infinity", "a: .inf", ["SYNTAX", 1, 4, ".inf is not a JSON number"]],
  ["an overflowing number", "a: 1e999", ["SYNTAX", 1, 4, "1e999 is not a JSON number"]],
  [
    "a number beyond 2^53",
    "a: 12345678901234567890",
    ["SYNTAX", 1, 4, "12345678901234567890 is too large to be kept exactly", "write it in quotes"],
  ],
  [
    "a template without quotes that is not all of its text",
    "a: {{ b }} c",
    ["SYNTAX", 1, 12, "unexpected scalar at node end", "a text that starts with {{ must be in quotes"],
  ],
  [
    "a schedule without quotes",
    "a: { cron: */5 * * * * }",
    ["SYNTAX", 1, 16, "unexpected alias at node end", "a text that starts with * must be in quotes"],
  ],
  ["an unknown alias", "a: *x", ["SYNTAX", 1, 4, "there is no anchor &x before this alias"]],
  ["an alias in its own anchor", "a: &x [*x]", ["SYNTAX", 1, 8, "the alias *x stands inside its own anchor"]],
  ["a merge of text", "a: { <<: text }", ["SYNTAX", 1, 6, "<< takes a map or a list of maps"]],
])("%s is an error at its place", (_name, text, error) => {
  expect(fail(text)).toEqual([error]);
});

test.each<[string, string, number, number]>([
  ["a comma too many", '{\n  "a": 1,\n}', 3, 1],
  ["a comment", '{ // no\n"a": 1}', 1, 3],
  ["single quotes", "{'a': 1}", 1, 2],
  ["an unfinished text", '{"a": 1', 1, 8],
  ["nothing", "", 1, 1],
  ["a word of another language", '{\n  "a": True,\n  "b": 1\n}\n', 2, 8],
  ["a comma too many in a list", '{\n  "a": [1,],\n  "b": 1\n}\n', 2, 11],
])("JSON is read as JSON, not as YAML: %s", (_name, text, line, column) => {
  expect(fail(text, "json")).toMatchObject([["SYNTAX", line, column, expect.stringContaining("JSON")]]);
});

test("JSON has duplicate keys and large numbers too", () => {
  expect(fail('{"a": 1, "a": 2}', "json")).toMatchObject([["DUPLICATE_KEY", 1, 10, expect.any(String)]]);
  expect(fail('{"a": 12345678901234567890}', "json")).toMatchObject([
    ["SYNTAX", 1, 7, expect.any(String), expect.any(String)],
  ]);
});

test("a text that is too large is not even parsed", () => {
  expect(fail(`a: ${"x".repeat(1_000_000)}`)).toEqual([
    ["TOO_LARGE", 1, 1, "1000003 bytes are more than the 1000000 allowed"],
  ]);
});

test("aliases that grow without bound end early", () => {
  const levels = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 12; i++) {
    const [name, below] = [String.fromCharCode(97 + i), String.fromCharCode(96 + i)];
    levels.push(`${name}: &${name} [${Array(10).fill(`*${below}`).join(", ")}]`);
  }
  const started = performance.now();
  expect(fail(levels.join("\n"))).toMatchObject([
    ["TOO_LARGE", expect.any(Number), expect.any(Number), expect.any(String)],
  ]);
  expect(performance.now() - started).toBeLessThan(2000);
});

test.each([
  ["brackets", "[".repeat(20_000)],
  ["dashes", "- ".repeat(20_000)],
  ["closed brackets", "[".repeat(5000) + "]".repeat(5000)],
  ["merges", `a: &a {x: 1}\n${Array.from({ length: 5000 }, (_, i) => `k${i}: {<<: *a}`).join("\n")}`],
])("a text full of %s neither hangs nor throws", (_name, text) => {
  const started = performance.now();
  parseSource(text, "yaml");
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("every key and value knows its place", () => {
  const { locate } = parseSource("a:\n  - b: one\n    c: 'two'\n", "yaml");
  expect(locate("/a/0/b", "key")).toMatchObject({ line: 2, column: 5, endColumn: 6 });
  expect(locate("/a/0/b")).toMatchObject({ line: 2, column: 8, endColumn: 11, offset: 10 });
  expect(locate("/a/0/c")).toMatchObject({ line: 3, column: 8, endColumn: 13 });
});

test("what is not there is placed at what would hold it", () => {
  const { locate } = parseSource("a:\n  b: 1\n", "yaml");
  expect(locate("/a/x/y")).toMatchObject({ line: 1, column: 1 });
  expect(locate("/x")).toMatchObject({ line: 1, column: 1 });
});

test("a value behind an alias is placed at the alias, its inside where it was written", () => {
  const { locate } = parseSource("a: &x { b: 1 }\nc: *x\n", "yaml");
  expect(locate("/c")).toMatchObject({ line: 2, column: 4 });
  expect(locate("/c/b")).toMatchObject({ line: 1, column: 12 });
});

test.each([
  ["plain", "a: one two", 1, 8],
  ["quoted", 'a: "one two"', 1, 9],
  ["a block", "a: |\n  one\n  x\nb: 1", 3, 3],
  ["a block with other indentation", "a:\n  b: |2\n      one\n      x", 4, 7],
  ["a block with Windows line ends", "a: |\r\n  one\r\n  x\r\n", 3, 3],
])("a character inside %s text has a place", (_name, text, line, column) => {
  const { locate, value } = parseSource(text, "yaml");
  const [path, written] = text.includes("b: |2")
    ? ["/a/b", (value as { a: { b: string } }).a.b]
    : ["/a", (value as { a: string }).a];
  const offset = Math.max(written.indexOf("two"), written.indexOf("x"));
  expect(locate(path, "value", offset)).toMatchObject({ line, column });
});

test("no text makes the parser throw, and any JSON comes back as it went in", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab:- \n\t{}[]&*!|>'\"#%,?<0.~") }), (text) => {
      parseSource(text, "yaml");
    }),
  );
  const safe = fc
    .jsonValue({ maxDepth: 4 })
    .filter((value) => !/"task"|"version"|-0|\d{16}|e\+/.test(JSON.stringify(value)));
  fc.assert(
    fc.property(safe, (value) => {
      const json = JSON.parse(JSON.stringify(value)) as JsonValue;
      expect(parseSource(JSON.stringify(value), "json").value).toEqual(json);
      expect(parseSource(JSON.stringify(value, null, 2), "yaml").value).toEqual(json);
    }),
  );
});
