import { pause } from "./pause.ts";
import type { TaskMessage } from "./ports/queue.ts";
import type { Ports } from "./ports.ts";

export type RelayOptions = {
  /** How often to look for alarms that others set; an own alarm that is due earlier is met in time. */
  readonly pollMs: number;
  readonly batch: number;
  /** How long an alarm is left alone before it is sent again. */
  readonly hideMs: number;
};

/** What the queue does not take is kept for when it is back; of more than so many the alarms come again by themselves. */
const MOST_OWED = 10_000;

/**
 * Carries the outbox to the queue: at once what this process commits, by looking what is due later or was lost.
 * Any number of processes may do it; an alarm sent twice finds nothing left to do.
 */
export function startRelay(
  ports: Pick<Ports, "store" | "queue" | "clock" | "log">,
  options: RelayOptions,
  signal: AbortSignal,
): { readonly done: Promise<void>; nudge(): void } {
  let nudge = () => {};
  const owed = new Map<string, TaskMessage>();
  const send = async (messages: readonly TaskMessage[]) => {
    if (messages.length === 0) return;
    try {
      await ports.queue.publish(messages);
    } catch (error) {
      for (const message of messages.slice(0, MOST_OWED - owed.size))
        owed.set(`${message.runId}/${message.target}`, message);
      throw error;
    }
  };
  ports.store.outbox.onDispatch((messages) => {
    send(messages).catch((error: unknown) => ports.log.warn("tasks not sent", { error: String(error) }));
  });
  ports.queue.onLost(() => {
    ports.store.outbox
      .resend(ports.clock.now())
      .then((count) => {
        if (count === 0) return;
        ports.log.warn("queue lost its tasks", { resent: count });
        nudge();
      })
      .catch((error: unknown) => ports.log.error("tasks not resent", { error: String(error) }));
  });

  const run = async () => {
    while (!signal.aborted) {
      let wait = options.pollMs;
      try {
        const again = [...owed.values()];
        owed.clear();
        await send(again);
        const now = ports.clock.now();
        const due = await ports.store.outbox.nextDueAt();
        if (due !== null && due <= now) {
          const messages = await ports.store.outbox.takeDue(now, options.batch, options.hideMs);
          await send(messages);
          wait = messages.length === options.batch ? 0 : options.pollMs;
        } else if (due !== null) wait = Math.min(wait, due - now);
      } catch (error) {
        ports.log.warn("relay cannot work", { error: String(error) });
      }
      await pause(wait, signal, (wake) => {
        nudge = wake;
      });
    }
  };
  return { done: run(), nudge: () => nudge() };
}
