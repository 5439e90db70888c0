import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { checkCalls, type KnownWorkflow } from "./calls.ts";
import { checkDefinition } from "./check.ts";
import { checkFlow } from "./flow/flow.ts";
import { object } from "./flow/test-flow.ts";

const nowhere = () => ({ line: 1, column: 1 });
const drain: KnownWorkflow = {
  id: "drain-node",
  inputSchema: object(
    { node: { type: "string" }, "force?": { type: "boolean" } },
    { additionalProperties: false },
  ),
  outputSchema: object({ moved: { type: "integer" } }, { additionalProperties: false }),
};

/** What is said of a workflow that calls `call` and then reads of its result. */
function said(call: JsonObject, read = "ctx.steps.call.moved"): readonly string[] {
  const states = [
    { name: "call", type: "workflow", next: "after", ...call },
    { name: "after", type: "inject", data: { moved: `{{ ${read} }}` }, end: true },
  ];
  const { definition, diagnostics } = checkDefinition({ id: "w", states }, nowhere);
  if (!definition) throw new Error(JSON.stringify(diagnostics));
  return [
    ...checkCalls(definition, "default", [drain], nowhere),
    ...checkFlow(definition, [], [], nowhere, [drain]),
  ].map(({ severity, code, path, message }) => `${severity} ${code} ${path}: ${message}`);
}

test("a call that gives what the workflow takes, of one that is there, leaves nothing to say", () => {
  expect(said({ workflow: "drain-node", input: { variables: { node: "n1" } } })).toEqual([]);
  expect(said({ workflow: "{{ input.which }}" }, "ctx.steps.call.anything")).toEqual([]);
  expect(said({ workflow: "w" }, "ctx.steps.call.anything")).toEqual([]);
});

test("a call of nothing there is a warning: it may still come", () => {
  expect(said({ workflow: "drian-node" }, "ctx.steps.call.anything")).toEqual([
    'warning WORKFLOW_NOT_FOUND /states/0/workflow: workflow not found: "drian-node" in environment "default" (state "call")',
  ]);
});

test("what a called workflow misses, does not take or cannot understand is an error where it is written", () => {
  const variables = { node: 7, froce: true };
  expect(said({ workflow: "drain-node", input: { variables } })).toEqual([
    expect.stringMatching(/^error SCHEMA_COMPATIBILITY \/states\/0\/input\/variables\/node: .*"drain-node"/),
    expect.stringMatching(/^error SCHEMA_COMPATIBILITY \/states\/0\/input\/variables\/froce: /),
  ]);
  expect(said({ workflow: "drain-node" })).toEqual([
    expect.stringMatching(/^error SCHEMA_COMPATIBILITY \/states\/0\/workflow: .*node/),
  ]);
});

test("what a called workflow never answers is missed where it is read; of a pinned version nothing is known", () => {
  const call = { workflow: "drain-node", input: { variables: { node: "n1" } } };
  expect(said(call, "ctx.steps.call.mvoed")).toEqual([expect.stringContaining("mvoed")]);
  expect(said({ ...call, version: 2 }, "ctx.steps.call.mvoed")).toEqual([]);
});
