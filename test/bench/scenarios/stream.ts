import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { parseEventStream } from "../../../src/http/client/sse-parser.ts";
import { many } from "../api.ts";
import { withEmbedded } from "../deployment.ts";
import { percentile } from "../measure.ts";
import { cpuOf, memoryOf } from "../process-usage.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { APPROVAL, sequence } from "../workflows.ts";

/** Ten steps of a second each: as a page with a run on it is used. */
const PACED = sequence("paced", "slower", 10);

/** Many who watch. */
export const stream: Scenario = {
  name: "stream",
  summary:
    "500 clients follow runs over server-sent events: from what happened to each of them; idle, what they cost",
  parts: [followed],
};

function followed(bench: Bench): Promise<readonly Row[]> {
  const clients = bench.isQuick ? 50 : 500;
  const runs = clients / 25;
  return withEmbedded(bench, [APPROVAL, PACED], async ({ api, station }) => {
    const agent = new Agent({ maxSockets: clients });
    try {
      const before = await memoryOf(station.pid);
      const waiting = await api.start(APPROVAL.id);
      const watchers = new AbortController();
      const watching = Array.from({ length: clients }, () =>
        follow(station.url, waiting, agent, watchers.signal),
      );
      await Promise.all(watching.map(({ caughtUp }) => caughtUp));
      await delay(bench.isQuick ? 500 : 5000);
      const idle = await cpuOf(station.pid, bench.isQuick ? 2000 : 30_000);
      const during = await memoryOf(station.pid);
      watchers.abort();
      await Promise.all(watching.map(({ ended }) => ended));

      const followers: Follower[] = [];
      await many(runs, runs, async () => {
        const runId = await api.start(PACED.id);
        for (let client = 0; client < clients / runs; client++)
          followers.push(follow(station.url, runId, agent, null));
      });
      await Promise.all(followers.map(({ ended }) => ended));
      const seen = followers.map(({ seqs }) => seqs);
      // A run of ten steps: each client has seen all of its events, once and in order.
      const wrong = seen.filter((seqs) => seqs.length === 0 || seqs.some((seq, index) => seq !== index + 1));
      const short = seen.filter((seqs) => seqs.length !== seen[0]?.length);
      if (wrong.length + short.length > 0)
        throw new Error(`${wrong.length} clients saw gaps or doubles, ${short.length} not all events`);
      const times = followers.flatMap(({ times }) => times);
      const row = { scenario: "stream", inFlight: clients, other: null, target: null };
      return [
        { ...row, figure: "from the event to the client p50", unit: "ms", ours: percentile(times, 0.5) },
        { ...row, figure: "from the event to the client p99", unit: "ms", ours: percentile(times, 0.99) },
        { ...row, figure: "from the event to the client, slowest", unit: "ms", ours: percentile(times, 1) },
        {
          ...row,
          figure: "memory of an idle client",
          unit: "kB",
          ours: ((during.now - before.now) * 1000) / clients,
        },
        { ...row, figure: "CPU with all of them idle", unit: "% of a core", ours: idle },
      ];
    } finally {
      agent.destroy();
    }
  });
}

type Follower = {
  /** The numbers of the events, as they came. */
  readonly seqs: number[];
  /** What came behind the history: from the event's own time, ms. */
  readonly times: number[];
  readonly caughtUp: Promise<void>;
  readonly ended: Promise<void>;
};

/** A client that reads a run's stream to its end, or until `signal` aborts. */
function follow(url: string, runId: string, agent: Agent, signal: AbortSignal | null): Follower {
  const caughtUp = Promise.withResolvers<void>();
  const seqs: number[] = [];
  const times: number[] = [];
  const read = async () => {
    const request = get(`${url}/api/v1/workflow-runs/${runId}/stream`, { agent, ...(signal && { signal }) });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`the stream answers ${response.statusCode}`);
    let isHistory = true;
    for await (const { id, event, data } of parseEventStream(response)) {
      if (event === "end") return;
      if (event === "caught-up") {
        isHistory = false;
        caughtUp.resolve();
      } else if (id !== undefined) {
        seqs.push(Number(id));
        if (!isHistory) times.push(Date.now() - Date.parse((JSON.parse(data) as { at: string }).at));
      }
    }
    throw new Error(`the stream of ${runId} broke off behind event ${seqs.at(-1)}`);
  };
  const ended = read().catch((error: unknown) => {
    if (signal?.aborted) return;
    caughtUp.reject(error);
    throw error;
  });
  return { seqs, times, caughtUp: caughtUp.promise, ended };
}
