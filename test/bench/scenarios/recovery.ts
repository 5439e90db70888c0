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
  summary: "kill -9 with 10,000 open runs: until runnable work runs again",
  parts: [otherWorker, sameProcess],
};

/** One of two workers dies; the other takes over. */
function otherWorker(bench: Bench): Promise<readonly Row[]> {
  return withDistributed(bench, 2, [APPROVAL, WORK], async ({ api, workers }) => {
    const runIds = await fill(bench, api);
    await workers[0]?.kill();
    return rowsOf(bench, "a worker dies", { atMost: 2000 }, Date.now(), runIds, api);
  });
}

/** The only process dies and is started again at once; its start counts. */
function sameProcess(bench: Bench): Promise<readonly Row[]> {
  return withEmbedded(bench, [APPROVAL, WORK], async ({ api, station, restart }) => {
    const runIds = await fill(bench, api);
    await station.kill();
    const killedAt = Date.now();
    return rowsOf(bench, "the only process dies and starts again", null, killedAt, runIds, await restart());
  });
}

/** Opens runs that wait and runs that work; answers the ids of the latter. */
async function fill(bench: Bench, api: Api): Promise<readonly string[]> {
  const open = bench.isQuick ? 500 : 10_000;
  bench.say(`recovery: opening ${open} runs`);
  await many(open - RUNNABLE, 16, (index) => api.order(APPROVAL.id, `open-${index}`));
  await api.untilCount(APPROVAL.id, "WAITING_APPROVAL", open - RUNNABLE, 300_000);
  const runIds: string[] = [];
  await many(RUNNABLE, 16, async () => {
    runIds.push(await api.start(WORK.id));
  });
  await delay(2000);
  return runIds;
}

async function rowsOf(
  bench: Bench,
  what: string,
  target: Row["target"],
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
    { ...row, figure: `${what}, last run`, ours: Math.max(...resumed), target, details: resumed },
    { ...row, figure: `${what}, median run`, ours: median(resumed), target: null },
  ];
}

function isWork({ type }: EventItem): boolean {
  return type === "step.started" || type === "step.reclaimed";
}
