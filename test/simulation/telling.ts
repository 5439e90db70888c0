import { isDeepStrictEqual } from "node:util";
import { deliveryIdOf, TOLD_EVENTS } from "../../src/core/notify/notification.ts";
import type { RunId } from "../../src/core/run/ids.ts";
import { notifyOnce } from "../../src/engine/notify/notifier.ts";
import type { EventView } from "../../src/engine/ports/queries.ts";
import type { Clock, Store } from "../../src/engine/ports.ts";
import { Chance } from "./random.ts";

const SUBSCRIPTION = "sub_all";
const NOTES = 0.2;
const DIES = 0.2;
const BATCH = 3;
const MOST = 10_000;

/** Somebody who is told of everything, by processes that die before or after they have kept what they noted. */
export class Telling {
  readonly #site: () => { readonly store: Store; readonly clock: Clock };
  /** Of its own, so that the rest of the world is the same with it and without. */
  readonly #chance = new Chance(7);

  constructor(site: () => { readonly store: Store; readonly clock: Clock }) {
    this.#site = site;
  }

  async subscribe(): Promise<void> {
    const { store, clock } = this.#site();
    const now = clock.now();
    await store.notifications.add(
      {
        id: SUBSCRIPTION,
        environment: "default",
        name: "all",
        types: [
          "approval.requested",
          "approval.reminder",
          "approval.escalated",
          "approval.decided",
          "approval.expired",
          "run.completed",
          "run.failed",
          "run.cancelled",
          "run.timed_out",
        ],
        workflows: [],
        labels: {},
        channel: { kind: "webhook", url: "https://example.com", sealed: "v1" },
        template: {},
        disabled: null,
        createdAt: now,
        createdBy: "user:ana",
        updatedAt: now,
        revision: 1,
      },
      {
        id: "adm_all",
        at: now,
        actor: "user:ana",
        channel: "api",
        action: "subscription.created",
        environment: "default",
        subject: "subscription:default/all",
        data: {},
      },
    );
  }

  /** Now and then notes some of what happened, or dies over it. */
  async note(): Promise<void> {
    if (!this.#chance.happens(NOTES)) return;
    const { store } = this.#site();
    const { notifications } = store;
    const enqueue: typeof notifications.enqueue = async (...args) => {
      if (this.#chance.happens(DIES)) throw new Error("dead");
      await notifications.enqueue(...args);
      if (this.#chance.happens(DIES)) throw new Error("dead");
    };
    await this.#notedIn({ ...store, notifications: { ...notifications, enqueue } }).catch(() => {});
  }

  async noteAll(): Promise<void> {
    while (await this.#notedIn(this.#site().store)) {}
  }

  /** Every event that is told of has its delivery, and nothing else has. */
  async check(histories: ReadonlyMap<RunId, readonly EventView[]>): Promise<void> {
    await this.noteAll();
    const { store } = this.#site();
    const told = await store.notifications.deliveries({ environments: null }, { limit: MOST });
    for (const [runId, events] of histories) {
      const meant = events.flatMap(({ event, seq }) =>
        TOLD_EVENTS.some((type) => type === event.type)
          ? [deliveryIdOf({ subscriptionId: SUBSCRIPTION, runId, seq, recipient: null })]
          : [],
      );
      const noted = told.flatMap((one) => (one.runId === runId ? [one.id] : []));
      if (!isDeepStrictEqual(noted.sort(), meant.sort()))
        throw new Error(`${runId}: told ${noted.length} times of ${meant.length} events`);
    }
  }

  #notedIn(store: Store): Promise<boolean> {
    const reach = { baseUrl: null, redact: (text: string) => text };
    return notifyOnce({ store, clock: this.#site().clock, reach }, BATCH);
  }
}
