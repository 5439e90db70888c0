import { expect, test } from "vitest";
import { createLocalQueue } from "../../../src/adapters/local-queue/queue.ts";
import { describeTaskQueue } from "./conformance.ts";
import { eventually, keepingLog, task, tasks, work } from "./support.ts";

const open = () => createLocalQueue({ log: keepingLog(), retryDelayMs: 5 });

describeTaskQueue("the in-process queue", () => Promise.resolve(open()));

test("timers fire while tasks are worked off that never wait for anything", async () => {
  const queue = open();
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 1);
  const worker = work(queue, 64);
  worker.letGo();
  await queue.publish(tasks("a", 20_000));
  await eventually(() => expect(worker.taken).toHaveLength(20_000));
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(3);
  await queue.close();
});

test("a waiting task keeps its place in line and takes the newest message for it", async () => {
  const queue = open();
  await queue.publish([
    task("a"),
    task("b"),
    task("a", { revision: 3 }),
    task("a", { revision: 2, sends: 9 }),
  ]);
  const worker = work(queue, 1);
  worker.letGo();
  await eventually(() => expect(worker.taken).toEqual([task("a", { revision: 3 }), task("b")]));
  await queue.close();
});

test("a task that keeps failing is tried again ever more slowly and told of each time", async () => {
  const log = keepingLog();
  const queue = createLocalQueue({ log, retryDelayMs: 1 });
  const worker = work(queue, 1);
  await queue.publish([task("a")]);
  for (let failure = 1; failure <= 4; failure += 1) {
    await eventually(() => expect(worker.holding.size).toBe(1));
    for (const message of worker.holding) worker.finish(message, new Error("still away"));
    await eventually(() => expect(worker.taken.length).toBe(failure + 1));
  }
  expect(log.lines.map((line) => JSON.parse(line).retry_ms)).toEqual([1, 2, 4, 8]);
  await queue.close();
  worker.finishAll();
  await worker.ended;
});
