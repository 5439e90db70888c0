import { expect, test } from "vitest";
import { parseValue, UnsafeInteger } from "./value.ts";

test.each([
  "9007199254740991",
  "-9007199254740991",
  "1.0",
  "1e300",
  '"12345678901234567890"',
  "123456789012345678.5",
  '{"a":[1]}',
])("%s is read as JSON is", (text) => {
  expect(parseValue(text)).toEqual(JSON.parse(text));
});

test.each(["9007199254740992", "[1,-12345678901234567890]", '{"a":{"b":9007199254740993}}'])(
  "%s is refused, not rounded",
  (text) => {
    expect(() => parseValue(text)).toThrow(UnsafeInteger);
  },
);
