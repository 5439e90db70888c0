import { setTimeout as delay } from "node:timers/promises";
import { many } from "../api.ts";
import { withEmbedded } from "../deployment.ts";
import { cpuOf, memoryOf } from "../process-usage.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { APPROVAL } from "../workflows.ts";

/** What runs cost that do nothing but wait for a person. */
export const waiting: Scenario = {
  name: "waiting",
  summary: "100,000 runs wait for an approval: memory and CPU of the idle process",
  parts: [idle],
};

function idle(bench: Bench): Promise<readonly Row[]> {
  return withEmbedded(bench, [APPROVAL], async ({ api, station }) => {
    const count = bench.isQuick ? 2000 : 100_000;
    bench.say(`waiting: starting ${count} runs`);
    await many(count, 32, () => api.start(APPROVAL.id));
    await api.untilCount(APPROVAL.id, "WAITING_APPROVAL", count, 600_000);
    // The sealer may still be behind.
    await delay(bench.isQuick ? 2000 : 30_000);
    const cpu = await cpuOf(station.pid, bench.isQuick ? 3000 : 60_000);
    const memory = await memoryOf(station.pid);
    const row = { scenario: "waiting", inFlight: count, other: null };
    return [
      { ...row, figure: "resident", unit: "MB", ours: memory.now, target: { atMost: 512 } },
      {
        ...row,
        figure: "resident at most, while they were started",
        unit: "MB",
        ours: memory.highest,
        target: null,
      },
      { ...row, figure: "CPU while idle", unit: "% of a core", ours: cpu, target: { atMost: 1 } },
    ];
  });
}
