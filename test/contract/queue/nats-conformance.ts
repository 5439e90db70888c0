import { afterAll, beforeAll } from "vitest";
import { createNatsQueue } from "../../../src/adapters/nats/queue.ts";
import type { Obtained } from "../../support/server-binaries.ts";
import { type NatsServer, startNats } from "../../support/servers.ts";
import { describeTaskQueue } from "./conformance.ts";
import { keepingLog } from "./support.ts";

/** The common contract on JetStream: one server, fresh streams for each test. */
export function describeNatsConformance(program: Obtained): void {
  let server: NatsServer;
  let queues = 0;
  beforeAll(async () => {
    server = await startNats({ program });
  });
  afterAll(() => server.remove());

  describeTaskQueue("the JetStream queue", () => {
    queues += 1;
    const settings = { servers: server.url, log: keepingLog(), retryDelayMs: 20 };
    return createNatsQueue({ ...settings, namePrefix: `t${queues}` });
  });
}
