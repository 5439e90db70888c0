import { afterAll, beforeAll, expect, it } from "vitest";
import { createApp } from "../../../src/http/app.ts";
import { Unreachable } from "../../../src/http/client/errors.ts";
import { type Message, parseEventStream } from "../../../src/http/client/sse-parser.ts";
import { createClient } from "../../../src/http/client.ts";
import type { RunEventItem } from "../../../src/http/schemas/runs.ts";
import { type Served, serveHttp } from "../../../src/http/serve.ts";
import { startProxy } from "../../support/tcp-proxy.ts";
import { quick, waiter } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;
let served: Served;

beforeAll(async () => {
  world = await createWorld({ works: true, heartbeatMs: 50 });
  for (const definition of [quick("quick"), waiter("waiter")])
    await world.client.createWorkflow({ body: { definition } });
  served = await serveHttp({ app: world.app, port: 0, host: "127.0.0.1" });
});
afterAll(async () => {
  await served.close();
  await world.close();
});

const stream = (runId: string) => `/api/v1/workflow-runs/${runId}/stream`;

async function finished(): Promise<{ runId: string; seqs: number[] }> {
  const run = await world.client.startRun({
    body: { workflowId: "quick", input: { count: 1 } },
    headers: { prefer: "wait=10" },
  });
  expect(run.status).toBe("COMPLETED");
  return { runId: run.runId, seqs: Array.from({ length: run.seq }, (_, i) => i + 1) };
}

async function waiting(): Promise<string> {
  const { runId } = await world.client.startRun({ body: { workflowId: "waiter" } });
  await eventually(async () => {
    const run = await world.client.getRun({ params: { runId } });
    return run.status === "WAITING_SIGNAL";
  });
  return runId;
}

async function messages(response: Response): Promise<Message[]> {
  const all: Message[] = [];
  if (response.body) for await (const message of parseEventStream(response.body)) all.push(message);
  return all;
}

it("a finished run is told from the start: its events, caught-up, end", async () => {
  const { runId, seqs } = await finished();
  const response = await world.get(stream(runId));
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  const [retry, ...rest] = await messages(response);
  expect(retry).toMatchObject({ retry: 2000 });
  const events = rest.filter(({ id }) => id !== undefined);
  expect(events.map(({ id }) => Number(id))).toEqual(seqs);
  const { items } = await world.client.listEvents({ params: { runId } });
  expect(events.map(({ event, data }) => [event, { ...JSON.parse(data), hash: null }])).toEqual(
    items.map((item) => [item.type, { ...item, hash: null }]),
  );
  expect(rest.slice(seqs.length).map(({ event, id }) => [event, id])).toEqual([
    ["caught-up", undefined],
    ["end", undefined],
  ]);
});

it("a reconnect goes on behind the last event, by header before query", async () => {
  const { runId, seqs } = await finished();
  const ids = async (path: string, headers = {}) =>
    (await messages(await world.get(path, headers))).flatMap(({ id }) =>
      id === undefined ? [] : [Number(id)],
    );
  expect(await ids(`${stream(runId)}?after=3`)).toEqual(seqs.slice(3));
  expect(await ids(stream(runId), { "last-event-id": "2" })).toEqual(seqs.slice(2));
  expect(await ids(`${stream(runId)}?after=1`, { "last-event-id": "4" })).toEqual(seqs.slice(4));
  expect((await world.get(stream(runId), { "last-event-id": "x" })).status).toBe(400);
});

it("a reconnect with the last event of a finished run is told to stop", async () => {
  const { runId, seqs } = await finished();
  const response = await world.get(stream(runId), { "last-event-id": String(seqs.length) });
  expect(response.status).toBe(204);
});

it("a silent stream shows that it lives, and ends when the run does", async () => {
  const runId = await waiting();
  const response = await fetch(served.url + stream(runId));
  let text = "";
  let isSignalled = false;
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (isSignalled || (text.match(/^: still here$/gm) ?? []).length < 2) continue;
    isSignalled = true;
    expect(text).toContain("event: caught-up");
    await world.client.signalRun({ params: { runId }, body: { name: "go" } });
  }
  expect(text).toContain("event: run.completed");
  expect(text.endsWith("event: end\ndata: {}\n\n")).toBe(true);
});

it("a client that leaves is forgotten, and one that stays to the end too", async () => {
  let listening = 0;
  const queue = Object.assign(Object.create(world.ports.queue), {
    onAnnounced(listener: Parameters<typeof world.ports.queue.onAnnounced>[0]) {
      listening++;
      const stop = world.ports.queue.onAnnounced(listener);
      return () => {
        listening--;
        stop();
      };
    },
    onTold: (listener: Parameters<typeof world.ports.queue.onTold>[0]) => world.ports.queue.onTold(listener),
  });
  const app = createApp({ ...world.ports, queue }, { pollMs: 60_000, heartbeatMs: 60_000 });
  const server = await serveHttp({ app, port: 0, host: "127.0.0.1" });
  const client = createClient({ baseUrl: server.url });
  const runId = await waiting();

  const leaving = new AbortController();
  const seen: number[] = [];
  for await (const { seq } of client.stream(runId, { signal: leaving.signal })) {
    seen.push(seq);
    if (seen.length === 2) leaving.abort();
  }
  expect(seen).toEqual([1, 2]);
  await eventually(async () => listening === 0);

  const watching = new AbortController();
  const onCaughtUp = () => setTimeout(() => watching.abort(), 20);
  for await (const { seq } of client.stream(runId, { signal: watching.signal, onCaughtUp })) seen.push(seq);
  await eventually(async () => listening === 0);

  const onLive = () => void world.client.cancelRun({ params: { runId } });
  const types: string[] = [];
  for await (const { type } of client.stream(runId, { onCaughtUp: onLive })) types.push(type);
  expect(types.at(-1)).toBe("run.cancelled"); // long before the safety poll
  await eventually(async () => listening === 0);
  await server.close();
});

it("a client follows a run over a restart of the server without a gap or a repetition", async () => {
  const runId = await waiting();
  const app = createApp(world.ports, { pollMs: 100 });
  let server = await serveHttp({ app, port: 0, host: "127.0.0.1" });
  const port = Number(new URL(server.url).port);
  const client = createClient({ baseUrl: server.url });
  const seen: RunEventItem[] = [];
  const reconnects: (Error | null)[] = [];
  let caughtUp = 0;
  const restart = async () => {
    await server.close();
    await world.client.signalRun({ params: { runId }, body: { name: "other", id: "while-away" } });
    server = await serveHttp({ app, port, host: "127.0.0.1" });
    await world.client.signalRun({ params: { runId }, body: { name: "go" } });
  };
  let restarting: Promise<void> | null = null;
  for await (const event of client.stream(runId, {
    onCaughtUp: () => {
      caughtUp++;
      restarting = restart();
    },
    onReconnect: ({ error }) => reconnects.push(error),
  }))
    seen.push(event);
  await restarting;
  await server.close();
  const { items } = await world.client.listEvents({ params: { runId } });
  expect(seen.map(({ seq }) => seq)).toEqual(items.map(({ seq }) => seq));
  expect(seen.at(-1)?.type).toBe("run.completed");
  expect(caughtUp).toBe(1);
  expect(reconnects.length).toBeGreaterThan(0);
  expect(reconnects[0]).toBeNull();
}, 20_000);

it("a client whose line is cut without a word makes another one, and misses nothing", async () => {
  const runId = await waiting();
  const proxy = await startProxy([Number(new URL(served.url).port)]);
  const client = createClient({ baseUrl: `http://127.0.0.1:${proxy.port}` });
  const seen: RunEventItem[] = [];
  const breaks: string[] = [];
  for await (const event of client.stream(runId, {
    silenceMs: 1000,
    async onCaughtUp() {
      proxy.partition();
      await world.client.signalRun({ params: { runId }, body: { name: "go" } });
    },
    onReconnect({ error }) {
      breaks.push(String(error?.message));
      proxy.heal();
    },
  }))
    seen.push(event);
  await proxy.close();
  expect(breaks[0]).toBe("the server said nothing for 1 s");
  const { items } = await world.client.listEvents({ params: { runId } });
  expect(seen.map(({ seq }) => seq)).toEqual(items.map(({ seq }) => seq));
  expect(seen.at(-1)?.type).toBe("run.completed");
});

it("a server that closes ends its streams with a comment and lets requests in hand finish", async () => {
  const runId = await waiting();
  const other = await serveHttp({ app: world.app, port: 0, host: "127.0.0.1" });
  const response = await fetch(other.url + stream(runId));
  const reader = (response.body ?? new ReadableStream()).getReader();
  await reader.read();
  const inHand = fetch(`${other.url}/api/v1/workflow-runs`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=20" },
    body: JSON.stringify({ workflowId: "waiter" }),
  });
  await eventually(
    async () => (await world.client.countRuns({ query: { workflowId: "waiter" } })).counts.WAITING_SIGNAL > 1,
  );
  const began = Date.now();
  await Promise.all([other.close(), other.close()]);
  expect(Date.now() - began).toBeLessThan(5000);
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read())
    text += new TextDecoder().decode(part.value);
  expect(text.endsWith(": the server closes\n\n")).toBe(true);
  expect((await inHand).status).toBe(201);
  await expect(createClient({ baseUrl: other.url }).getHealth()).rejects.toThrow(Unreachable);
});

it("a port that is taken is an error, not a silence", async () => {
  const port = Number(new URL(served.url).port);
  await expect(serveHttp({ app: world.app, port, host: "127.0.0.1" })).rejects.toThrow("EADDRINUSE");
});
