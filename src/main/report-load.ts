import { setTimeout as delay } from "node:timers/promises";
import { loadOf, metricLine } from "../adapters/metrics/cloudwatch.ts";
import { reasonsOf } from "../core/reasons.ts";
import type { Ports } from "../engine/ports.ts";

/** As often as CloudWatch keeps a value. */
const EVERY_MS = 60_000;

/**
 * Writes the load of the installation `name` every minute, for CloudWatch, whatever level is logged, until `signal` aborts.
 * A minute in which it cannot be found out has none: that its figures are missing is what alarms look for.
 */
export async function reportLoad(
  { store, queue, clock, log }: Pick<Ports, "store" | "queue" | "clock" | "log">,
  name: string,
  { signal, write }: { readonly signal: AbortSignal; readonly write: (line: string) => void },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const [figures, backlog] = await Promise.all([store.queries.figures(clock.now()), queue.backlog()]);
      write(`${metricLine(name, clock.now(), loadOf(figures, backlog))}\n`);
    } catch (error) {
      if (!signal.aborted) log.warn("load not reported", { error: reasonsOf(error) });
    }
    await delay(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
