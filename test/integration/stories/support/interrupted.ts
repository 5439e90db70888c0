import { expect } from "vitest";
import type { Run, RunEventItem } from "../../../../src/http/schemas/runs.ts";
import { withoutHash } from "./following.ts";
import type { Station } from "./station.ts";

/** Everything at once, with steps before, at and behind the place where it is interrupted. */
const long = `id: long
states:
  - { name: first, type: agent, agent: echo, task: "{{ ctx.name }}", resultPath: first, next: both }
  - name: both
    type: parallel
    branches:
      - name: left
        states:
          - { name: quick, type: agent, agent: echo, task: quick, next: work }
          - { name: work, type: agent, agent: slow, input: { variables: { ms: 1200 } }, end: true }
      - name: right
        states:
          - name: each
            type: foreach
            itemsPath: ctx.numbers
            itemName: ms
            maxConcurrency: 2
            iterator: { agent: slow, input: { variables: { ms: "{{ ms }}" } } }
            end: true
    resultPath: both
    next: last
  - { name: last, type: agent, agent: echo, task: "{{ ctx.first.said }} and {{ len(ctx.both.right) }}", end: true }
`;
const input = { name: "ana", numbers: [10, 900, 20, 30] };

/** The run as it goes when nothing disturbs it. */
export async function undisturbedRun(station: Station): Promise<Run> {
  await station.publish(long);
  const run = await station.startAndEnd("long", input);
  expect(run).toMatchObject({ status: "COMPLETED", output: { said: "ana and 4" } });
  return run;
}

/** A run with three finished steps and two in a worker's hands. */
export async function startAndReachTheMiddle(station: Station): Promise<string> {
  const runId = await station.start("long", input);
  await station.inHand(runId, "work");
  await station.seen(runId, ({ type, branch }) => type === "step.started" && branch === "both/right/each/1");
  return runId;
}

/** It ended like the undisturbed one, kept all it had, and did nothing twice that had succeeded. */
export async function expectSameAs(
  station: Station,
  undisturbed: Run,
  runId: string,
  before: readonly RunEventItem[],
): Promise<void> {
  const { status, context, output } = await station.ended(runId);
  expect({ status, context, output }).toEqual({
    status: "COMPLETED",
    context: undisturbed.context,
    output: undisturbed.output,
  });
  const events = await station.events(runId);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.slice(0, before.length).map(withoutHash)).toEqual(before.map(withoutHash));
  expect(begunAgain(events)).toEqual([]);
}

/** Steps that were begun or succeeded once more after they had succeeded. */
function begunAgain(events: readonly RunEventItem[]): readonly string[] {
  const succeeded = new Set<string | null>();
  return events.flatMap(({ type, stepId, state }) => {
    const isAgain = type.startsWith("step.") && succeeded.has(stepId);
    if (type === "step.succeeded") succeeded.add(stepId);
    return isAgain ? [`${type} ${state}`] : [];
  });
}

/** When the interrupted step was in a worker's hands again. */
export async function runningAgainAt(station: Station, runId: string): Promise<number> {
  const events = await station.events(runId);
  const again = events.filter(({ type, state }) => type === "step.reclaimed" && state === "work");
  expect(again).toHaveLength(1);
  return Date.parse(again[0]?.at ?? "");
}
