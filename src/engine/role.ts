import type { Leases } from "./ports/leases.ts";
import type { Clock } from "./ports.ts";

/** A role that another has is asked for again when so much of a lease is over. */
const ASKED_AGAIN = 1 / 10;

/**
 * Answers whether this process has a role that only one may have. Taken for `leaseMs`, and asked of the database again
 * only when half of that is over: whoever has it works on what it knows. Who does not have it asks now and then: each
 * time is a write.
 */
export function createRole(
  { store, clock }: { readonly store: { readonly leases: Pick<Leases, "acquire"> }; readonly clock: Clock },
  name: string,
  holder: string,
  leaseMs: number,
): () => Promise<boolean> {
  let heldUntil = 0;
  let askAt = 0;
  return async () => {
    const now = clock.now();
    const left = heldUntil - now;
    // A clock that was put back says that more is left than was given, and must not keep it from asking either.
    if (left > leaseMs / 2 && left <= leaseMs) return true;
    if (askAt > now && askAt - now <= leaseMs * ASKED_AGAIN) return false;
    const isHeld = await store.leases.acquire(name, holder, now, now + leaseMs);
    heldUntil = isHeld ? now + leaseMs : 0;
    askAt = isHeld ? 0 : now + leaseMs * ASKED_AGAIN;
    return isHeld;
  };
}
