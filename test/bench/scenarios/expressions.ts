import { setTimeout as delay } from "node:timers/promises";
import type { Api } from "../api.ts";
import { withEmbedded } from "../deployment.ts";
import type { measure } from "../expression-cost.ts";
import { inChild } from "../isolate.ts";
import { percentile } from "../measure.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { transform } from "../workflows.ts";

/** The most expensive of what hostile expressions do: they use up their steps instead of failing at once. */
const ABUSES = [
  "[x for x in range(1000000000)]",
  "[[[1]*1000]*1000]*1000 == [[[1]*1000]*1000]*1000",
  "len(str([[[[[1]*100]*100]*100]*100]*100))",
  "[x for x in [['a']] for i in range(40) if x.append(x[-1] + x[-1]) or True]",
  "len(('a'*3000).replace('', 'b'*3000).replace('', 'c'*3000))",
  "('a'*1000000).find('a'*500000+'b')",
];

const AT_ONCE = 8;

/** What a condition costs, and whether an abusive one is felt by others. */
export const expressions: Scenario = {
  name: "expressions",
  summary: "cost of a condition; answers of healthz while abusive expressions run",
  parts: [conditionRows, healthRows],
};

async function conditionRows(bench: Bench): Promise<readonly Row[]> {
  const module = new URL("../expression-cost.ts", import.meta.url);
  const costs = await inChild<typeof measure>(
    module,
    { rounds: bench.isQuick ? 1000 : 20_000 },
    await bench.directory("expressions"),
  );
  const row = { scenario: "expressions", unit: "µs", inFlight: null, other: null, target: null };
  return costs.flatMap(({ name, p50, p99 }) => [
    { ...row, figure: `${name} p50`, ours: p50 },
    { ...row, figure: `${name} p99`, ours: p99 },
  ]);
}

/** What anybody computes: a fresh process has to do it before it is told from one that is abused. */
const ORDINARY = transform("ordinary", "[x for x in range(20) if x > 10]");

function healthRows(bench: Bench): Promise<readonly Row[]> {
  const workflows = [ORDINARY, ...ABUSES.map((text, index) => transform(`abuse-${index}`, text))];
  return withEmbedded(bench, workflows, async ({ api }) => {
    const seconds = bench.isQuick ? 3 : 15;
    const busyWith = (ids: readonly string[]) => async (until: number) => {
      let next = 0;
      const lane = async () => {
        while (performance.now() < until) await api.finish(ids[next++ % ids.length] ?? "");
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
    };
    const calm = await healthTimes(api, 2, () => Promise.resolve());
    const ordinary = await healthTimes(api, seconds, busyWith([ORDINARY.id]));
    const abused = await healthTimes(api, seconds, busyWith(workflows.slice(1).map(({ id }) => id)));
    const slowest = (asked: readonly Asked[]) => percentile(timesOf(asked), 1);
    const row = { scenario: "expressions", unit: "ms", inFlight: null, target: null };
    const busy = { ...row, inFlight: AT_ONCE };
    const first = ordinary.filter(({ atMs }) => atMs < 1000);
    const later = ordinary.filter(({ atMs }) => atMs >= 1000);
    return [
      { ...row, figure: "healthz in calm, slowest", ours: slowest(calm), other: null },
      {
        ...busy,
        figure: "healthz in a new process's first busy second, slowest",
        ours: slowest(first),
        other: null,
      },
      {
        ...busy,
        figure: "healthz under abuse, against ordinary expressions, p99",
        ours: percentile(timesOf(abused), 0.99),
        other: percentile(timesOf(later), 0.99),
      },
      {
        ...busy,
        figure: "healthz under abuse, against ordinary expressions, slowest",
        ours: slowest(abused),
        other: slowest(later),
        target: { atMost: 50 },
        details: abused.toSorted((a, b) => b.ms - a.ms).slice(0, 20),
      },
    ];
  });
}

/** A question: when it was put, from the beginning, and how long it waited for its answer. */
type Asked = { readonly atMs: number; readonly ms: number };

const timesOf = (asked: readonly Asked[]) => asked.map(({ ms }) => ms);

/** Asks every five milliseconds, each time over a connection that is free. */
async function healthTimes(
  api: Api,
  seconds: number,
  meanwhile: (until: number) => Promise<void>,
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const pending: Promise<void>[] = [];
  const from = performance.now();
  const until = from + seconds * 1000;
  const work = meanwhile(until);
  const ask = async () => {
    const begun = performance.now();
    const { status } = await api.call("GET", "/healthz");
    if (status !== 200) throw new Error(`healthz answers ${status}`);
    asked.push({ atMs: begun - from, ms: performance.now() - begun });
  };
  while (performance.now() < until) {
    pending.push(ask());
    await delay(5);
  }
  await Promise.all([...pending, work]);
  return asked;
}
