import { deliveryIdOf, notificationOf } from "../../core/notify/notification.ts";
import { hasLabels, isToldOf, recipientsOf } from "../../core/notify/subscription.ts";
import { hasPassed } from "../../core/time.ts";
import { pause } from "../pause.ts";
import type { NewDelivery } from "../ports/notifications.ts";
import type { Reach } from "../ports/reach.ts";
import type { Ports } from "../ports.ts";
import { createRole } from "../role.ts";

type NotifierPorts = Pick<Ports, "store" | "clock" | "log"> & {
  readonly reach: Pick<Reach, "baseUrl" | "redact">;
};

const CURSOR = "notified-events";
/** Deliveries that arrived or were dropped stay visible so long; dead ones as long as their run. */
const KEPT_MS = 30 * 86_400_000;
const PRUNE_EVERY_MS = 600_000;

export type NotifierOptions = { readonly everyMs: number; readonly leaseMs: number; readonly batch: number };

/**
 * Turns what happened into deliveries, in order, one process at a time. How far it is and what came of it are kept
 * together: an event is never passed over, and told again it is told under the same ids.
 */
export async function notify(
  ports: NotifierPorts,
  holder: string,
  options: NotifierOptions,
  signal: AbortSignal,
): Promise<void> {
  const isNotifier = createRole(ports, "notifier", holder, options.leaseMs);
  let prunedAt = ports.clock.now();
  while (!signal.aborted) {
    let wait = options.everyMs;
    try {
      if (await isNotifier()) {
        if (await notifyOnce(ports, options.batch)) wait = 0;
        const now = ports.clock.now();
        if (hasPassed(PRUNE_EVERY_MS, prunedAt, now)) {
          await ports.store.notifications.prune(now - KEPT_MS, 1000);
          prunedAt = now;
        }
      }
    } catch (error) {
      ports.log.warn("notifications not made", { error: String(error) });
    }
    await pause(wait, signal);
  }
}

/** Works through the next events; true when there are more. Without subscriptions nothing is looked at. */
export async function notifyOnce(
  { store, clock, reach }: Omit<NotifierPorts, "log">,
  batch: number,
): Promise<boolean> {
  const { notifications } = store;
  const known = await notifications.list(null);
  if (known.length === 0) return false;
  const cursor = (await store.cursors.read(CURSOR)) ?? 0;
  const from = Math.max(cursor, Math.min(...known.map(({ since }) => since)));
  const { to, more, events } = await notifications.happened(from, batch);
  if (to === from) return false;
  // Read behind the events: whoever subscribes after this is told of later ones alone.
  const subscriptions = await notifications.list(null);
  const fresh: NewDelivery[] = [];
  for (const { position, seq, run, approval, ...happened } of events) {
    const notification = notificationOf(happened, run, approval, reach);
    if (!notification) continue;
    for (const subscription of subscriptions) {
      if (position <= subscription.since || !isToldOf(subscription, notification)) continue;
      if (!hasLabels(subscription, run.labels)) continue;
      const { id: subscriptionId } = subscription;
      for (const recipient of recipientsOf(subscription, notification))
        fresh.push({
          id: deliveryIdOf({ subscriptionId, runId: run.runId, seq, recipient }),
          subscriptionId,
          recipient,
          runId: run.runId,
          approvalId: notification.approvalId,
          payload: notification.payload,
          createdAt: clock.now(),
        });
    }
  }
  await notifications.enqueue(fresh, { name: CURSOR, to });
  return more;
}
