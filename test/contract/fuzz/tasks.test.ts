import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNatsQueue } from "../../../src/adapters/nats/queue.ts";
import type { JsonValue } from "../../../src/core/json.ts";
import { type Engine, startEngine } from "../../../src/engine/engine.ts";
import type { TaskQueue } from "../../../src/engine/ports/queue.ts";
import { gate, quick } from "../../integration/http/definitions.ts";
import { createWorld, eventually, type World } from "../../integration/http/world.ts";
import { obtainNats } from "../../support/server-binaries.ts";
import { mustSkip, type NatsServer, startNats } from "../../support/servers.ts";
import { found, fuzz, inTime, TIMEOUT_MS } from "./fuzzing.ts";
import { editedValue, hostileText, mutatedText } from "./hostile.ts";

const program = await obtainNats();

/** A message on the workers' stream; the body as Latin-1, so that it can be any bytes. */
type Sent = {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const task = (runId: string) => ({
  ...{ runId, target: "", kind: "run", stepId: null, revision: 1, sends: 0 },
});

const tokens = fc.array(
  fc.oneof(
    fc.constantFrom("run", "resume", "step", "{there}", "-"),
    hostileText.map((text) => text.replace(/[\s.*>\0]/g, "").slice(0, 80)),
  ),
  { minLength: 1, maxLength: 4 },
);

const body = fc.oneof(
  editedValue(task("{there}")).map((value: JsonValue) => JSON.stringify(value)),
  editedValue({ ...task("run_none"), target: "pods/0", kind: "step", stepId: "5tep" }).map((value) =>
    JSON.stringify(value),
  ),
  mutatedText([JSON.stringify(task("{there}"))]),
  fc.string({ unit: "binary", maxLength: 200 }),
);

const facts = fc.dictionary(
  fc.constantFrom("idempotency-key", "traceparent", "Nats-Expected-Stream", "x-else"),
  hostileText.map((text) => text.replace(/[^\x20-\x7e]/g, "")),
);

const sent: fc.Arbitrary<Sent> = fc.record({
  subject: tokens.map((parts) => `wf.task.${parts.map((part) => part || "-").join(".")}`),
  headers: facts,
  body,
});

describe.skipIf(mustSkip("fuzzing of task messages", program))("tasks of any content", () => {
  let server: NatsServer;
  let world: World;
  let queue: TaskQueue;
  let engine: Engine;
  let stranger: NatsConnection;
  let there = "";

  beforeAll(async () => {
    server = await startNats({ program });
    world = await createWorld();
    queue = await createNatsQueue({ servers: server.url, log: world.ports.log, retryDelayMs: 20 });
    engine = await startEngine(
      { ...world.ports, queue },
      {
        ...{
          id: "worker",
          concurrency: 4,
          leaseMs: 5000,
          hideMs: 1000,
          isAlone: true,
          publishesEvents: false,
        },
        checkpoints: { signer: null, anchor: null, everyMs: 1000 },
        keeping: {
          retention: { rules: [], holdLabel: "hold" },
          archiveFiles: world.ports.archiveFiles,
        },
      },
    );
    stranger = await connect({ servers: server.url });
    await world.client.createWorkflow({ body: { definition: gate("gate") } });
    await world.client.createWorkflow({ body: { definition: quick("quick") } });
    there = (await world.client.startRun({ body: { workflowId: "gate" } })).runId;
  });
  afterAll(async () => {
    await stranger.close();
    await engine.stop();
    await queue.close();
    await world.close();
    await server.remove();
  });

  /** Each is worked off or dropped with a line in the log; none comes again. */
  async function areTaken(messages: readonly Sent[]): Promise<void> {
    world.lines.length = 0;
    for (const { subject, headers: named, body: text } of messages) {
      const withFacts = headers();
      for (const [name, value] of Object.entries(named)) withFacts.set(name, value);
      const bytes = Buffer.from(text.replaceAll("{there}", there), "utf8");
      stranger.publish(subject.replaceAll("{there}", there), bytes, { headers: withFacts });
    }
    await stranger.flush();
    await eventually(async () => {
      const { pending, inHand } = await queue.backlog();
      return pending === 0 && inHand === 0;
    });
    expect(world.lines.find(({ message }) => message === "queue message given back")).toBeUndefined();
  }

  /** A run that is started now comes to its end. */
  async function works(): Promise<void> {
    const { runId } = await world.client.startRun({ body: { workflowId: "quick", input: { count: 1 } } });
    await eventually(async () => (await world.client.getRun({ params: { runId } })).status === "COMPLETED");
  }

  test.each(found("tasks"))("a message that once broke something: $name", ({ text }) =>
    inTime([JSON.parse(text) as Sent], areTaken),
  );

  test("what is no task is dropped, and the log says so", async () => {
    await areTaken([{ subject: "wf.task.run.x", headers: {}, body: "no task" }]);
    expect(world.lines).toContainEqual({
      message: "queue message is not a task",
      facts: { subject: "wf.task.run.x", stream_seq: expect.any(Number) },
    });
  });

  test(
    "whatever strangers put on the stream is dropped or comes to nothing, and workers live on",
    async () => {
      await fuzz(fc.array(sent, { minLength: 1, maxLength: 20 }), areTaken);
      await works();
      expect((await world.client.getRun({ params: { runId: there } })).status).toBe("WAITING_APPROVAL");
    },
    TIMEOUT_MS,
  );
});
