import { expect, test } from "vitest";
import { checkDefinition } from "../check.ts";

/** What is wrong with a state that writes there. */
function faultsOf(resultPath: string) {
  const state = { name: "a", type: "transform", expression: "1", resultPath, end: true };
  const { diagnostics } = checkDefinition({ id: "w", states: [state] }, () => ({ line: 1, column: 1 }));
  return diagnostics
    .filter(({ code }) => code === "INVALID_PATH")
    .map(({ message, hint }) => hint ?? message);
}

test("a path in braces is told without them", () => {
  expect(faultsOf("{{ ctx.a[0].b }}")).toEqual(["write ctx.a[0].b, without braces"]);
  expect(faultsOf(` \${ steps.a } `)).toEqual(["write steps.a, without braces"]);
  expect(faultsOf("{{ 1 + 1 }}")).toEqual([expect.stringContaining("must be a path")]);
});

test("blanks behind a brace that is never closed keep nobody waiting", () => {
  expect(faultsOf(`{{${" ".repeat(200_000)}x`)).toHaveLength(1);
});

test("nobody writes deeper than a value may be", () => {
  expect(faultsOf("a.".repeat(200).slice(0, -1))).toEqual([]);
  expect(faultsOf("a.".repeat(201).slice(0, -1))).toEqual([
    expect.stringContaining("leads more than 200 levels deep"),
  ]);
});
