import { expect, test } from "vitest";
import { explainName } from "./suggest.ts";

test.each([
  ["eror", ["error", "other"], "error"],
  ["pirce", ["price"], "price"],
  ["ItemS", ["items", "item"], "items"],
  ["total_count", ["totalCount", "x"], "totalCount"],
])("for %s of %s it suggests %s", (wanted, names, closest) => {
  expect(explainName(`undefined name: ${wanted}`, names)).toContain(`(did you mean ${closest}?)`);
});

test.each([
  ["y", ["n"]],
  ["nope", ["input", "workflow"]],
])("for %s of %s it suggests nothing", (wanted, names) => {
  expect(explainName(`undefined name: ${wanted}`, names)).toBe(
    `undefined name: ${wanted}; names in scope: ${names.join(", ")}`,
  );
});

test("of many names it lists the first ones", () => {
  const names = Array.from({ length: 25 }, (_, i) => `name${i}`);
  expect(explainName("undefined name: zzz", names)).toMatch(/name19, and 5 more$/);
  expect(explainName("undefined name: zzz", [])).toBe("undefined name: zzz; there are no names in scope");
});
