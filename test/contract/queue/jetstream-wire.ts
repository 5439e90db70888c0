import { jetstreamManager, RetentionPolicy } from "@nats-io/jetstream";
import { connect, type Msg, type NatsConnection, nanos } from "@nats-io/transport-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NatsQueueOptions } from "../../../src/adapters/nats/options.ts";
import { createNatsQueue } from "../../../src/adapters/nats/queue.ts";
import type { BranchPath, RunId, StepId } from "../../../src/core/run/ids.ts";
import { runSpanId, traceparent } from "../../../src/core/trace/context.ts";
import type { PublishedEvent, TaskQueue } from "../../../src/engine/ports/queue.ts";
import type { Obtained } from "../../support/server-binaries.ts";
import { type NatsServer, startNats } from "../../support/servers.ts";
import { eventually, fact, keepingLog, task, work } from "./support.ts";

/** What others see: subjects, headers, streams, and the log. */
export function describeJetStreamWire(program: Obtained): void {
  describe("what others see", { timeout: 30_000 }, () => {
    let server: NatsServer;
    let observer: NatsConnection;
    const queues: TaskQueue[] = [];

    beforeEach(async () => {
      server = await startNats({ program });
      observer = await connect({ servers: server.url });
    });
    afterEach(async () => {
      for (const queue of queues.splice(0)) await queue.close();
      await observer.close();
      await server.remove();
    });

    const open = async (rest: Partial<NatsQueueOptions> = {}) => {
      const queue = await createNatsQueue({ servers: server.url, log: keepingLog(), ...rest });
      queues.push(queue);
      return queue;
    };
    const overhear = async (subject: string) => {
      const heard: Msg[] = [];
      observer.subscribe(subject, { callback: (_error, message) => void heard.push(message) });
      await observer.flush();
      return heard;
    };

    test("tasks travel on the documented subjects with the documented headers", async () => {
      const heard = await overhear("wf.task.>");
      const queue = await open();
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      await queue.publish([
        task("a", { traceparent }),
        task("b", { kind: "resume", target: "pods/0" as BranchPath, revision: 4, sends: 2 }),
        task("c", { kind: "step", stepId: "5tep" as StepId }),
      ]);
      await eventually(() => expect(heard).toHaveLength(3));
      expect(
        heard.map(({ subject, headers }) => ({
          subject,
          id: headers?.get("Nats-Msg-Id"),
          key: headers?.get("idempotency-key"),
          trace: headers?.get("traceparent"),
        })),
      ).toEqual([
        { subject: "wf.task.run.run_a", id: "run_a::1:0", key: "key-a", trace: traceparent },
        { subject: "wf.task.resume.run_b", id: "run_b:pods/0:4:2", key: "key-b", trace: "" },
        { subject: "wf.task.step.run_c.5tep", id: "run_c::1:0", key: "key-c", trace: "" },
      ]);
    });

    test("facts travel per subject, in order, and repeated ones are kept once", async () => {
      const heard = await overhear("wf.event.>");
      const queue = await open();
      const stepId = "57e9".repeat(8);
      const facts = [fact("a", 1), fact("a", 2, stepId), fact("a", 3), fact("b", 1)];
      const told = (id: string, subject: string, span: string, events: readonly PublishedEvent[]) => ({
        ...{ subject: `wf.event.${subject}`, id, key: id },
        traceparent: traceparent(events[0]?.traceId ?? "", span),
        facts: events.map(({ traceId: _, ...event }) => event),
      });
      await queue.publishEvents(facts);
      await queue.publishEvents(facts);
      await eventually(() => expect(heard).toHaveLength(6));
      expect(
        heard.slice(0, 3).map((message) => ({
          subject: message.subject,
          id: message.headers?.get("Nats-Msg-Id"),
          key: message.headers?.get("idempotency-key"),
          traceparent: message.headers?.get("traceparent"),
          facts: message.json(),
        })),
      ).toEqual([
        told("run_a:1-3", "run.run_a", runSpanId("run_a" as RunId), [fact("a", 1), fact("a", 3)]),
        told("run_a:2-2", `step.run_a.${stepId}`, "57e9".repeat(4), [fact("a", 2, stepId)]),
        told("run_b:1-1", "run.run_b", runSpanId("run_b" as RunId), [fact("b", 1)]),
      ]);
      const manager = await jetstreamManager(observer);
      expect((await manager.streams.info("WORKFLOW_EVENTS")).state.messages).toBe(3);
    });

    test("facts that do not fit into one message are split, one too large loses its payload only", async () => {
      const heard = await overhear("wf.event.>");
      const queue = await open();
      const long = (seq: number, length: number) => ({
        ...fact("a", seq),
        event: { type: "run.paused" as const, reason: "x".repeat(length) },
      });
      await queue.publishEvents([long(1, 600_000), long(2, 600_000), long(3, 2_000_000), long(4, 10)]);
      await eventually(() => expect(heard).toHaveLength(2));
      expect(heard.map(({ headers }) => headers?.get("Nats-Msg-Id"))).toEqual(["run_a:1-1", "run_a:2-4"]);
      expect(heard[1]?.json()).toMatchObject([
        { seq: 2, event: { type: "run.paused" } },
        { seq: 3, event: { type: "run.paused", truncated: true } },
        { seq: 4, event: { reason: "xxxxxxxxxx" } },
      ]);
    });

    test("the streams are made as documented and reported", async () => {
      const log = keepingLog();
      await open({ log });
      const manager = await jetstreamManager(observer);
      const { config: tasks } = await manager.streams.info("WORKFLOW_TASKS");
      const { config: events } = await manager.streams.info("WORKFLOW_EVENTS");
      const { config: workers } = await manager.consumers.info("WORKFLOW_TASKS", "station-workers");
      expect(tasks).toMatchObject({
        subjects: ["wf.task.>"],
        retention: "workqueue",
        storage: "file",
        duplicate_window: nanos(120_000),
      });
      expect(events).toMatchObject({
        subjects: ["wf.event.>"],
        retention: "limits",
        storage: "file",
        max_age: nanos(7 * 24 * 3_600_000),
        max_bytes: 1_073_741_824,
      });
      expect(workers).toMatchObject({ ack_policy: "explicit", ack_wait: nanos(30_000), max_deliver: -1 });
      expect(log.lines.filter((line) => line.includes('"queue stream"'))).toHaveLength(2);
    });

    test("a stream that an operator has set up otherwise is left so, and the difference is told", async () => {
      const manager = await jetstreamManager(observer);
      await manager.streams.add({
        name: "WORKFLOW_EVENTS",
        subjects: ["wf.event.>"],
        retention: RetentionPolicy.Limits,
        max_age: nanos(3_600_000),
      });
      const log = keepingLog();
      await open({ log });
      const { config } = await manager.streams.info("WORKFLOW_EVENTS");
      expect(config.max_age).toBe(nanos(3_600_000));
      expect(log.lines.filter((line) => line.includes("differs") && line.includes("max_age"))).toHaveLength(
        1,
      );
    });

    test("more replicas than the server can give keep the queue away, and the reason is told", async () => {
      const log = keepingLog();
      const queue = await open({ log, replicas: 3 });
      await expect(queue.ping()).rejects.toThrow(/replicas/);
      expect(log.lines.join("\n")).toContain("queue streams not usable");
    });

    test("a message that is no task is removed and told of", async () => {
      const log = keepingLog();
      const queue = await open({ log });
      const manager = await jetstreamManager(observer);
      observer.publish("wf.task.run.run_x", "{not json");
      observer.publish("wf.task.run.run_y", '{"runId":5}');
      const abort = new AbortController();
      const consuming = queue.consume(() => Promise.resolve(), { concurrency: 2, signal: abort.signal });
      await eventually(async () =>
        expect((await manager.streams.info("WORKFLOW_TASKS")).state).toMatchObject({
          messages: 0,
          last_seq: 2,
        }),
      );
      expect(log.lines.filter((line) => line.includes("is not a task"))).toHaveLength(2);
      abort.abort();
      await consuming;
    });

    test("announcements reach other processes", async () => {
      const [queue, other] = [await open(), await open()];
      const heard: RunId[] = [];
      other.onAnnounced((runIds) => heard.push(...runIds));
      await other.ping();
      for (let index = 0; index < 2_500; index += 1) queue.announce([`run_${index}` as RunId]);
      await eventually(() => expect(new Set(heard).size).toBe(2_500));
    });

    test("two Stations with different prefixes share a server without meeting", async () => {
      const [one, other] = [await open({ namePrefix: "one" }), await open({ namePrefix: "two" })];
      const [worker, stranger] = [work(one), work(other)];
      worker.letGo();
      stranger.letGo();
      await one.publish([task("a")]);
      await other.publish([task("b")]);
      await eventually(() => expect([worker.taken, stranger.taken]).toEqual([[task("a")], [task("b")]]));
      await worker.stop();
      await stranger.stop();
    });

    test("a wrong password keeps the queue away, a right one lets it in, and neither is ever told", async () => {
      const locked = await startNats({ program, arguments: ["--user", "station", "--pass", "s3cret-right"] });
      const log = keepingLog();
      const wrong = await createNatsQueue({
        servers: locked.url.replace("//", "//station:s3cret-wrong@"),
        log,
      });
      const error = await wrong.ping().then(
        () => null,
        (reason: Error) => reason,
      );
      expect(error).toMatchObject({ name: "QueueUnavailable" });
      await wrong.close();
      for (const options of [
        {
          servers: locked.url,
          login: { by: "user", user: "station", password: { from: "text", text: "s3cret-right" } } as const,
        },
        { servers: locked.url.replace("//", "//station:s3cret-right@") },
      ]) {
        const right = await createNatsQueue({ ...options, log });
        await right.ping();
        await right.close();
      }
      expect(`${log.lines.join("\n")} ${error?.message} ${String(error?.cause)}`).not.toContain("s3cret");
      await locked.remove();
    });
  });
}
