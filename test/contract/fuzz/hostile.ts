import fc from "fast-check";
import { isList, isObject, type JsonValue } from "../../../src/core/json.ts";

/** Pieces that parsers, templates, paths and queries give a meaning to. */
const FRAGMENTS = [
  ..."{}[]()<>\"'`\\/:;,.|&*?#%@!$~^=+- \t\n\r".split(""),
  ...[
    "{{",
    "}}",
    "{{{",
    "{{#each x}}",
    "{{/each}}",
    "{{role 'user'}}",
    "{{> p}}",
    "{{ctx.a[0].b}}",
    "{{ 1/0 }}",
  ],
  ...[
    "---\n",
    "...\n",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "!x ",
    "|\n",
    ">-\n",
    "? ",
    "- ",
    ": ",
    "%YAML 1.1\n",
  ],
  ...[
    "\0",
    "\u0001",
    "\u007f",
    "\u0085",
    "\u2028",
    "\ufeff",
    "\ud800",
    "\udc00",
    "\u202e",
    "é",
    "e\u0301",
    "😀",
  ],
  ...[
    "null",
    "true",
    "~",
    "NaN",
    "Infinity",
    "-0",
    "1e999",
    "0x10",
    "9007199254740993",
    "-1",
    "1e-400",
    "00",
  ],
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "length", "then"],
  ...[
    "../",
    "%00",
    "%2e%2e%2f",
    "%zz",
    "' or 1=1 --",
    "$.a",
    "$x",
    "$\u007bx}",
    "$ref",
    "#/$defs/a",
    "*/5 * * * *",
    "P1Y",
  ],
  ...[
    "(a+)+$",
    "[".repeat(300),
    "{".repeat(300),
    "(".repeat(300),
    "a".repeat(5000),
    "\n".repeat(500),
    "😀".repeat(500),
  ],
];

/** Text that nobody would write who means well. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom(...FRAGMENTS), weight: 3 },
  {
    arbitrary: fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 8 }).map((parts) => parts.join("")),
    weight: 2,
  },
  { arbitrary: fc.string({ unit: "binary", maxLength: 40 }), weight: 1 },
  { arbitrary: fc.string({ maxLength: 40 }), weight: 1 },
);

/** A JSON value that fits nowhere. */
export const hostileValue: fc.Arbitrary<JsonValue> = fc.oneof(
  { arbitrary: hostileText, weight: 3 },
  {
    arbitrary: fc.constantFrom<JsonValue>(
      ...[null, true, false, 0, -0, -1, 0.5, 1e21, 2 ** 53 + 2, -(2 ** 63), 1e308, 5e-324, "", [], {}],
      ...[[[]], [null], { "": null }, { a: { a: { a: {} } } }, nested(200), wide(500)],
      JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    ),
    weight: 2,
  },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>, weight: 1 },
);

function nested(depth: number): JsonValue {
  let value: JsonValue = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

function wide(count: number): JsonValue {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
}

const TEXT_EDITS = [
  "insert",
  "delete",
  "replace",
  "repeat",
  "drop",
  "double",
  "swap",
  "graft",
  "indent",
  "cut",
] as const;

/** One of these texts after a few edits. */
export function mutatedText(texts: readonly string[], edits = 5): fc.Arbitrary<string> {
  const edit = fc.record({
    kind: fc.constantFrom(...TEXT_EDITS),
    at: fc.nat(1_000_000),
    length: fc.nat(60),
    times: fc.integer({ min: 2, max: 60 }),
    fragment: hostileText,
  });
  return fc
    .tuple(fc.constantFrom(...texts), fc.constantFrom(...texts), fc.array(edit, { maxLength: edits }))
    .map(([text, other, list]) => list.reduce((so, one) => editText(so, other, one), text));
}

type TextEdit = {
  readonly kind: (typeof TEXT_EDITS)[number];
  readonly at: number;
  readonly length: number;
  readonly times: number;
  readonly fragment: string;
};

function editText(text: string, other: string, { kind, at, length, times, fragment }: TextEdit): string {
  const from = at % (text.length + 1);
  const to = Math.min(text.length, from + length);
  const [before, span, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  const lines = text.split("\n");
  const line = at % lines.length;
  const withLines = (...put: readonly string[]) =>
    [...lines.slice(0, line), ...put, ...lines.slice(line + 1)].join("\n");
  const here = lines[line] ?? "";
  switch (kind) {
    case "insert":
      return before + fragment + span + after;
    case "delete":
      return before + after;
    case "replace":
      return before + fragment + after;
    case "repeat":
      return before + span.repeat(times) + after;
    case "drop":
      return withLines();
    case "double":
      return withLines(here, here);
    case "swap":
      return withLines(lines[line + 1] ?? "", here);
    case "graft": {
      const theirs = other.split("\n");
      const first = (at * 7) % theirs.length;
      return withLines(here, ...theirs.slice(first, first + 1 + (length % 6)));
    }
    case "indent":
      return withLines(" ".repeat(times % 9) + here.trimStart());
    case "cut":
      return before;
  }
}

const VALUE_EDITS = ["replace", "remove", "add", "rename", "double", "wrap", "swap"] as const;

/** One of these values after a few edits. */
export function mutatedValue(values: readonly JsonValue[], edits = 4): fc.Arbitrary<JsonValue> {
  return fc.constantFrom(...values).chain((value) => editedValue(value, edits));
}

/** This value after a few edits. */
export function editedValue(value: JsonValue, edits = 4): fc.Arbitrary<JsonValue> {
  const edit = fc.record({
    kind: fc.constantFrom(...VALUE_EDITS),
    at: fc.nat(1_000_000),
    other: fc.nat(1_000_000),
    put: hostileValue,
    key: hostileText,
  });
  return fc
    .array(edit, { maxLength: edits })
    .map((list) => list.reduce((so, one) => editValue(so, one), structuredClone(value)));
}

type ValueEdit = {
  readonly kind: (typeof VALUE_EDITS)[number];
  readonly at: number;
  readonly other: number;
  readonly put: JsonValue;
  readonly key: string;
};

/** Where a value stands: in what, by which key. */
type Slot = { readonly holder: Record<string, JsonValue>; readonly key: string };

function editValue(root: JsonValue, { kind, at, other, put, key }: ValueEdit): JsonValue {
  const top: Record<string, JsonValue> = { value: structuredClone(root) };
  const slots = slotsOf(top);
  const slot = slots[at % slots.length] as Slot;
  const second = slots[other % slots.length] as Slot;
  const value = slot.holder[slot.key] as JsonValue;
  switch (kind) {
    case "replace":
      set(slot.holder, slot.key, structuredClone(put));
      break;
    case "remove":
      if (slot.holder !== top) delete slot.holder[slot.key];
      break;
    case "add":
      if (isList(value)) set(slot.holder, slot.key, [...value, structuredClone(put)]);
      else if (isObject(value)) set(value as Record<string, JsonValue>, key, structuredClone(put));
      break;
    case "rename":
      if (slot.holder === top || isList(slot.holder as JsonValue)) break;
      delete slot.holder[slot.key];
      set(slot.holder, key, value);
      break;
    case "double":
      if (!isList(slot.holder as JsonValue)) set(second.holder, second.key, structuredClone(value));
      break;
    case "wrap":
      set(slot.holder, slot.key, [value]);
      break;
    case "swap":
      set(second.holder, second.key, structuredClone(value));
      break;
  }
  return structuredClone(top["value"] ?? null);
}

/** As JSON.parse would have it: `__proto__` is a key like any other. */
function set(holder: Record<string, JsonValue>, key: string, value: JsonValue): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function slotsOf(holder: Record<string, JsonValue>): readonly Slot[] {
  return Object.keys(holder).flatMap((key) => {
    const value = holder[key];
    const below = isList(value) || isObject(value) ? slotsOf(value as Record<string, JsonValue>) : [];
    return [{ holder, key }, ...below];
  });
}
