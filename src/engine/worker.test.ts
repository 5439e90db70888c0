import { expect, test, vi } from "vitest";
import { AT, committed, creating, published } from "../../test/contract/store/given.ts";
import { openAt } from "../../test/contract/store/subject.ts";
import { createLocalQueue } from "../adapters/local-queue/queue.ts";
import { ROOT, type RunId } from "../core/run/ids.ts";
import { beat, newPulse } from "./heartbeat.ts";
import type { AgentRequest, AgentResult } from "./ports/agent-runner.ts";
import type { Log, Ports } from "./ports.ts";
import { createWorker } from "./worker.ts";

const silent: Log = { info() {}, warn() {}, error() {} };
const run = "run_a" as RunId;
const completed: AgentResult = { status: "completed", output: 1, simulated: false };

const options = { maxInlineSteps: 64, maxInlineMs: 5000, sleep: async () => {} };

/** A run that is to begin, and agents that answer when they are told to. */
async function begun() {
  const store = await openAt(":memory:");
  await published(store);
  await committed(store, creating(run));
  const asked: { request: AgentRequest; signal: AbortSignal; answer: (result: AgentResult) => void }[] = [];
  const agents = {
    run: (request: AgentRequest, signal: AbortSignal) =>
      new Promise<AgentResult>((answer) => asked.push({ request, signal, answer })),
  };
  const clock = { now: () => AT, random: () => 0.5 };
  const queue = createLocalQueue({ log: silent });
  const ports = { store, agents, clock, log: silent, queue } as unknown as Ports;
  const called = async (times: number) => {
    await vi.waitFor(() => expect(asked).toHaveLength(times));
    return asked[times - 1];
  };
  return { store, ports, asked, called };
}

test("a step that a worker loses and takes up again is done once, whenever the first agent lets go of it", async () => {
  const { store, ports, called } = await begun();
  const pulse = newPulse();
  const [first, other] = ["w1", "w2"].map((id) => createWorker(ports, { id, ...options }, () => pulse.count));

  // Neither has a lease that goes on: each finds the other's step orphaned.
  const before = first?.activate(run, ROOT);
  const lost = await called(1);
  void other?.activate(run, ROOT);
  await called(2);
  const now = first?.activate(run, ROOT);
  const held = await called(3);
  expect(held?.request.lease).toEqual({ worker: "w1", token: 3 });
  expect(lost?.signal.aborted).toBe(true);

  lost?.answer(completed);
  await before;
  for (let beats = 0; beats < 3; beats++) await beat(ports, first as NonNullable<typeof first>, pulse, 1000);
  expect(held?.signal.aborted).toBe(false);
  held?.answer(completed);
  const next = await called(4);
  expect(next?.request.agent).toBe("fixer");
  next?.answer(completed);
  await now;
  expect(await store.queries.status(run)).toBe("COMPLETED");
  await store.close();
});

test("a step that a worker has taken up because no word came of its claim is done once, when the word comes late", async () => {
  const { store, ports, asked, called } = await begun();
  const word = Promise.withResolvers<void>();
  const claims: string[] = [];
  const commit: typeof store.runs.commit = async (transition, once) => {
    const result = await store.runs.commit(transition, once);
    if (transition.events.some(({ event }) => event.type === "step.started")) {
      claims.push(result.status);
      if (claims.length === 1) await word.promise;
    }
    return result;
  };
  const slow = { ...ports, store: { ...store, runs: { ...store.runs, commit } } };
  const worker = createWorker(slow, { id: "w1", ...options }, () => 0);

  const claiming = worker.activate(run, ROOT);
  await vi.waitFor(() => expect(claims).toEqual(["committed"]));
  const takenUp = worker.activate(run, ROOT);
  const held = await called(1);
  expect(held?.request.lease).toEqual({ worker: "w1", token: 2 });
  word.resolve();
  await claiming;
  expect(held?.signal.aborted).toBe(false);
  held?.answer(completed);
  (await called(2))?.answer(completed);
  await takenUp;
  expect(asked.map(({ request }) => request.agent)).toEqual(["checker", "fixer"]);
  expect(await store.queries.status(run)).toBe("COMPLETED");
  await store.close();
});
