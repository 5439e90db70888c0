import { createSchemas } from "../../src/adapters/json-schema/schemas.ts";
import { createStore } from "../../src/adapters/libsql/store.ts";
import { createLocalQueue } from "../../src/adapters/local-queue/queue.ts";
import { createStarlark } from "../../src/adapters/starlark/starlark.ts";
import type { Definition } from "../../src/core/definition/types.ts";
import type { SchedulePorts } from "../../src/engine/fire-schedules.ts";
import { newId } from "../../src/engine/ids.ts";
import type { Clock, Log } from "../../src/engine/ports.ts";
import { migrationsDir } from "../../src/main/places.ts";

const SILENT: Log = { info() {}, warn() {}, error() {} };

/** What schedules need to fire, on the real store in memory and somebody else's clock; runs begin and nobody works. */
export async function openScheduleWorld(clock: Clock): Promise<{
  readonly ports: SchedulePorts;
  publish(change?: Partial<Definition>): Promise<void>;
  close(): Promise<void>;
}> {
  const log = SILENT;
  const store = await createStore({ url: ":memory:", migrationsDir, clock, log });
  const queue = createLocalQueue({ log });
  const expressions = createStarlark();
  return {
    ports: { store, queue, expressions, schemas: createSchemas(), clock, log },
    async publish(change = {}) {
      const definition: Definition = { ...REPORT, ...change };
      await store.workflows.publish({
        environment: "default",
        definition,
        source: `id: ${definition.id}`,
        sourceFormat: "yaml",
        origin: "api",
        at: clock.now(),
        by: "user:ana",
        channel: "api",
        eventId: newId("adm", clock),
      });
    },
    async close() {
      await queue.close();
      await expressions.close();
      await store.close();
    },
  };
}

const REPORT: Definition = {
  id: "report",
  version: "1",
  name: "report",
  start: "done",
  states: [{ type: "inject", name: "done", data: {}, transition: { end: true } }],
};
