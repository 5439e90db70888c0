import type { Ports } from "./ports.ts";

/**
 * Answers whether this process has a role that only one may have. Taken for `leaseMs`, and asked of the database again
 * only when half of that is over: whoever has it works on what it knows.
 */
export function createRole(
  { store, clock }: Pick<Ports, "store" | "clock">,
  name: string,
  holder: string,
  leaseMs: number,
): () => Promise<boolean> {
  let heldUntil = 0;
  return async () => {
    const now = clock.now();
    if (heldUntil - now > leaseMs / 2) return true;
    const isHeld = await store.leases.acquire(name, holder, now, now + leaseMs);
    heldUntil = isHeld ? now + leaseMs : 0;
    return isHeld;
  };
}
