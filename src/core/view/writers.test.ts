import { expect, it } from "vitest";
import { agent, block, workflow } from "../../../test/support/drive.ts";
import { writersOf } from "./writers.ts";

const definition = workflow([
  { type: "inject", name: "config", data: {}, resultPath: "config", transition: { next: "checks" } },
  {
    type: "parallel",
    name: "checks",
    branches: [block("pods", [agent("pods")]), block("errors", [agent("errors")])],
    join: "all",
    onBranchFailure: "cancel",
    resultPath: "diagnostics",
    transition: { next: "summary" },
  },
  agent("summary", undefined, { resultPath: "diagnostics.summary" }),
]);

it("who decides is told which agents wrote what is shown, and that none did", () => {
  expect(writersOf(definition, "diagnostics")).toEqual(["pods", "errors", "summary"]);
  expect(writersOf(definition, "ctx.diagnostics.summary.text")).toEqual(["pods", "errors", "summary"]);
  expect(writersOf(definition, "steps.summary")).toEqual(["summary"]);
  expect(writersOf(definition, "config.thresholds")).toEqual([]);
  expect(writersOf(definition, "not a path")).toEqual([]);
});
