import { expect, test } from "vitest";
import type { JsonObject } from "../../json.ts";
import { checkDefinition } from "../check.ts";
import { reportFlow } from "./report.ts";
import { agent, ask, object } from "./test-flow.ts";

const text = { type: "string" };
const pods = { type: "array", items: object({ name: text }) };
const agents = [
  agent("checker", object({ namespace: text }), object({ pods, "note?": text })),
  agent("counter", object({ count: { type: "integer" } }), object({ count: text })),
  agent("analyzer", object({ pods, "filters?": pods })),
  agent("silent"),
];
const drain = { id: "drain", inputSchema: object({ node: text }) };
const inputSchema = object({ namespace: text });
const lines: Readonly<Record<string, number>> = { "/states/0/name": 3, "/states/1/name": 5 };

function report(states: readonly JsonObject[], more: JsonObject = {}) {
  const { definition, diagnostics } = checkDefinition({ id: "w", inputSchema, states, ...more }, () => ({
    line: 1,
    column: 1,
  }));
  if (!definition) throw new Error(JSON.stringify(diagnostics));
  return reportFlow(definition, agents, [], (path) => ({ line: lines[path] ?? 0, column: 1 }), [drain]);
}

const told = (states: readonly JsonObject[], more: JsonObject = {}) =>
  report(states, more).edges.map(
    ({ within, from, to, verdict, reasons }) =>
      `${within === null ? "" : `${within}: `}${from ?? "(start)"} → ${to ?? "(output)"} ${verdict}${reasons.map((reason) => `: ${reason}`).join("")}`,
  );

test("every way says what is given, what is needed, and whether it fits", () =>
  expect(
    report([ask("check", "checker", { next: "analyze" }), ask("analyze", "analyzer", { end: true })]),
  ).toEqual({
    isComplete: true,
    edges: [
      {
        within: null,
        from: null,
        to: "check",
        line: 3,
        gives: "{namespace: string}",
        needs: "{namespace: string}",
        verdict: "compatible",
        reasons: [],
      },
      {
        within: null,
        from: "check",
        to: "analyze",
        line: 5,
        gives: "{pods: [{name: string}], note?: string}",
        needs: "{pods: [{name: string}], filters?: [{name: string}]}",
        verdict: "compatible",
        reasons: ['"filters" is not provided (optional, expected array)'],
      },
    ],
  }));

test("of two ways into one state it says which one breaks it", () =>
  expect(
    told([
      { name: "which", type: "switch", conditions: [{ if: "True", next: "check" }], defaultNext: "empty" },
      ask("check", "checker", { next: "analyze" }),
      { name: "empty", type: "inject", data: { pods: 0 }, next: "analyze" },
      ask("analyze", "analyzer", { end: true }),
    ]),
  ).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^check → analyze compatible/),
      'empty → analyze incompatible: "pods" must be array, and is 0: "filters" is not provided (optional, expected array)',
    ]),
  ));

test("what nothing is known of is neither one nor the other", () => {
  const after = (input: JsonObject) =>
    told([ask("ask", "silent", { next: "count" }), ask("count", "counter", { input, end: true })]).at(-1);
  expect(after({})).toBe(
    'ask → count cannot-tell: cannot validate: nothing is said about "count" (expected integer)',
  );
  expect(after({ variables: { count: 1 } })).toBe("ask → count compatible");
  expect(after({ variables: { count: "{{ steps.ask.deep }}" } })).toBe(
    'ask → count cannot-tell: cannot validate: nothing is said about "count" (expected integer): cannot validate: nothing is said about "steps.ask.deep"',
  );
});

test("branches, iterations and the workflow's output are ways as well", () =>
  expect(
    told(
      [
        {
          name: "each",
          type: "foreach",
          itemsPath: "namespace",
          itemName: "one",
          iterator: { states: [ask("count", "counter", { end: true })] },
          next: "both",
        },
        {
          name: "both",
          type: "parallel",
          branches: [{ name: "left", states: [ask("check", "checker", { end: true })] }],
          end: true,
        },
      ],
      { output: "steps.nowhere" },
    ),
  ).toEqual([
    expect.stringMatching(/^\(start\) → each incompatible: .*not a list/),
    expect.stringMatching(/^each\/iterator: \(start\) → count cannot-tell/),
    "each → both compatible",
    'both/left: (start) → check incompatible: "namespace" is required and is not provided (expected string)',
    expect.stringMatching(/^both → \(output\) incompatible/),
  ]));

test("an agent that only the run knows cannot be judged", () =>
  expect(told([ask("any", "{{ ctx.namespace }}", { end: true })])).toEqual([
    "(start) → any cannot-tell: cannot validate: only the run knows the agent",
  ]));

test("of a called workflow it says what it takes, and whether what is written satisfies it", () => {
  const call = (workflow: string, variables: JsonObject) =>
    report([{ name: "call", type: "workflow", workflow, input: { variables }, end: true }]).edges[0];
  expect(call("drain", { node: "{{ input.namespace }}" })).toMatchObject({
    needs: "{node: string}",
    verdict: "compatible",
  });
  expect(call("drain", { node: 1 })).toMatchObject({
    verdict: "incompatible",
    reasons: [expect.stringContaining('input of workflow "drain" (state "call"): "node" must be string')],
  });
  expect(call("nowhere", {})).toMatchObject({
    verdict: "cannot-tell",
    reasons: ['cannot validate: nothing is known of the workflow "nowhere"'],
  });
});
