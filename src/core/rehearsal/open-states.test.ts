import { expect, test } from "vitest";
import { checkDefinition } from "../definition/check.ts";
import type { JsonObject } from "../json.ts";
import { openStates } from "./open-states.ts";

const ask = (name: string, more: JsonObject = {}) => ({
  name,
  type: "agent",
  agent: "a",
  next: "fork",
  ...more,
});
const fork = (condition: string, more: JsonObject = {}) => ({
  name: "fork",
  type: "switch",
  conditions: [{ if: condition, next: "last" }],
  defaultNext: "last",
  ...more,
});

/** The states of a workflow whose way is open. */
function open(...states: readonly JsonObject[]): readonly string[] {
  const last = { name: "last", type: "inject", data: {}, end: true };
  const { definition, diagnostics } = checkDefinition({ id: "w", states: [...states, last] }, () => ({
    line: 1,
    column: 1,
  }));
  if (!definition) throw new Error(JSON.stringify(diagnostics));
  return [...openStates(definition)];
}

test("what the input decides is certain, also behind an agent", () => {
  expect(open(fork('input.env == "steps.check"'))).toEqual([]);
  expect(open(ask("check", { resultPath: "found" }), fork("ctx.env == 'prod' and foundation"))).toEqual([]);
});

test("what an agent says decides nothing before it has said it", () => {
  expect(open(ask("check"), fork("steps.check.result.rate > 1"))).toEqual(["fork"]);
  expect(open(ask("check", { resultPath: "found.now" }), fork("ctx.found"))).toEqual(["fork"]);
  expect(open(ask("check", { resultPath: "found" }), fork("ctx['found'] == 1"))).toEqual(["fork"]);
  expect(open(ask("check", { resultPath: "found" }), fork("rate > 1", { dataPath: "ctx.found" }))).toEqual([
    "fork",
  ]);
});

test("what is made of an agent's answer is as open as the answer", () => {
  const sum = {
    name: "sum",
    type: "transform",
    expression: "ctx.found.a + 1",
    resultPath: "total",
    next: "fork",
  };
  expect(open(ask("check", { resultPath: "found", next: "sum" }), sum, fork("ctx.total > 3"))).toEqual([
    "sum",
    "fork",
  ]);
  const known = { ...sum, expression: "workflow.input.a + 1" };
  expect(open(ask("check", { resultPath: "found", next: "sum" }), known, fork("ctx.total > 3"))).toEqual([]);
  const noted = { name: "sum", type: "inject", data: { seen: "{{ ctx.found }}" }, next: "fork" };
  expect(open(ask("check", { resultPath: "found", next: "sum" }), noted, fork("ctx.seen"))).toEqual([
    "sum",
    "fork",
  ]);
});

test("what flows on from an agent is open, by whatever name it is read", () => {
  const sum = (expression: string) => ({
    name: "sum",
    type: "transform",
    expression,
    resultPath: "total",
    next: "fork",
  });
  const by = (text: string) => open(ask("check", { next: "sum" }), sum(text), fork("ctx.total > 3"));
  expect(by("input.rate + 1")).toEqual(["sum", "fork"]);
  expect(by("workflow.input.rate + 1")).toEqual([]);
  // In the first state it is the run's input, and so behind one that only leads on.
  expect(open(sum("input.rate + 1"), fork("ctx.total > 3"))).toEqual([]);
  const lead = fork("true", { name: "lead", conditions: [{ if: "true", next: "sum" }], defaultNext: "sum" });
  expect(open(lead, sum("input.rate + 1"), fork("ctx.total > 3"))).toEqual([]);
  expect(open(ask("check", { next: "lead" }), lead, sum("input.rate"), fork("ctx.total > 3"))).toEqual([
    "sum",
    "fork",
  ]);
  expect(open(ask("check"), fork("rate > 1", { dataPath: "$.found" }))).toEqual(["fork"]);
  expect(open(fork("rate > 1", { dataPath: "$.found" }))).toEqual([]);
});

test("how often a foreach goes round is open where its items are an agent's", () => {
  const each = (itemsPath: string) => ({
    name: "each",
    type: "foreach",
    itemsPath,
    itemName: "item",
    iterator: { states: [{ name: "look", type: "inject", data: {}, end: true }] },
    next: "last",
  });
  expect(open(ask("check", { resultPath: "found", next: "each" }), each("ctx.found.pods"))).toEqual(["each"]);
  expect(open(ask("check", { resultPath: "found", next: "each" }), each("input.pods"))).toEqual([]);
  expect(open(ask("check", { next: "each" }), each("$.pods"))).toEqual(["each"]);
  const seen = { name: "look", type: "transform", expression: "input.name", end: true };
  const inside = { ...each("$.pods"), iterator: { states: [seen] } };
  expect(open(inside)).toEqual([]);
  expect(open(ask("check", { next: "each" }), inside)).toEqual(["each", "look"]);
});

test("a quote that is never closed keeps nobody waiting, whatever stands behind it", () => {
  expect(open(fork(`input.a == 1 # "${'\\"'.repeat(400_000)}`))).toEqual([]);
  expect(open(ask("check", { resultPath: "found", next: "fork" }), fork(`1 # don't\nor ctx.found`))).toEqual([
    "fork",
  ]);
  expect(open(fork(`input.a == 1 # it's ${"\\".repeat(200)}`))).toEqual([]);
});

test("what is made of an answer by way of thousands of states keeps nobody waiting", () => {
  const many = 2000;
  const chain = Array.from({ length: many }, (_, at) => ({
    name: `s${at}`,
    type: "transform",
    expression: `ctx.v${at + 1} + 1`,
    resultPath: `v${at}`,
    next: at === many - 1 ? "check" : `s${at + 1}`,
  }));
  const last = ask("check", { resultPath: `v${many}`, next: "last" });
  expect(open(...chain, last)).toHaveLength(many);
  const deep = { ...fork(`ctx.${"a.".repeat(100_000)}b`), name: "check" };
  expect(open({ ...deep, name: "fork" })).toEqual([]);
});
