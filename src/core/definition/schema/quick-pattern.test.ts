import { expect, it } from "vitest";
import { isQuickPattern } from "./quick-pattern.ts";

it.each(["^a", "^x_", "^[a-z0-9][a-z0-9-]{0,62}$", "^\\d{4}-\\d{2}-\\d{2}$", "^user:\\S", "^\\w+$"])(
  "%s is done after one look along the text",
  (source) => {
    expect(isQuickPattern(source)).toBe(true);
  },
);

it.each([
  "^(a+)+$",
  "^(?:a{1,9}){20}$",
  "^(a|a)(a|a)(a|a)",
  "^a+a+$",
  "^a?a?a?aaa$",
  "a+b",
  "^x|a+b",
  "^(a*)\\1$",
  "^(?=.*a)b",
  "^\\\\+a+$",
  `^${"a".repeat(300)}`,
])("%s may be tried over and over", (source) => {
  expect(isQuickPattern(source)).toBe(false);
});
