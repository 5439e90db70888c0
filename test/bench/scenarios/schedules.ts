import { setTimeout as delay } from "node:timers/promises";
import { type Api, many } from "../api.ts";
import { withEmbedded } from "../deployment.ts";
import { cpuOf, memoryOf } from "../process-usage.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { ENVIRONMENT, transform } from "../workflows.ts";

/** What schedules cost while they wait, and when all of them fire at once. */
export const schedules: Scenario = {
  name: "schedules",
  summary: "10,000 schedules: CPU of the idle process, and how long it takes when all fire at once",
  parts: [idleThenAtOnce],
};

/** A run that is over at once. */
const TICK = transform("tick", "1");

/** Longer than a bench takes: they fire once. */
const A_DAY_S = 86_400;

function idleThenAtOnce(bench: Bench): Promise<readonly Row[]> {
  return withEmbedded(bench, [TICK], async ({ api, station }) => {
    const count = bench.isQuick ? 500 : 10_000;
    const idleMs = bench.isQuick ? 3000 : 60_000;
    const alone = await cpuOf(station.pid, idleMs);
    bench.say(`schedules: making ${count}`);
    // Behind the making and the idle minute.
    const fireAt = Date.now() + count * 10 + idleMs + 60_000;
    await many(count, 32, (index) => make(api, `s${index}`, fireAt));
    await delay(bench.isQuick ? 1000 : 10_000);
    const idle = await cpuOf(station.pid, idleMs);
    const memory = await memoryOf(station.pid);
    await delay(Math.max(0, fireAt - Date.now()));
    await api.untilCount(TICK.id, "COMPLETED", count, 600_000);
    const ms = Date.now() - fireAt;
    const row = { scenario: "schedules", inFlight: count, other: null };
    return [
      {
        ...row,
        figure: "CPU while idle, beyond the process without",
        unit: "% of a core",
        ours: idle - alone,
        target: { atMost: 1 },
        details: { alone, idle },
      },
      { ...row, figure: "resident", unit: "MB", ours: memory.now, target: null },
      {
        ...row,
        figure: "all fire at once: until the last run has ended",
        unit: "s",
        ours: ms / 1000,
        target: null,
      },
    ];
  });
}

async function make(api: Api, name: string, fireAt: number): Promise<void> {
  const { status, body } = await api.call("POST", "/api/v1/schedules", {
    name,
    environment: ENVIRONMENT,
    workflowId: TICK.id,
    everySeconds: A_DAY_S,
    anchorAt: new Date(fireAt).toISOString(),
  });
  if (status !== 201) throw new Error(`schedule ${name} was refused: ${JSON.stringify(body)}`);
}
