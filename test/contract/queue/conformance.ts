import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BranchPath, RunId, StepId } from "../../../src/core/run/ids.ts";
import type { AgentProgress } from "../../../src/engine/ports/agents.ts";
import type { TaskQueue } from "../../../src/engine/ports/queue.ts";
import { eventually, fact, task, tasks, type Worker, work } from "./support.ts";

/** What every task queue promises; `open` makes one that nobody used before. */
export function describeTaskQueue(name: string, open: () => Promise<TaskQueue>): void {
  describe(name, { timeout: 30_000 }, () => {
    let queue: TaskQueue;
    const workers: Worker[] = [];
    const start = (concurrency?: number) => {
      const worker = work(queue, concurrency);
      workers.push(worker);
      return worker;
    };

    beforeEach(async () => {
      queue = await open();
    });
    afterEach(async () => {
      for (const worker of workers.splice(0)) {
        worker.letGo();
        await worker.stop();
      }
      await queue.close();
    });

    test("a task arrives as it was sent", async () => {
      const sent = [
        task("a"),
        task("b", { kind: "resume", target: "!run", revision: 7, sends: 3 }),
        task("c", {
          kind: "step",
          target: "check ümlaut/0" as BranchPath,
          stepId: "0123456789abcdef0123456789abcdef" as StepId,
          traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        }),
      ];
      const worker = start(3);
      await queue.publish(sent);
      await eventually(() => expect(worker.taken).toEqual(sent));
    });

    test("tasks wait for a worker to come, and come in the order they were sent", async () => {
      const sent = tasks("a", 50);
      await queue.publish(sent);
      const worker = start(1);
      worker.letGo();
      await eventually(() => expect(worker.taken).toEqual(sent));
    });

    test("a worker is never handed more tasks than it has room for", async () => {
      await queue.publish(tasks("a", 30));
      const worker = start(3);
      for (let done = 0; done < 30; done += 1) {
        await eventually(() => expect(worker.holding.size).toBe(Math.min(3, 30 - done)));
        const oldest = worker.taken[done] ?? task("none");
        worker.finish(oldest);
        await eventually(() => expect(worker.holding).not.toContain(oldest));
      }
      await eventually(() => expect(worker.holding.size).toBe(0));
      expect(worker.taken).toHaveLength(30);
      expect(worker.mostAtOnce()).toBe(3);
    });

    test("room that came free while a worker asked for less is used, though its other tasks take long", async () => {
      const worker = start(4);
      const holding = (count: number) => eventually(() => expect(worker.holding.size).toBe(count));
      await queue.publish(tasks("a", 4));
      await holding(4);
      const [first = task("none"), second = task("none")] = worker.taken;
      worker.finish(first);
      await holding(3);
      worker.finish(second);
      await holding(2);
      await queue.publish(tasks("b", 2));
      await holding(4);
    });

    test("tells what waits, how long the oldest of it has, and what is in hand", async () => {
      expect(await queue.backlog()).toEqual({ pending: 0, oldestMs: 0, inHand: 0, redelivered: 0 });
      await queue.publish([task("a")]);
      await delay(300);
      const secondAt = performance.now();
      await queue.publish([task("b")]);
      const both = await queue.backlog();
      expect(both).toMatchObject({ pending: 2, inHand: 0 });
      expect(both.oldestMs).toBeGreaterThan(250);
      const worker = start(1);
      await eventually(() => expect(worker.taken).toEqual([task("a")]));
      const second = await queue.backlog();
      expect(second).toMatchObject({ pending: 1, inHand: 1 });
      // Of the servers' clocks and of ours only one is to the microsecond.
      expect(second.oldestMs).toBeLessThan(performance.now() - secondAt + 10);
      worker.letGo();
      await eventually(async () =>
        expect(await queue.backlog()).toMatchObject({ pending: 0, oldestMs: 0, inHand: 0 }),
      );
    });

    test("two workers share the tasks, each task goes to one of them", async () => {
      const [one, other] = [start(5), start(5)];
      await queue.publish(tasks("a", 10));
      await eventually(() => expect(one.holding.size + other.holding.size).toBe(10));
      expect([one.holding.size, other.holding.size]).toEqual([5, 5]);
      expect(new Set([...one.taken, ...other.taken].map(({ runId }) => runId)).size).toBe(10);
    });

    test("a task whose handler failed comes again, and others pass it meanwhile", async () => {
      const worker = start(1);
      await queue.publish([task("a"), task("b")]);
      await eventually(() => expect(worker.taken).toHaveLength(1));
      worker.finish(worker.taken[0] ?? task("none"), new Error("the store is away"));
      await eventually(() => expect(worker.taken[1]).toEqual(task("b")));
      worker.finishAll();
      await eventually(() => expect(worker.taken[2]).toEqual(task("a")));
    });

    test("the same message sent twice is one task", async () => {
      await queue.publish([task("a"), task("a")]);
      await queue.publish([task("a"), task("last")]);
      const worker = start(1);
      worker.letGo();
      await eventually(() => expect(worker.taken.at(-1)).toEqual(task("last")));
      expect(worker.taken).toEqual([task("a"), task("last")]);
    });

    test("an alarm that is sent again after it was handled is a task again", async () => {
      const worker = start(1);
      worker.letGo();
      await queue.publish([task("a")]);
      await eventually(() => expect(worker.taken).toHaveLength(1));
      await queue.publish([task("a", { sends: 1 })]);
      await eventually(() => expect(worker.taken).toEqual([task("a"), task("a", { sends: 1 })]));
    });

    test("an alarm that is sent again while it is in hand is delivered after it", async () => {
      const worker = start(1);
      await queue.publish([task("a")]);
      await eventually(() => expect(worker.holding.size).toBe(1));
      await queue.publish([task("a", { revision: 2 })]);
      worker.letGo();
      await eventually(() => expect(worker.taken).toEqual([task("a"), task("a", { revision: 2 })]));
    });

    test("a worker told to stop finishes what it holds and takes nothing more", async () => {
      const worker = start(2);
      await queue.publish(tasks("a", 5));
      await eventually(() => expect(worker.holding.size).toBe(2));
      let ended = false;
      const stopped = worker.stop().then(() => {
        ended = true;
      });
      const next = start(10);
      await eventually(() => expect(next.holding.size).toBe(3));
      expect({ ended, holding: worker.holding.size }).toEqual({ ended: false, holding: 2 });
      worker.finishAll();
      await stopped;
      expect(worker.taken).toHaveLength(2);
    });

    test("a worker whose signal has already aborted takes nothing", async () => {
      await queue.publish([task("a")]);
      await queue.consume(() => Promise.reject(new Error("must not be called")), {
        concurrency: 1,
        signal: AbortSignal.abort(),
      });
    });

    test("five thousand tasks in one call all arrive once", async () => {
      const sent = tasks("a", 5_000);
      const worker = start(64);
      worker.letGo();
      await queue.publish(sent);
      await eventually(() => expect(worker.taken.length).toBeGreaterThanOrEqual(5_000), 20_000);
      expect(new Set(worker.taken.map(({ runId }) => runId)).size).toBe(5_000);
      expect(worker.taken).toHaveLength(5_000);
    });

    test("a new queue is empty and says so, so that the outbox sends again what an earlier one held", async () => {
      let lost = 0;
      queue.onLost(() => {
        lost += 1;
      });
      await eventually(() => expect(lost).toBe(1));
    });

    test("what an agent is doing reaches who listens, until they stop listening", async () => {
      const heard: AgentProgress[] = [];
      const forget = queue.onTold((progress) => heard.push(progress));
      const progress: AgentProgress = {
        type: "agent.text",
        runId: "run_a" as RunId,
        stepId: "s",
        agentRunId: "ar_1",
        agent: "a",
        at: 1,
        seq: 1,
        from: 0,
        delta: "hel",
      };
      await expect
        .poll(
          () => {
            queue.tell(progress);
            return heard.length;
          },
          { timeout: 20_000 },
        )
        .toBeGreaterThan(0);
      expect(heard[0]).toEqual(progress);
      forget();
    });

    test("an announcement reaches who listens, each run once, until they stop listening", async () => {
      const [a, b] = ["run_a" as RunId, "run_b" as RunId];
      const heard: RunId[] = [];
      const other: RunId[] = [];
      const forget = queue.onAnnounced((runIds) => heard.push(...runIds));
      queue.onAnnounced((runIds) => other.push(...runIds));
      queue.announce([a]);
      queue.announce([a, b]);
      await eventually(() => expect(heard.toSorted()).toEqual([a, b]));
      forget();
      queue.announce([b]);
      await eventually(() => expect(other.toSorted()).toEqual([a, b, b]));
      expect(heard).toHaveLength(2);
    });

    test("an announcement says which runs have ended, however often they were named before", async () => {
      const [a, b] = ["run_a" as RunId, "run_b" as RunId];
      const ended: RunId[] = [];
      queue.onAnnounced((_, over) => ended.push(...over));
      queue.announce([a, b]);
      queue.announce([a], true);
      queue.announce([a]);
      await eventually(() => expect(ended).toEqual([a]));
    });

    test("a listener that throws keeps nobody else from hearing", async () => {
      const heard: RunId[] = [];
      queue.onAnnounced(() => {
        throw new Error("a broken listener");
      });
      queue.onAnnounced((runIds) => heard.push(...runIds));
      queue.announce(["run_a" as RunId]);
      await eventually(() => expect(heard).toEqual(["run_a"]));
    });

    test("facts can be published, and published again", async () => {
      await queue.publishEvents([fact("a", 1), fact("a", 2, "step1")]);
      await queue.publishEvents([fact("a", 1), fact("a", 2, "step1")]);
      await queue.publishEvents([]);
    });

    test("a closed queue refuses everything, and closing ends its workers", async () => {
      const worker = start(1);
      await queue.ping();
      await queue.close();
      await worker.ended;
      const refused = { name: "QueueUnavailable", code: "queue-unavailable" };
      await expect(queue.ping()).rejects.toMatchObject(refused);
      await expect(queue.publish([task("a")])).rejects.toMatchObject(refused);
      await expect(queue.publishEvents([fact("a", 1)])).rejects.toMatchObject(refused);
      queue.announce(["run_a" as RunId]);
    });
  });
}
