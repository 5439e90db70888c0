import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { ENVIRONMENT, type Workflow } from "./workflows.ts";

/** A small client over kept connections: `fetch` costs several times the CPU, and the load shares the machine. */
export type Api = {
  call(method: "GET" | "POST", path: string, body?: unknown, headers?: Headers): Promise<Reply>;
  /** Registers a workflow; rejects with the findings when it is refused. */
  publish(workflow: Workflow): Promise<void>;
  /** Starts a run and answers its id. */
  start(workflowId: string, input?: unknown): Promise<string>;
  /** Starts a run under a key, asking again while Station has too much to do. */
  order(workflowId: string, key: string): Promise<void>;
  /** Starts a run, waits for its end and answers how it ended. */
  finish(workflowId: string, input?: unknown): Promise<string>;
  counts(workflowId: string): Promise<Readonly<Record<string, number>>>;
  /** Waits until a workflow has so many runs in a status. */
  untilCount(workflowId: string, status: string, count: number, withinMs: number): Promise<void>;
  runs(workflowId: string): Promise<readonly RunRow[]>;
  /** All events of a run, oldest first. */
  events(runId: string): Promise<readonly EventItem[]>;
  close(): void;
};

type Headers = Readonly<Record<string, string>>;
/** A response, its body parsed. */
type Reply = { readonly status: number; readonly body: unknown };

/** What the benchmark reads of a run. */
type RunRow = {
  readonly runId: string;
  readonly status: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
};

/** What the benchmark reads of an event. */
export type EventItem = {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly actor: string;
  readonly state: string | null;
  readonly branch: string | null;
};

const TERMINAL = ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"];

/** A client of the Station at `url`. */
export function createApi(url: string): Api {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });

  const call: Api["call"] = (method, path, body, headers) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const sent = request(
        `${url}${path}`,
        {
          agent,
          method,
          headers: {
            ...headers,
            ...(text !== undefined && {
              "content-type": "application/json",
              "content-length": Buffer.byteLength(text),
            }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.once("error", reject);
          response.once("end", () => {
            const answer = Buffer.concat(chunks).toString();
            const isJson = response.headers["content-type"]?.includes("json") === true;
            resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(answer) : answer });
          });
        },
      );
      sent.once("error", reject);
      sent.end(text);
    });

  const expecting = async <T>(status: number, ...args: Parameters<Api["call"]>): Promise<T> => {
    const reply = await call(...args);
    if (reply.status === status) return reply.body as T;
    throw new Error(`${args[0]} ${args[1]} answered ${reply.status}: ${JSON.stringify(reply.body)}`);
  };
  const post = (workflowId: string, input: unknown, headers?: Headers) =>
    expecting<{ runId: string; status: string }>(
      201,
      "POST",
      "/api/v1/workflow-runs",
      { workflowId, environment: ENVIRONMENT, ...(input !== undefined && { input }) },
      headers,
    );

  const api: Api = {
    call,
    async publish(definition) {
      await expecting(201, "POST", "/api/v1/workflows", { definition, environment: ENVIRONMENT });
    },
    start: async (workflowId, input) => (await post(workflowId, input)).runId,
    async order(workflowId, key) {
      const asked = { workflowId, environment: ENVIRONMENT };
      for (;;) {
        const reply = await call("POST", "/api/v1/workflow-runs", asked, { "idempotency-key": key });
        if (reply.status < 300) return;
        if (reply.status !== 503) throw new Error(`a run was refused: ${JSON.stringify(reply)}`);
        await delay(100);
      }
    },
    async finish(workflowId, input) {
      let run = await post(workflowId, input, { prefer: "wait=30" });
      while (!TERMINAL.includes(run.status)) {
        await delay(20);
        run = await expecting(200, "GET", `/api/v1/workflow-runs/${run.runId}`);
      }
      return run.status;
    },
    async counts(workflowId) {
      const query = `workflowId=${workflowId}`;
      return (
        await expecting<{ counts: Record<string, number> }>(
          200,
          "GET",
          `/api/v1/workflow-runs/counts?${query}`,
        )
      ).counts;
    },
    async untilCount(workflowId, status, count, withinMs) {
      const deadline = Date.now() + withinMs;
      for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.5, 500)) {
        const counts = await api.counts(workflowId);
        if ((counts[status] ?? 0) >= count) return;
        if (Date.now() > deadline)
          throw new Error(`${count} runs of ${workflowId} were to be ${status}: ${JSON.stringify(counts)}`);
        await delay(pauseMs);
      }
    },
    async runs(workflowId) {
      const query = `workflowId=${workflowId}&limit=200`;
      return (await expecting<{ items: RunRow[] }>(200, "GET", `/api/v1/workflow-runs?${query}`)).items;
    },
    async events(runId) {
      const query = "limit=1000";
      return (
        await expecting<{ items: EventItem[] }>(200, "GET", `/api/v1/workflow-runs/${runId}/events?${query}`)
      ).items;
    },
    close: () => agent.destroy(),
  };
  return api;
}

/** Sends on a fixed beat whatever becomes of it, and times each from when it was due: no co-ordinated omission. */
export async function openLoop(
  options: { readonly perSecond: number; readonly seconds: number },
  send: () => Promise<void>,
): Promise<{
  readonly times: readonly number[];
  readonly failed: number;
  readonly firstError: string | null;
}> {
  const total = options.perSecond * options.seconds;
  const begun = performance.now();
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  let failed = 0;
  let firstError: string | null = null;
  for (let sent = 0; sent < total; ) {
    const due = begun + (sent * 1000) / options.perSecond;
    if (performance.now() < due) {
      await delay(Math.max(due - performance.now(), 0));
      continue;
    }
    sent++;
    pending.push(
      send().then(
        () => void times.push(performance.now() - due),
        (error: unknown) => {
          failed++;
          firstError ??= String(error);
        },
      ),
    );
  }
  await Promise.all(pending);
  return { times, failed, firstError };
}

/** Does something `count` times, `width` at once. */
export async function many(
  count: number,
  width: number,
  act: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
