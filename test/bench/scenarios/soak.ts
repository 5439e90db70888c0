import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "../../../src/http/client.ts";
import type { Api } from "../api.ts";
import { withEmbedded } from "../deployment.ts";
import { median, slope } from "../measure.ts";
import { memoryOf } from "../process-usage.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { forEachItem, GATED, TEN_STEPS, transform } from "../workflows.ts";

/** Of the time: caches fill, code is compiled, the heap finds its size. */
const WARM_UP = 0.3;
const SAMPLE_MS = 1000;

const EACH = forEachItem("each", 16);
const WRONG = transform("wrong", "[x for x in range(1000000000)]");

/** Hours of work, in short. */
export const soak: Scenario = {
  name: "soak",
  summary: "memory of one process while it does everything at once, for --minutes (default 10)",
  parts: [workOn],
};

type Sample = { readonly minute: number; readonly resident: number; readonly heap: number };

function workOn(bench: Bench): Promise<readonly Row[]> {
  const minutes = bench.isQuick ? 0.5 : bench.minutes;
  return withEmbedded(
    bench,
    [TEN_STEPS, EACH, GATED, WRONG],
    async ({ api, station }) => {
      const adminUrl = /"message":"admin listening".*?"url":"([^"]+)"/.exec(await station.log())?.[1];
      if (adminUrl === undefined) throw new Error("the process says nothing of its port for metrics");
      const begun = performance.now();
      const isOver = () => performance.now() - begun > minutes * 60_000;
      let done = 0;
      const lanes = kindsOf(api, station.url).flatMap(({ width, act }) =>
        Array.from({ length: width }, async () => {
          while (!isOver()) {
            await act();
            done++;
          }
        }),
      );
      const samples: Sample[] = [];
      const sampling = async () => {
        while (!isOver()) {
          const { now } = await memoryOf(station.pid);
          const minute = (performance.now() - begun) / 60_000;
          samples.push({ minute, resident: now, heap: await heapOf(adminUrl) });
          await delay(SAMPLE_MS);
        }
      };
      await Promise.all([...lanes, sampling()]);
      const warm = samples.filter(({ minute }) => minute >= minutes * WARM_UP);
      // The heap goes up and down between two collections: what counts is what is left after one.
      return [
        ...rowsOf("resident", warm, ({ resident }) => resident, done, median),
        ...rowsOf(
          "heap behind a collection",
          warm,
          ({ heap }) => heap,
          done,
          (values) => Math.min(...values),
        ),
      ];
    },
    { env: { STATION_ADMIN_PORT: "0", STATION_ADMIN_HOST: "127.0.0.1" } },
  );
}

/** The last fifth against the first one behind the warm-up, and the line through a dozen points between. */
function rowsOf(
  what: string,
  samples: readonly Sample[],
  of: (sample: Sample) => number,
  done: number,
  typical: (values: readonly number[]) => number,
): readonly Row[] {
  const fifth = Math.max(1, Math.floor(samples.length / 5));
  const size = Math.max(1, Math.floor(samples.length / 12));
  const points = [];
  for (let from = 0; from + size <= samples.length; from += size) {
    const some = samples.slice(from, from + size);
    points.push({ x: median(some.map(({ minute }) => minute)), y: typical(some.map(of)) });
  }
  const row = { scenario: "soak", inFlight: null, note: `${done.toLocaleString("en")} runs of all kinds` };
  return [
    {
      ...row,
      figure: `${what}, the last fifth against the first`,
      unit: "MB",
      ours: typical(samples.slice(-fifth).map(of)),
      other: typical(samples.slice(0, fifth).map(of)),
      target: { ratioAtMost: 1.1 },
      details: points,
    },
    {
      ...row,
      figure: `${what}, slope`,
      unit: "MB per minute",
      ours: slope(points),
      other: null,
      target: null,
    },
  ];
}

/** What is done at once: runs of steps, of items, of people, of mistakes, followed and listed. */
function kindsOf(api: Api, url: string): readonly { readonly width: number; act(): Promise<void> }[] {
  const client = createClient({ baseUrl: url });
  const ended = async (workflowId: string, status: string, input?: unknown) => {
    const found = await api.finish(workflowId, input);
    if (found !== status) throw new Error(`a run of ${workflowId} ended ${found}`);
  };
  const items = Array.from({ length: 50 }, (_, index) => index);
  return [
    { width: 8, act: () => ended(TEN_STEPS.id, "COMPLETED") },
    { width: 2, act: () => ended(EACH.id, "COMPLETED", { items }) },
    { width: 2, act: () => ended(WRONG.id, "FAILED") },
    {
      width: 2,
      async act() {
        const runId = await api.start(TEN_STEPS.id);
        for await (const _ of client.stream(runId));
      },
    },
    {
      width: 2,
      async act() {
        const runId = await api.start(GATED.id);
        for await (const { type } of client.stream(runId)) if (type === "approval.requested") break;
        const { items: open } = await client.listRunApprovals({ params: { runId } });
        for (const { approvalId } of open) await client.approve({ params: { approvalId }, body: {} });
        for await (const _ of client.stream(runId));
      },
    },
    {
      width: 1,
      async act() {
        await api.runs(TEN_STEPS.id);
        await delay(50);
      },
    },
  ];
}

/** What is used of the JavaScript heap, in MB, as the process itself says. */
async function heapOf(adminUrl: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const bytes = /^nodejs_heap_size_used_bytes(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1];
  if (bytes === undefined) throw new Error("the process says nothing of its heap");
  return Number(bytes) / 1e6;
}
