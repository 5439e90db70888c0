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
  ports.store.outbox.onDispatch((messages) => {
    send(ports, messages).catch((error: unknown) =>
      ports.log.warn("tasks not sent", { error: String(error) }),
    );
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
        const now = ports.clock.now();
        const due = await ports.store.outbox.nextDueAt();
        if (due !== null && due <= now) {
          const messages = await ports.store.outbox.takeDue(now, options.batch, options.hideMs);
          await send(ports, messages);
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

async function send(ports: Pick<Ports, "queue">, messages: readonly TaskMessage[]): Promise<void> {
  if (messages.length > 0) await ports.queue.publish(messages);
}
