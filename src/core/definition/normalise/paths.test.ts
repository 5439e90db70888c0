import { expect, test } from "vitest";
import { parsePath } from "../../path.ts";
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

test.each(['ctx["a b"].c', 'ctx["1"][0]', 'ctx["ü"]', 'ctx.input["1"]', "a[0].b-c", 'a["b c"].d'])(
  "%s leads where it led as it was written",
  (path) => {
    const keys = parsePath(path)?.keys;
    const body = { states: [{ name: "b", type: "inject", data: {}, end: true }] };
    const each = { name: "a", type: "foreach", itemsPath: path, iterator: body, end: true };
    const writes = path.includes("input") ? {} : { resultPath: path };
    const { definition } = checkDefinition({ id: "w", states: [{ ...each, ...writes }] }, () => ({
      line: 1,
      column: 1,
    }));
    const [state] = definition?.states ?? [];
    if (state?.type !== "foreach") throw new Error("it is refused");
    expect(parsePath(state.itemsPath)?.keys).toEqual(keys);
    expect(parsePath(state.resultPath ?? path)?.keys).toEqual(keys);
  },
);

test("blanks behind a brace that is never closed keep nobody waiting", () => {
  expect(faultsOf(`{{${" ".repeat(200_000)}x`)).toHaveLength(1);
});

test("nobody writes deeper than a value may be", () => {
  expect(faultsOf("a.".repeat(200).slice(0, -1))).toEqual([]);
  expect(faultsOf("a.".repeat(201).slice(0, -1))).toEqual([
    expect.stringContaining("leads more than 200 levels deep"),
  ]);
});
