import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNatsQueue } from "../../../src/adapters/nats/queue.ts";
import type { TaskQueue } from "../../../src/engine/ports/queue.ts";
import { type NatsCluster, startNatsCluster } from "../../support/nats-cluster.ts";
import { obtainNats } from "../../support/server-binaries.ts";
import { mustSkip } from "../../support/servers.ts";
import { eventually, keepingLog, task, work } from "./support.ts";

const program = await obtainNats();
const PATIENCE_MS = 60_000;

describe.skipIf(mustSkip("a JetStream cluster with TLS and credentials", program))(
  "three JetStream nodes with TLS and credentials",
  () => {
    let cluster: NatsCluster;
    let observer: NatsConnection;
    const queues: TaskQueue[] = [];

    beforeAll(async () => {
      cluster = await startNatsCluster();
      observer = await connect({
        servers: [...cluster.servers],
        tls: { caFile: cluster.certificates.ca },
        authenticator: credsAuthenticator(new TextEncoder().encode(cluster.identities.creds())),
        maxReconnectAttempts: -1,
      });
    });
    afterAll(async () => {
      for (const queue of queues) await queue.close();
      await observer.close();
      await cluster.remove();
    });

    const open = async (replicas: number): Promise<TaskQueue> => {
      const queue = await createNatsQueue({
        servers: cluster.servers,
        replicas,
        tls: { caFile: cluster.certificates.ca },
        login: { by: "creds", creds: { from: "text", text: cluster.identities.creds() } },
        retryDelayMs: 50,
        ackWaitMs: 5_000,
        log: keepingLog(),
      });
      queues.push(queue);
      await eventually(() => queue.ping(), PATIENCE_MS);
      return queue;
    };
    const stream = async () => {
      const manager = await jetstreamManager(observer, { timeout: 5_000 });
      return manager.streams.info("WORKFLOW_TASKS");
    };
    const leading = async () => {
      const { leader = "" } = (await stream()).cluster ?? {};
      return cluster.nodes.get(leader) ?? expect.unreachable(`no leader: "${leader}"`);
    };

    test("streams are made with three copies, and a process that asks for one leaves them", async () => {
      await open(3);
      expect((await stream()).config.num_replicas).toBe(3);
      await open(1);
      expect((await stream()).config.num_replicas).toBe(3);
    });

    test("no task is lost when the stream's leader is killed under load, three times over", async () => {
      const [sender, receiver] = [await open(3), await open(3)];
      const worker = work(receiver, 64);
      worker.letGo();
      const sent: string[] = [];
      let isSending = true;
      const sending = (async () => {
        for (let number = 0; isSending; number += 1) {
          const message = task(`load${number}`);
          // What the relay does: until it is accepted it is sent again, under the same id.
          while (isSending)
            try {
              await sender.publish([message]);
              sent.push(message.runId);
              break;
            } catch {
              // Nobody leads now.
              await delay(10);
            }
        }
      })();
      const atLeast = (count: number) =>
        eventually(() => expect(sent.length).toBeGreaterThan(count), PATIENCE_MS);
      try {
        await atLeast(50);
        for (let kill = 0; kill < 3; kill += 1) {
          const leader = await eventually(leading, PATIENCE_MS);
          await leader.kill();
          await atLeast(sent.length + 100);
          await leader.restart();
          await eventually(async () => {
            const { cluster: state } = await stream();
            expect(state?.replicas?.filter(({ current, offline }) => current && !offline)).toHaveLength(2);
          }, PATIENCE_MS);
        }
      } finally {
        isSending = false;
        await sending;
      }
      await eventually(() => {
        const taken = new Set(worker.taken.map(({ runId }) => String(runId)));
        expect(sent.filter((runId) => !taken.has(runId))).toEqual([]);
      }, PATIENCE_MS);
      console.info(`${sent.length} tasks sent over 3 kills, ${worker.taken.length} deliveries`);
      await worker.stop();
    }, 240_000);
  },
);
