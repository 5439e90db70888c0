import { MOST_ATTEMPTS, pauseAfter } from "../../core/notify/retry.ts";
import type { Subscription } from "../../core/notify/subscription.ts";
import { pause } from "../pause.ts";
import type { Attempt, Outcome, Taken } from "../ports/notifications.ts";
import type { Reach } from "../ports/reach.ts";
import type { Ports } from "../ports.ts";
import { disableGone } from "./administer.ts";
import { compose } from "./compose.ts";
import { type Sent, send } from "./send.ts";

export type SenderPorts = Pick<Ports, "store" | "clock" | "log" | "expressions" | "vault"> & {
  readonly reach: Reach;
};

export type SenderOptions = {
  /** This process, by the name of its lease. */
  readonly holder: string;
  /** Deliveries in this process's hands at once. */
  readonly concurrency: number;
  /** How long a delivery stays with whoever took it: longer than any attempt lasts. */
  readonly leaseMs: number;
};

/** Of one subscription at once: a receiver that hangs must not hold up the others. */
const MOST_OF_ONE = 4;

/**
 * Sends what is due. Any number of processes may: a delivery is in one's hands at a time. Whoever dies between sending
 * and writing it down leaves it to the others, who send it again under the same id.
 */
export function createSender(
  ports: SenderPorts,
  { holder, concurrency, leaseMs }: SenderOptions,
  /** Called whenever a delivery is out of hand: there is room for another. */
  onFreed: () => void = () => {},
) {
  const inHand = new Map<Promise<void>, string>();

  function busy(): readonly string[] {
    const counts = new Map<string, number>();
    for (const id of inHand.values()) counts.set(id, (counts.get(id) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= MOST_OF_ONE).map(([id]) => id);
  }

  return {
    /** Begins to send what is due now, as far as there are hands; how many. */
    async sendDue(): Promise<number> {
      const { notifications } = ports.store;
      const limit = concurrency - inHand.size;
      const now = ports.clock.now();
      const orphans = await notifications.releaseOrphans(now);
      if (orphans > 0) ports.log.warn("notifications of a process that is gone taken over", { orphans });
      const due = limit > 0 ? await notifications.nextDueAt() : null;
      if (due === null || due > now) return 0;
      const taken = await notifications.take({ now, until: now + leaseMs, limit, busy: busy(), holder });
      for (const one of taken) {
        const sending = deliver(ports, one)
          .catch((error: unknown) => {
            // Not written down: it comes again when its lease is over.
            ports.log.warn("notification not settled", { delivery: one.id, error: String(error) });
          })
          .finally(() => {
            inHand.delete(sending);
            onFreed();
          });
        inHand.set(sending, one.subscriptionId);
      }
      return taken.length;
    },
    /** Resolves when nothing is in hand. */
    async idle(): Promise<void> {
      while (inHand.size > 0) await Promise.all(inHand.keys());
    },
  };
}

/** Sends what is due until `signal` aborts; then finishes what is in hand. */
export async function sendNotifications(
  ports: SenderPorts,
  options: SenderOptions & { readonly everyMs: number },
  signal: AbortSignal,
): Promise<void> {
  let isFreed = false;
  let wake = () => {};
  const sender = createSender(ports, options, () => {
    isFreed = true;
    wake();
  });
  while (!signal.aborted) {
    isFreed = false;
    try {
      await sender.sendDue();
    } catch (error) {
      ports.log.warn("notifications cannot be sent", { error: String(error) });
    }
    if (isFreed) continue;
    await pause(options.everyMs, signal, (end) => {
      wake = end;
    });
  }
  await sender.idle();
}

async function deliver(ports: SenderPorts, taken: Taken): Promise<void> {
  const { store, clock, log } = ports;
  const subscription = await store.notifications.byId(taken.subscriptionId);
  // Removed since, and with it everything that was on its way.
  if (!subscription) return;
  if (taken.attempts > MOST_ATTEMPTS) {
    const error = "whoever sent it last ended before anything was known of it";
    const latest = { at: clock.now(), ms: 0, status: null, answer: null, error };
    await settle(ports, subscription, taken, {
      standing: { status: "DEAD", at: clock.now() },
      latest,
    });
    return;
  }
  const began = clock.now();
  const { message, fault } = await compose(ports, subscription, taken);
  const sent = await send(ports, subscription, { ...taken, message });
  if (fault !== null) log.warn("template not used", { ...named(subscription, taken), error: fault });
  const ended = clock.now();
  const note = fault === null ? null : `its template was not used: ${fault}`;
  const latest: Attempt = {
    at: began,
    ms: ended - began,
    status: sent.status,
    answer: sent.answer,
    error: [sent.error, note].filter((part) => part !== null).join("; ") || null,
  };
  if (sent.verdict === "gone" && (await disableGone(ports, subscription)))
    log.warn("subscription disabled", { ...named(subscription, taken), error: sent.error });
  await settle(ports, subscription, taken, {
    latest,
    standing: standingAfter(sent, taken, ended, clock.random()),
  });
}

async function settle(
  { store, log }: SenderPorts,
  subscription: Subscription,
  taken: Taken,
  outcome: Outcome,
): Promise<void> {
  const isKept = await store.notifications.settle(taken, outcome);
  const { standing, latest } = outcome;
  if (!isKept || standing.status === "DELIVERED") return;
  const facts = { ...named(subscription, taken), attempt: taken.attempts, error: latest.error };
  if (standing.status === "DEAD") log.error("notification given up", facts);
  else log.warn("notification not delivered", { ...facts, due_at: standing.dueAt });
}

function standingAfter(
  { verdict, retryAfterSeconds }: Sent,
  { attempts }: Taken,
  now: number,
  random: number,
): Outcome["standing"] {
  switch (verdict) {
    case "delivered":
      return { status: "DELIVERED", at: now };
    case "gone":
    case "refused":
      return { status: "DEAD", at: now };
    case "failed": {
      const wait = pauseAfter(attempts, random, retryAfterSeconds);
      return wait === null ? { status: "DEAD", at: now } : { status: "PENDING", dueAt: now + wait };
    }
  }
}

function named({ environment, name }: Subscription, { id, runId }: Taken) {
  return { delivery: id, environment, subscription: name, run_id: runId };
}
