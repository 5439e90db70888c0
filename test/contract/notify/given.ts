import { createOutgoing } from "../../../src/adapters/outgoing/outgoing.ts";
import { createStarlark } from "../../../src/adapters/starlark/starlark.ts";
import { createVault } from "../../../src/adapters/vault/vault.ts";
import type { RunEvent } from "../../../src/core/run/events.ts";
import { subscribe, type Wanted } from "../../../src/engine/notify/administer.ts";
import { notifyOnce } from "../../../src/engine/notify/notifier.ts";
import { createSender } from "../../../src/engine/notify/sender.ts";
import type { Delivery } from "../../../src/engine/ports/notifications.ts";
import type { Mailer } from "../../../src/engine/ports/reach.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { AT, committed, creating, published, recorded, transition } from "../store/given.ts";
import { openAt } from "../store/subject.ts";

export const by = { actor: "user:ana", channel: "api" } as const;
const LEASE_MS = 60_000;

export const wanted = (channel: Wanted["channel"], change: Partial<Wanted> = {}): Wanted => ({
  types: ["run.failed"],
  workflows: [],
  labels: {},
  template: {},
  channel,
  ...change,
});

/** Everything that tells, on a real store, with a clock that stands until somebody moves it. */
export async function teller({
  mailer = null,
  url = ":memory:",
  store: given,
  allowed = ["127.0.0.1"],
  holder = "w1",
}: {
  readonly mailer?: Mailer | null;
  readonly url?: string;
  readonly store?: Store;
  readonly allowed?: readonly string[];
  readonly holder?: string;
} = {}) {
  const clock = { at: AT, now: () => clock.at, random: Math.random };
  const lines: string[] = [];
  const write = (message: string) => void lines.push(message);
  const store = given ?? (await openAt(url, clock));
  if (!given) await published(store);
  const expressions = createStarlark({ threads: 1 });
  const ports = {
    store,
    clock,
    expressions,
    log: { info: write, warn: write, error: write },
    vault: createVault(["k".repeat(32)]),
    reach: {
      outgoing: createOutgoing({ allowed }),
      mailer,
      links: null,
      baseUrl: "https://station.example",
      redact: (text: string) => text,
    },
  };
  // Alive for as long as nobody says otherwise.
  await store.leases.renew(holder, Number.MAX_SAFE_INTEGER);
  await store.leases.renew("w2", Number.MAX_SAFE_INTEGER);
  const sender = createSender(ports, { holder, concurrency: 16, leaseMs: LEASE_MS });
  const of = { environment: "default", name: "ops" };
  const { notifications } = store;
  let runs = 0;
  return {
    ports,
    clock,
    lines,
    sender,
    /** Subscribes to failures as `ops`, and answers the secret. */
    async subscribed(channel: Wanted["channel"], change: Partial<Wanted> = {}, name = "ops") {
      const made = await subscribe(ports, { ...of, name }, wanted(channel, change), by);
      if (made.status !== "made") throw new Error(`not subscribed: ${JSON.stringify(made)}`);
      return made.secret ?? "";
    },
    /** A run to which these events happen. */
    async happens(...events: readonly RunEvent[]) {
      const runId = `run_${++runs}`;
      await committed(store, creating(runId));
      await committed(
        store,
        transition(runId, {
          expected: { epoch: 0, branches: [] },
          events: events.map((event) => recorded(event)),
        }),
      );
      return runId;
    },
    /** Makes deliveries of what happened. */
    async noted() {
      while (await notifyOnce(ports, 200)) {}
    },
    /** Sends what is due by now, and waits until all of it is settled. */
    async sent() {
      do await sender.idle();
      while ((await sender.sendDue()) > 0);
    },
    /** The only delivery there is. */
    async delivery(): Promise<Delivery> {
      const all = await notifications.deliveries({ environments: null }, { limit: 10 });
      const [only] = all;
      if (!only || all.length > 1) throw new Error(`there are ${all.length} deliveries`);
      return only;
    },
    all: () => notifications.deliveries({ environments: null }, { limit: 100 }),
    subscription: (name = "ops") => notifications.find("default", name),
    told: async () => (await store.adminEvents.list(null, { limit: 20 })).map(({ action }) => action),
    async close() {
      await expressions.close();
      await store.close();
    },
  };
}

export type Teller = Awaited<ReturnType<typeof teller>>;

export const failed: RunEvent = {
  type: "run.failed",
  error: { code: "X", message: "it broke", type: "agent_error", retryable: false },
};
