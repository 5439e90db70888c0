import { setTimeout as delay } from "node:timers/promises";

const PATIENCE_MS = 30_000;

/** Looks again until `look` finds something; fails after half a minute with what `otherwise` says. */
export async function eventually<T>(
  look: () => Promise<T | null | undefined | false>,
  otherwise: () => string = () => `still not: ${look}`,
): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > until) throw new Error(otherwise());
    await delay(25);
  }
}
