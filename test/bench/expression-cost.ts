import { createStarlark } from "../../src/adapters/starlark/starlark.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { percentile } from "./measure.ts";

/** What the evaluation of one condition takes, in microseconds. */
export type ConditionCost = { readonly name: string; readonly p50: number; readonly p99: number };

const STEPS = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [
    `step_${index}`,
    { status: "healthy", error_rate: index / 100, pods: [{ name: "api", ready: true, restarts: index }] },
  ]),
);
const CONTEXT: JsonObject = { ...STEPS, steps: STEPS, input: { namespace: "prod", service: "api" } };

const CONDITIONS = {
  "a condition": ["step_7.error_rate > 0.05"],
  "three conditions": [
    "step_7.error_rate > 0.5",
    "step_8.status == 'degraded'",
    "any([p.ready for p in step_9.pods])",
  ],
};

/** Evaluates conditions over a context of 40 results through the port, one after the other. */
export async function measure({ rounds }: { readonly rounds: number }): Promise<readonly ConditionCost[]> {
  const starlark = createStarlark();
  const scope = { layers: [{ ...CONTEXT, ctx: CONTEXT }], stateResults: [] };
  const costs: ConditionCost[] = [];
  for (const [name, texts] of Object.entries(CONDITIONS)) {
    const programs = texts.map((text) => ({ mode: "expression", text }) as const);
    const times: number[] = [];
    for (let round = -rounds / 10; round < rounds; round++) {
      const begun = performance.now();
      const evaluations = await starlark.evaluate(programs, scope);
      if (round >= 0) times.push((performance.now() - begun) * 1000);
      for (const evaluation of evaluations) if (!evaluation.ok) throw new Error(evaluation.error.message);
    }
    costs.push({ name, p50: percentile(times, 0.5), p99: percentile(times, 0.99) });
  }
  await starlark.close();
  return costs;
}
