import { openLoop } from "../api.ts";
import { withEmbedded } from "../deployment.ts";
import { percentile } from "../measure.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { sequence, TEN_STEPS } from "../workflows.ts";

const PER_SECOND = 200;
const ONE_STEP = sequence("one-step", "constant", 1);

/** How long the API takes to answer a start while the same process does what was started. */
export const start: Scenario = {
  name: "start",
  summary: "POST /workflow-runs at 200 per second, open loop, timed from when each was due",
  parts: [
    (bench) => rowsFor(bench, TEN_STEPS.id, { atMost: 10 }),
    (bench) => rowsFor(bench, ONE_STEP.id, null),
  ],
};

function rowsFor(bench: Bench, workflowId: string, target: Row["target"]): Promise<readonly Row[]> {
  return withEmbedded(bench, [TEN_STEPS, ONE_STEP], async ({ api }) => {
    const send = async () => {
      await api.start(workflowId);
    };
    await openLoop({ perSecond: PER_SECOND, seconds: bench.isQuick ? 1 : 5 }, send);
    const { times, failed, firstError } = await openLoop(
      { perSecond: PER_SECOND, seconds: bench.isQuick ? 3 : 30 },
      send,
    );
    if (failed > 0) throw new Error(`${failed} starts failed: ${firstError}`);
    const row = { scenario: "start", unit: "ms", inFlight: null, other: null };
    return [
      { ...row, figure: `${workflowId} p50`, ours: percentile(times, 0.5), target: null },
      { ...row, figure: `${workflowId} p99`, ours: percentile(times, 0.99), target },
      { ...row, figure: `${workflowId} slowest`, ours: percentile(times, 1), target: null },
    ];
  });
}
