import { expect, test } from "vitest";
import type { JsonValue } from "../../../core/json.ts";
import { valuesIn, withValues } from "./switch-note.ts";

const values: Readonly<Record<string, JsonValue>> = {
  error_rate: 0.083,
  "ctx.config.thresholds.errorRate": 0.05,
  "result.status": "healthy",
  "pods[0].ready": false,
  pods: [],
};
const look = (path: string) => values[path];

test("a condition is told with the values it saw in the place of their names", () => {
  expect(withValues("error_rate > ctx.config.thresholds.errorRate", look)).toBe("0.083 > 0.05");
  expect(withValues('result.status == "error_rate"', look)).toBe('"healthy" == "error_rate"');
  expect(withValues("not pods[0].ready and unknown", look)).toBe("not false and unknown");
});

test("its values alone are told each once, in the order of their names", () => {
  expect(valuesIn("error_rate > 0.05 and error_rate < ctx.config.thresholds.errorRate", look)).toBe(
    "0.083, 0.05",
  );
});

test("what is no single value, a function or in quotes is left as it is written", () => {
  for (const condition of ["len(pods) > 2", "'error_rate' == 'x'", "get(x).error_rate", "pods", "True"]) {
    expect(withValues(condition, look)).toBeNull();
    expect(valuesIn(condition, look)).toBeNull();
  }
});

test("a quote that is never closed keeps nobody waiting", () => {
  expect(valuesIn(`error_rate > 0 # it's ${"\\".repeat(200)}`, look)).toBe("0.083");
});
