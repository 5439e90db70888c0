import { afterAll, beforeAll, expect, it } from "vitest";
import { type Message, parseEventStream } from "../../../src/http/client/sse-parser.ts";
import { type Served, serveHttp } from "../../../src/http/serve.ts";
import { quick, waiter } from "./definitions.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
let served: Served;

beforeAll(async () => {
  world = await createWorld({ works: true, heartbeatMs: 200 });
  await world.client.createWorkflow({ body: { definition: quick("quick") } });
  served = await serveHttp({ app: world.app, port: 0, host: "127.0.0.1" });
});
afterAll(async () => {
  await served.close();
  await world.close();
});

/** Listens, does something once the stream is open, and answers the first notice that fits. */
async function told(query: string, act: () => Promise<unknown>, fits: (message: Message) => boolean) {
  const stop = new AbortController();
  const response = await fetch(`${served.url}/api/v1/stream${query}`, { signal: stop.signal });
  expect(response.status).toBe(200);
  if (!response.body) throw new Error("no body");
  let acted: Promise<unknown> | null = null;
  try {
    for await (const message of parseEventStream(response.body)) {
      // The first message says that the stream is open; what changes from the second look on is told.
      acted ??= new Promise((resolve) => setTimeout(resolve, 1000)).then(act);
      if (fits(message)) return message;
    }
    throw new Error("the stream ended");
  } finally {
    await acted;
    stop.abort();
  }
}

it("whoever lists runs is told which ones moved", async () => {
  let runId = "";
  const start = async () => {
    const run = await world.client.startRun({ body: { workflowId: "quick", input: { count: 1 } } });
    runId = run.runId;
  };
  const notice = await told("?topics=runs", start, ({ event }) => event === "runs");
  expect(JSON.parse(notice.data)).toMatchObject({ runIds: [runId], more: false });
});

it("whoever lists workflows is told when one is published", async () => {
  const publish = () => world.client.createWorkflow({ body: { definition: waiter("late") } });
  await told("", publish, ({ event }) => event === "workflows");
});

it("only the topics that were asked for are told of", async () => {
  const seen: string[] = [];
  const both = async () => {
    await world.client.startRun({ body: { workflowId: "quick", input: { count: 1 } } });
    await world.client.createWorkflow({ body: { definition: waiter("later") } });
  };
  await told("?topics=workflows", both, ({ event }) => {
    seen.push(event);
    return event === "workflows";
  });
  expect(seen).not.toContain("runs");
});

it("whoever may not see an environment is not told which of its runs moved", async () => {
  await world.client.createWorkflow({ body: { definition: quick("quick"), environment: "mine" } });
  const start = (environment: string) =>
    world.client.startRun({ body: { workflowId: "quick", input: { count: 1 }, environment } });
  const roles = [{ role: "viewer", environment: "mine" }] as const;
  const runIds: Record<string, string> = {};
  const both = async () => {
    world.as("user:ana");
    for (const environment of ["default", "mine"]) runIds[environment] = (await start(environment)).runId;
  };
  world.as({ kind: "user", id: "user:vic", name: "Vic", teams: [], roles });
  const seen: string[] = [];
  await told("?topics=runs", both, ({ event, data }) => {
    if (event === "runs") seen.push(data);
    return data.includes(runIds["mine"] ?? "none yet");
  });
  expect(seen.join()).not.toContain(runIds["default"]);
});

it("a topic that is none is refused, and the topics are named", async () => {
  const response = await world.get("/api/v1/stream?topics=weather");
  expect(response.status).toBe(400);
});
