import { cp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { namesUnder } from "../../../src/adapters/nats/names.ts";
import type { NatsQueueOptions } from "../../../src/adapters/nats/options.ts";
import { createNatsQueue } from "../../../src/adapters/nats/queue.ts";
import type { RunId } from "../../../src/core/run/ids.ts";
import type { TaskQueue } from "../../../src/engine/ports/queue.ts";
import type { Obtained } from "../../support/server-binaries.ts";
import { type NatsServer, startNats } from "../../support/servers.ts";
import { eventually, keepingLog, task, tasks, type Worker, work } from "./support.ts";

/** Servers that die, forget and are away; workers that die. */
export function describeJetStreamLosses(program: Obtained): void {
  describe("when things are lost", { timeout: 40_000 }, () => {
    let server: NatsServer;
    const queues: TaskQueue[] = [];
    const workers: Worker[] = [];
    const observers: NatsConnection[] = [];

    beforeEach(async () => {
      server = await startNats({ program });
    });
    afterEach(async () => {
      for (const worker of workers.splice(0)) {
        worker.letGo();
        void worker.stop();
      }
      for (const queue of queues.splice(0)) await queue.close();
      for (const observer of observers.splice(0)) await observer.close();
      await server.remove();
    });

    const open = async (rest: Partial<NatsQueueOptions> = {}) => {
      const queue = await createNatsQueue({
        servers: server.url,
        log: keepingLog(),
        retryDelayMs: 20,
        ...rest,
      });
      queues.push(queue);
      return queue;
    };
    const start = (queue: TaskQueue, concurrency?: number) => {
      const worker = work(queue, concurrency);
      workers.push(worker);
      return worker;
    };
    const observe = async () => {
      const observer = await connect({ servers: server.url });
      observers.push(observer);
      return observer;
    };
    const manager = async () => jetstreamManager(await observe());
    /** Counts losses from now on. */
    const losses = async (queue: TaskQueue) => {
      let count = 0;
      queue.onLost(() => {
        count += 1;
      });
      await eventually(() => expect(count).toBe(1));
      return () => count - 1;
    };

    test("who is gone is told from who is connected, cannot answer, or cannot be asked for", async () => {
      const [asking, other] = [await open(), await open()];
      const gone = (holder: string) => asking.isGone(holder);
      expect(other.isVisible()).toBe(false);
      other.appear("vm.1:7:*");
      await eventually(() => expect(other.isVisible()).toBe(true));
      const still = namesUnder().alive("vm.2:8:>");
      (await observe()).subscribe(still);
      await eventually(async () => expect(await gone("vm.1:7:*")).toBe(false));
      await eventually(async () => expect(await gone("vm.2:8:>")).toBe(false));
      expect(await gone("nobody")).toBe(true);
      await server.restart();
      await asking.ping();
      await eventually(async () => expect(await gone("vm.1:7:*")).toBe(false));
      await other.close();
      await eventually(async () => expect(await gone("vm.1:7:*")).toBe(true));
      expect(asking.isVisible()).toBe(false);
      await server.stop();
      await eventually(async () => expect(await gone("vm.1:7:*")).toBe(false));
    });

    test("a task whose worker died goes to another one", async () => {
      const dying = await open({ ackWaitMs: 1_000 });
      const doomed = start(dying);
      await dying.publish([task("a")]);
      await eventually(() => expect(doomed.holding.size).toBe(1));
      await dying.close();
      const other = start(await open({ ackWaitMs: 1_000 }));
      await eventually(() => expect(other.taken).toEqual([task("a")]));
    });

    test("a task in the hands of a living worker stays there, however long it takes", async () => {
      const signs: string[] = [];
      (await observe()).subscribe("$JS.ACK.>", { callback: (_error, ack) => void signs.push(ack.string()) });
      const queue = await open({ ackWaitMs: 1_000 });
      const worker = start(queue, 5);
      await queue.publish([task("a")]);
      // Two signs of life per second of patience and a bit: eight of them outlast it twice.
      await eventually(() => expect(signs.filter((sign) => sign === "+WPI").length).toBeGreaterThan(7));
      worker.letGo();
      await eventually(() => expect(signs.at(-1)).toBe("+ACK"));
      expect(worker.taken).toHaveLength(1);
    });

    test("a server killed in mid-work loses no task", async () => {
      // Acknowledgements that died with the server are made up for when the message comes again.
      const queue = await open({ ackWaitMs: 1_000 });
      const lost = await losses(queue);
      const worker = start(queue, 8);
      await queue.publish(tasks("a", 400));
      await eventually(() => expect(worker.holding.size).toBe(8));
      worker.letGo();
      await eventually(() => expect(worker.taken.length).toBeGreaterThan(50));
      await server.kill();
      await server.restart();
      await queue.publish([task("after")]);
      await eventually(() => expect(new Set(worker.taken.map(({ runId }) => runId)).size).toBe(401));
      const { streams } = await manager();
      await eventually(async () => expect((await streams.info("WORKFLOW_TASKS")).state.messages).toBe(0));
      expect(lost()).toBe(0);
    });

    test("a task in hand while the server restarts is acknowledged afterwards, and not handed out twice", async () => {
      const queue = await open({ ackWaitMs: 1_000 });
      const worker = start(queue, 3);
      await queue.publish([task("a"), task("b")]);
      await eventually(() => expect(worker.holding.size).toBe(2));
      await server.kill();
      worker.finish(worker.taken[0] ?? task("none"));
      await server.restart();
      await queue.publish([task("c")]);
      await eventually(() => expect(worker.taken).toHaveLength(3));
      worker.letGo();
      const { streams } = await manager();
      await eventually(async () => expect((await streams.info("WORKFLOW_TASKS")).state.messages).toBe(0));
      expect(worker.taken).toHaveLength(3);
    });

    test("a wiped server is noticed within five seconds and work goes on", async () => {
      const [queue, other] = [await open(), await open()];
      const lost = await losses(queue);
      const worker = start(other, 4);
      await queue.publish(tasks("a", 10));
      await eventually(() => expect(worker.holding.size).toBe(4));
      await server.wipe();
      await eventually(() => expect(lost()).toBe(1), 5_000);
      await queue.publish(tasks("b", 10));
      worker.letGo();
      await eventually(() =>
        expect(worker.taken.filter(({ runId }) => runId.startsWith("run_b"))).toHaveLength(10),
      );
      expect(lost()).toBe(1);
    });

    /** Keeps what the disk holds of the task stream's messages, to bring it back after a stop. */
    const keepMessages = async () => {
      const stored = join(server.directory, "jetstream/jetstream/$G/streams/WORKFLOW_TASKS/msgs");
      const kept = join(server.directory, "kept");
      await server.stop();
      await cp(stored, kept, { recursive: true });
      await server.restart();
      return async () => {
        await server.stop();
        await rm(stored, { recursive: true });
        await rename(kept, stored);
        await server.restart();
      };
    };

    test("what a power cut took from the server is noticed, and what is sent again arrives", async () => {
      const queue = await open();
      const lost = await losses(queue);
      const worker = start(queue, 4);
      worker.letGo();
      await queue.publish(tasks("a", 3));
      await eventually(() => expect(worker.taken).toHaveLength(3));
      const cutPower = await keepMessages();
      await queue.publish(tasks("b", 20));
      await eventually(() => expect(worker.taken).toHaveLength(23));
      await cutPower();
      await eventually(() => expect(lost()).toBe(1));
      await queue.publish(tasks("c", 3));
      await eventually(() => expect(worker.taken.slice(23)).toEqual(tasks("c", 3)));
    });

    test("handled messages that a crash of the server brings back are removed, not done again", async () => {
      const queue = await open();
      await queue.publish(tasks("a", 5));
      const crash = await keepMessages();
      const worker = start(queue, 1);
      worker.letGo();
      await eventually(() => expect(worker.taken).toHaveLength(5));
      await crash();
      await queue.publish([task("b")]);
      const { streams } = await manager();
      await eventually(async () => expect((await streams.info("WORKFLOW_TASKS")).state.messages).toBe(0));
      expect(worker.taken).toEqual([...tasks("a", 5), task("b")]);
    });

    test("a process that only publishes notices that the stream was deleted, and its message is kept", async () => {
      const queue = await open();
      const lost = await losses(queue);
      const { streams } = await manager();
      await streams.delete("WORKFLOW_TASKS");
      await queue.publish([task("a")]);
      expect((await streams.info("WORKFLOW_TASKS")).state.messages).toBe(1);
      expect(lost()).toBe(1);
    });

    test("a worker that waits notices that the stream was deleted", async () => {
      const queue = await open();
      const lost = await losses(queue);
      const worker = start(queue, 4);
      worker.letGo();
      await queue.publish([task("a")]);
      await eventually(() => expect(worker.taken).toHaveLength(1));
      await (await manager()).streams.delete("WORKFLOW_TASKS");
      await eventually(() => expect(lost()).toBe(1), 5_000);
      await queue.publish([task("b")]);
      await eventually(() => expect(worker.taken).toEqual([task("a"), task("b")]));
    });

    test("a deleted consumer is made again, and the tasks that waited are delivered", async () => {
      const queue = await open();
      const worker = start(queue, 2);
      await queue.publish(tasks("a", 6));
      await eventually(() => expect(worker.holding.size).toBe(2));
      await (await manager()).consumers.delete("WORKFLOW_TASKS", "station-workers");
      worker.letGo();
      await eventually(() => expect(new Set(worker.taken.map(({ runId }) => runId)).size).toBe(6));
    });

    test("an acknowledgement for a task from before a wipe removes no task from after it", async () => {
      const queue = await open();
      const lost = await losses(queue);
      const slow = start(queue, 2);
      await queue.publish([task("old")]);
      await eventually(() => expect(slow.holding.size).toBe(1));
      await server.wipe();
      await eventually(() => expect(lost()).toBe(1));
      // The new stream numbers from one again: the new task has the number of the one in hand.
      await queue.publish([task("new")]);
      await eventually(() => expect(slow.taken).toEqual([task("old"), task("new")]));
      slow.finish(slow.taken[0] ?? task("none"));
      await queue.publish([task("last")]);
      await eventually(() => expect(slow.taken.at(-1)).toEqual(task("last")));
      slow.finish(slow.taken.at(-1) ?? task("none"));
      const { streams } = await manager();
      await eventually(async () => {
        const { state } = await streams.info("WORKFLOW_TASKS");
        expect({ first: state.first_seq, left: state.messages }).toEqual({ first: 1, left: 1 });
      });
    });

    test("while the server is away, publishing and ping fail with the reason, and all heals by itself", async () => {
      await server.stop();
      const log = keepingLog();
      const queue = await open({ log });
      const worker = start(queue, 2);
      worker.letGo();
      const refused = { name: "QueueUnavailable", cause: expect.any(Error) };
      await expect(queue.ping()).rejects.toMatchObject(refused);
      await expect(queue.publish([task("a")])).rejects.toMatchObject(refused);
      queue.announce(["run_a" as RunId]);
      await server.restart();
      await eventually(() => queue.ping());
      await queue.publish([task("b")]);
      await eventually(() => expect(worker.taken).toContainEqual(task("b")));
      expect(log.lines.filter((line) => line.includes("queue not reachable"))).toHaveLength(1);
    });

    test("a publish caught by a restart is carried through", async () => {
      const queue = await open();
      await server.kill();
      const published = queue.publish([task("a")]);
      await server.restart();
      await published;
      expect((await (await manager()).streams.info("WORKFLOW_TASKS")).state.messages).toBe(1);
    });

    test("announcements are heard again after a restart", async () => {
      const [queue, other] = [await open(), await open()];
      const heard: RunId[] = [];
      other.onAnnounced((runIds) => heard.push(...runIds));
      await server.kill();
      await server.restart();
      await eventually(() => {
        queue.announce(["run_a" as RunId]);
        expect(heard).toContain("run_a");
      });
    });

    test("a worker can be stopped while the server is away", async () => {
      const queue = await open();
      const worker = start(queue, 2);
      await queue.publish([task("a")]);
      await eventually(() => expect(worker.holding.size).toBe(1));
      await server.kill();
      worker.finishAll();
      await worker.stop();
    });
  });
}
