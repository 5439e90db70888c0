import { afterAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { allStates } from "../../../src/core/definition/graph.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { corpusAgents } from "../../corpus/agents.ts";
import { createChecker } from "./checker.ts";

const checker = createChecker(corpusAgents);
afterAll(() => checker.close());

/** The goal, on an idle machine, is a p99 of 50 ms. Others use this one: what is bounded is the time of its processors. */
const BOUND_MS = 200;
const ROUNDS = 150;
const WARM_UP = 30;

/** Eight rounds of thirteen states: agents with schemas, a branch point, an approval, branches, a loop over items, a try. */
function hundredStates(): string {
  const rounds = Array.from({ length: 8 }, (_, round): readonly JsonObject[] => {
    const name = (part: string) => `${part}_${round}`;
    const check = (step: string, more: JsonObject) => ({
      name: name(step),
      type: "agent",
      agent: "pod-checker",
      task: `Check {{ ctx.namespace }} for the ${round}th time`,
      input: { variables: { namespace: "{{ ctx.namespace }}" } },
      ...more,
    });
    return [
      check("check", { resultPath: `steps.found_${round}`, next: name("analyze") }),
      { name: name("analyze"), type: "agent", agent: "log-analyzer", next: name("decide") },
      {
        name: name("decide"),
        type: "switch",
        dataPath: `steps.analyze_${round}`,
        conditions: [
          {
            if: `result.severity == "high" and len(steps.found_${round}.pods) > ${round}`,
            next: name("ask"),
          },
        ],
        defaultNext: name("count"),
      },
      { name: name("ask"), type: "approval", message: `Go on with {{ ctx.namespace }}?`, next: name("both") },
      {
        name: name("both"),
        type: "parallel",
        branches: [
          { name: "a", states: [check("inner", { end: true })] },
          { name: "b", agent: "worker", task: `{{ steps.ask_${round}.decidedBy }}` },
        ],
        next: name("count"),
      },
      {
        name: name("count"),
        type: "transform",
        expression: `len(steps.found_${round}.pods) + ${round}`,
        resultPath: `count_${round}`,
        next: name("each"),
      },
      {
        name: name("each"),
        type: "foreach",
        itemsPath: `steps.found_${round}.pods`,
        itemName: "pod",
        iterator: { agent: "worker", task: "{{ pod.name }}" },
        next: name("guard"),
      },
      {
        name: name("guard"),
        type: "try",
        try: [check("risky", { end: true })],
        catch: [{ name: name("why"), type: "inject", data: { why: "{{ error.message }}" }, end: true }],
        ...(round < 7 ? { next: `check_${round + 1}` } : { end: true }),
      },
    ];
  });
  const inputSchema = {
    type: "object",
    properties: { namespace: { type: "string" } },
    required: ["namespace"],
  };
  return stringify({ id: "hundred-states", inputSchema, states: rounds.flat() });
}

test("a workflow of a hundred states is checked before its author can look up", async () => {
  const text = hundredStates();
  const wall: number[] = [];
  const busy: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [started, used] = [performance.now(), process.cpuUsage()];
    const { definition, errors, warnings } = await checker.check(`${text}# ${round}`);
    const { user, system } = process.cpuUsage(used);
    wall.push(performance.now() - started);
    busy.push((user + system) / 1000);
    expect([...errors, ...warnings]).toEqual([]);
    expect(definition && allStates(definition).length).toBe(104);
  }
  const [first = 0] = wall;
  console.log(
    [
      `checking 104 states: the first time ${first.toFixed(0)} ms, then`,
      `p50 ${at(wall, 0.5)} ms, p99 ${at(wall, 0.99)} ms on the clock;`,
      `p50 ${at(busy, 0.5)} ms, p99 ${at(busy, 0.99)} ms of the processors`,
    ].join(" "),
  );
  expect(Number(at(busy, 0.99))).toBeLessThan(BOUND_MS);
});

/** A quantile of what was measured once everything was warm. */
function at(measured: readonly number[], share: number): string {
  const sorted = measured.slice(WARM_UP).sort((a, b) => a - b);
  return (sorted[Math.floor(share * sorted.length)] ?? Number.POSITIVE_INFINITY).toFixed(1);
}
