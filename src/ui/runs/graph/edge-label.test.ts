import { expect, test } from "vitest";
import { labelChars, labelOf, shortLabelOf } from "./edge-label.ts";

const arm = (label: string) => ({ kind: "arm", label }) as const;

test("an arm has room for what its switch will see before it saw anything", () => {
  const label = "error_rate > 0.05";
  const whole = labelOf(label, "0.083 ✓");
  expect(whole).toBe("error_rate > 0.05 · 0.083 ✓");
  expect(shortLabelOf(label, "0.083 ✓", labelChars(arm(label)))).toBe(whole);
  expect(shortLabelOf("otherwise", "✓", labelChars(arm("otherwise")))).toBe("otherwise ✓");
  expect(labelChars({ kind: "error", label: "on error" })).toBe(8);
});

test("of a long label the condition is cut before the value, and the verdict is always there", () => {
  const label = "ctx.diagnostics.error_rate > 0.05 and ctx.cold";
  const chars = labelChars(arm(label));
  expect(shortLabelOf(label, "0.083, true ✕", chars)).toBe("ctx.diagnostics.e… · 0.083, true ✕");
  const text = shortLabelOf(label, `"${"long".repeat(20)}" ✓`, chars);
  expect(text).toHaveLength(chars);
  expect(text).toMatch(/^ctx\.diagn… · "long.*… ✓$/);
  expect(shortLabelOf(label, null, chars)).toHaveLength(chars);
  expect(shortLabelOf("a", `"${"long".repeat(20)}" ✓`, labelChars(arm("a"))).length).toBeLessThanOrEqual(11);
});
