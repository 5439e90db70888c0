import { setTimeout as delay } from "node:timers/promises";
import { type Api, type EventItem, many } from "../api.ts";
import { withDistributed, withEmbedded } from "../deployment.ts";
import { median } from "../measure.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { APPROVAL, sequence } from "../workflows.ts";

const RUNNABLE = 64;
/** Long enough to be still going after any recovery worth the name. */
const WORK = sequence("work", "slow", 100);

/** From a SIGKILL until every run that could go on is being worked on again. */
export const recovery: Scenario = {
  name: "recovery",
  summary: "kill -9 with 10,000 and 100,000 open runs: until runnable work runs again",
  parts: [
    (bench) => otherWorker(bench, sizeOf(bench, 10_000)),
    (bench) => sameProcess(bench, sizeOf(bench, 10_000)),
    (bench) => otherWorker(bench, sizeOf(bench, 100_000)),
    (bench) => sameProcess(bench, sizeOf(bench, 100_000)),
  ],
};

const TARGET = { atMost: 1000 };

const sizeOf = (bench: Bench, open: number) => (bench.isQuick ? open / 100 : open);

/** One of two workers dies; the other takes over. */
function otherWorker(bench: Bench, open: number): Promise<readonly Row[]> {
  return withDistributed(bench, 2, [APPROVAL, WORK], async ({ api, workers }) => {
    const runIds = await fill(bench, open, api);
    await workers[0]?.kill();
    return rowsOf(bench, `${sizeText(open)}, a worker dies`, Date.now(), runIds, api);
  });
}

/** The only process dies and is started again at once; its start counts. */
function sameProcess(bench: Bench, open: number): Promise<readonly Row[]> {
  return withEmbedded(bench, [APPROVAL, WORK], async ({ api, station, restart }) => {
    const runIds = await fill(bench, open, api);
    await station.kill();
    const killedAt = Date.now();
    return rowsOf(
      bench,
      `${sizeText(open)}, the only process dies and starts again`,
      killedAt,
      runIds,
      await restart(),
    );
  });
}

/** Opens runs that wait and runs that work; answers the ids of the latter. */
async function fill(bench: Bench, open: number, api: Api): Promise<readonly string[]> {
  bench.say(`recovery: opening ${open} runs`);
  await many(open - RUNNABLE, 32, (index) => api.order(APPROVAL.id, `open-${index}`));
  await api.untilCount(APPROVAL.id, "WAITING_APPROVAL", open - RUNNABLE, 600_000);
  const runIds: string[] = [];
  await many(RUNNABLE, 16, async () => {
    runIds.push(await api.start(WORK.id));
  });
  await delay(2000);
  return runIds;
}

const sizeText = (open: number) => `${open.toLocaleString("en")} open`;

async function rowsOf(
  bench: Bench,
  what: string,
  killedAt: number,
  runIds: readonly string[],
  api: Api,
): Promise<readonly Row[]> {
  await delay(bench.isQuick ? 4000 : 8000);
  const resumed: number[] = [];
  let reclaimed = 0;
  for (const runId of runIds) {
    const after = (await api.events(runId)).filter(({ at }) => Date.parse(at) > killedAt);
    const first = after.find(isWork);
    resumed.push(first ? Date.parse(first.at) - killedAt : Number.POSITIVE_INFINITY);
    if (after.some(({ type }) => type === "step.reclaimed")) reclaimed++;
  }
  if (reclaimed === 0) throw new Error("nobody's step was taken over: the kill hit nothing");
  const note = `${what}: ${reclaimed} of ${runIds.length} runnable runs had a step in the hands of the killed process`;
  const row = { scenario: "recovery", unit: "ms", inFlight: null, other: null, note };
  return [
    { ...row, figure: `${what}, last run`, ours: Math.max(...resumed), target: TARGET, details: resumed },
    { ...row, figure: `${what}, median run`, ours: median(resumed), target: null },
  ];
}

function isWork({ type }: EventItem): boolean {
  return type === "step.started" || type === "step.reclaimed";
}
