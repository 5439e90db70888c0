import { jetstreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNatsQueue } from "../../../src/adapters/nats/queue.ts";
import { obtainNats } from "../../support/server-binaries.ts";
import { mustSkip, type NatsServer, startNats } from "../../support/servers.ts";
import { keepingLog } from "./support.ts";

const program = await obtainNats();

describe.skipIf(mustSkip("what the doctor says of JetStream", program))("the doctor, of JetStream", () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNats({ program });
  });
  afterAll(() => server.remove());

  test("makes nothing by looking", async () => {
    const queue = await createNatsQueue({
      ...{ servers: server.url, log: keepingLog(), namePrefix: "LOOKED_AT", onlyLooks: true },
    });
    const missing = (await queue.examine()).map(({ check, ok }) => [check, ok]);
    expect(missing.map(([, ok]) => ok)).toEqual([false, false, false]);
    expect((await queue.examine()).map(({ check, ok }) => [check, ok])).toEqual(missing);
    await queue.close();
  });

  test("finds nothing wrong with what Station made, and says what to do about what is gone or different", async () => {
    const queue = await createNatsQueue({ servers: server.url, log: keepingLog() });
    const healthy = await queue.examine();
    expect(healthy.map(({ check, ok }) => [check, ok])).toEqual([
      ["stream WORKFLOW_TASKS", true],
      ["stream WORKFLOW_EVENTS", true],
      ["consumer station-workers", true],
    ]);

    const connection = await connect({ servers: server.url });
    const manager = await jetstreamManager(connection);
    await manager.streams.delete("WORKFLOW_TASKS");
    await manager.streams.delete("WORKFLOW_EVENTS");
    await manager.streams.add({
      name: "WORKFLOW_EVENTS",
      subjects: ["wf.event.>"],
      retention: RetentionPolicy.Limits,
      storage: StorageType.Memory,
    });
    const sick = (await queue.examine()).filter(({ ok }) => !ok);
    expect(sick.map(({ check, detail }) => `${check}: ${detail}`)).toEqual([
      expect.stringContaining("stream WORKFLOW_TASKS: not there; an API or worker makes it anew"),
      expect.stringContaining("stream WORKFLOW_EVENTS: it is kept in memory, not in files; delete it"),
      expect.stringContaining("consumer station-workers: not there"),
    ]);
    await connection.close();
    await queue.close();
  });
});
