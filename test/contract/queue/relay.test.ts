import { afterEach, expect, test } from "vitest";
import { createNatsQueue } from "../../../src/adapters/nats/queue.ts";
import { startRelay } from "../../../src/engine/relay.ts";
import { startNats } from "../../support/servers.ts";
import { AT, committed, creating, published } from "../store/given.ts";
import { openAt } from "../store/subject.ts";
import { eventually, keepingLog, work } from "./support.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test("what begins while the queue is away goes on as soon as it is back", { timeout: 40_000 }, async () => {
  const server = await startNats();
  ends.push(() => server.remove());
  const log = keepingLog();
  const queue = await createNatsQueue({ servers: server.url, log, retryDelayMs: 20 });
  ends.push(() => queue.close());
  const store = await openAt(":memory:");
  ends.push(() => store.close());
  await published(store);
  // The clock stands still: nothing is sent again because its time has come.
  const clock = { now: () => AT, random: () => 0.5 };
  const stopping = new AbortController();
  const relay = startRelay(
    { store, queue, clock, log },
    { pollMs: 20, batch: 10, hideMs: 30_000 },
    stopping.signal,
  );
  ends.push(async () => {
    stopping.abort();
    await relay.done;
  });
  const worker = work(queue, 8);
  ends.push(() => worker.stop());
  worker.letGo();

  await server.stop();
  for (const name of ["a", "b"]) await committed(store, creating(`run_${name}`));
  await eventually(() => expect(log.lines.join()).toContain("tasks not sent"));
  await server.restart();
  await eventually(() =>
    expect(new Set(worker.taken.map(({ runId }) => runId))).toEqual(new Set(["run_a", "run_b"])),
  );
});
