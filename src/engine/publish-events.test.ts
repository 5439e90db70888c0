import { expect, test, vi } from "vitest";
import { AT, committed, creating, published, recorded, transition } from "../../test/contract/store/given.ts";
import { openAt } from "../../test/contract/store/subject.ts";
import { createLocalQueue } from "../adapters/local-queue/queue.ts";
import type { RunId } from "../core/run/ids.ts";
import { traceOf } from "../core/trace/context.ts";
import type { PublishedEvent } from "./ports/queue.ts";
import { publishEvents } from "./publish-events.ts";

const log = { info() {}, warn() {}, error() {} };
const CALLER = "0af7651916cd43dd8448eb211c80319c";

test("events carry the trace that their run was started in, and after a restart the database says it", async () => {
  const store = await openAt(":memory:");
  await published(store);
  const heard: PublishedEvent[] = [];
  const traces = () => heard.map(({ runId, traceId, event }) => [runId, traceId, event.type]);
  const asked: (readonly RunId[])[] = [];
  const looked = {
    ...store.queries,
    traceIds: (runIds: readonly RunId[]) => {
      asked.push(runIds);
      return store.queries.traceIds(runIds);
    },
  };
  const queue = {
    ...createLocalQueue({ log }),
    publishEvents: async (events: readonly PublishedEvent[]) => void heard.push(...events),
  };
  const ports = {
    ...{ queue, log, store: { ...store, queries: looked } },
    clock: { now: () => AT, random: () => 0.5 },
  };
  const publishing = () => {
    const stop = new AbortController();
    const ended = publishEvents(ports, "p1", { everyMs: 1, leaseMs: 1000, batch: 10 }, stop.signal);
    return () => {
      stop.abort();
      return ended;
    };
  };
  const called = creating("run_called");
  const [first] = called.events;
  const traceparent = `00-${CALLER}-b7ad6b7169203331-01`;
  if (!called.run || first?.event.type !== "run.created") throw new Error("a run begins otherwise");
  const created = { ...first, event: { ...first.event, traceparent } };
  await committed(store, { ...called, run: { ...called.run, traceparent }, events: [created] });
  await committed(store, creating("run_own"));

  const own = traceOf({ id: "run_own" as RunId, traceparent: null }).traceId;
  const stop = publishing();
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  await stop();
  expect(traces()).toEqual([
    ["run_called", CALLER, "run.created"],
    ["run_own", own, "run.created"],
  ]);
  expect(asked).toEqual([]);

  for (const runId of ["run_called", "run_own"])
    await committed(
      store,
      transition(runId, {
        expected: { epoch: 0, branches: [] },
        events: [recorded({ type: "run.paused", reason: null }), recorded({ type: "run.resumed" })],
      }),
    );
  const end = publishing();
  await vi.waitFor(() => expect(heard).toHaveLength(6));
  await end();
  expect(traces().slice(2)).toEqual([
    ["run_called", CALLER, "run.paused"],
    ["run_called", CALLER, "run.resumed"],
    ["run_own", own, "run.paused"],
    ["run_own", own, "run.resumed"],
  ]);
  expect(asked).toEqual([["run_called", "run_own"]]);
  await store.close();
});
