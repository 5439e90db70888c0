import { type EventItem, openLoop } from "../api.ts";
import { withDistributed } from "../deployment.ts";
import { percentile } from "../measure.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { FORK } from "../workflows.ts";

/** From the decision in one worker to the step it leads to in another. */
export const handOff: Scenario = {
  name: "handoff",
  summary: "parallel branches over two workers on sqld and nats-server: from opened to started elsewhere",
  parts: [betweenWorkers],
};

function betweenWorkers(bench: Bench): Promise<readonly Row[]> {
  return withDistributed(bench, 2, [FORK], async ({ api }) => {
    const perSecond = 20;
    const seconds = bench.isQuick ? 3 : 30;
    const runIds: string[] = [];
    await openLoop({ perSecond, seconds }, async () => {
      runIds.push(await api.start(FORK.id));
    });
    await api.untilCount(FORK.id, "COMPLETED", perSecond * seconds, 60_000);
    const handOffs = [];
    for (const runId of runIds) handOffs.push(...handOffsOf(await api.events(runId)));
    const between = handOffs.filter(({ crossed }) => crossed).map(({ ms }) => ms);
    if (between.length === 0) throw new Error("nothing was handed from one process to the other");
    const note = `${between.length} of ${handOffs.length} hand-offs went to the other process, ${perSecond} runs/s`;
    const row = { scenario: "handoff", unit: "ms", inFlight: null, other: null, note };
    return [
      { ...row, figure: "between processes p50", ours: percentile(between, 0.5), target: null },
      {
        ...row,
        figure: "between processes p99",
        ours: percentile(between, 0.99),
        target: { atMost: 25 },
      },
    ];
  });
}

type HandOff = { readonly ms: number; readonly crossed: boolean };

/** Into each branch, and from the branch that closed last back to the parent. */
function handOffsOf(events: readonly EventItem[]): readonly HandOff[] {
  const handOffs: HandOff[] = [];
  const between = (from: EventItem | undefined, to: EventItem | undefined) => {
    if (!from || !to) return;
    handOffs.push({ ms: Date.parse(to.at) - Date.parse(from.at), crossed: from.actor !== to.actor });
  };
  const opened = events.filter(({ type, branch }) => type === "branch.opened" && branch !== "");
  for (const opening of opened)
    between(
      opening,
      events.find(({ type, branch }) => type === "step.started" && branch === opening.branch),
    );
  between(
    events.findLast(({ type, branch }) => type === "branch.closed" && branch !== ""),
    events.find(({ type, state }) => type === "step.started" && state === "after"),
  );
  return handOffs;
}
