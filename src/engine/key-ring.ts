import { timingSafeEqual } from "node:crypto";
import { type ApiKey, hashOf, parseKey, principalOf, standingOf } from "../core/identity/api-key.ts";
import type { ServiceKey } from "../core/identity/principal.ts";
import { Lru } from "../core/lru.ts";
import type { Ports } from "./ports.ts";

/** Knows the bearers of keys again. */
export type KeyRing = {
  /** Whose key it is; `unknown` also for a wrong secret, a `fault` only for the right one. */
  check(text: string): Promise<KeyCheck>;
  /** A key was changed in this process: look again at once. */
  forget(environment: string, name: string): void;
  /** Writes down when keys were used; resolves when that is kept. */
  flush(): Promise<void>;
  /** Stops writing by itself, after a last time. */
  close(): Promise<void>;
};

export type KeyCheck =
  | { readonly status: "known"; readonly principal: ServiceKey }
  | { readonly status: "unknown" }
  | { readonly status: "fault"; readonly fault: string };

/** How long a key that was revoked by another process may still be taken. */
const REMEMBER_MS = 5_000;
const REMEMBERED = 10_000;
/** A use costs no write; once a minute all of them cost one. */
const WRITE_EVERY_MS = 60_000;

/** One look-up per key and five seconds, and no write per request. */
export function createKeyRing({ store, clock, log }: Pick<Ports, "store" | "clock" | "log">): KeyRing {
  const known = new Lru<string, { readonly key: ApiKey | null; readonly at: number }>(REMEMBERED);
  const uses = new Map<
    string,
    { readonly environment: string; readonly name: string; readonly at: number }
  >();
  const timer = setInterval(() => void flush(), WRITE_EVERY_MS);
  timer.unref();

  async function find(environment: string, name: string): Promise<ApiKey | null> {
    const place = placeOf(environment, name);
    const seen = known.get(place);
    const now = clock.now();
    if (seen && now - seen.at < REMEMBER_MS && now >= seen.at) return seen.key;
    const key = await store.keys.find(environment, name);
    // Somebody may have changed it while it was read.
    if (known.get(place) === seen) known.set(place, { key, at: now });
    return key;
  }

  async function flush(): Promise<void> {
    const taken = [...uses.values()];
    uses.clear();
    try {
      await store.keys.used(taken);
    } catch (error) {
      log.warn("uses of keys not written down", { keys: taken.length, error: String(error) });
      for (const use of taken) {
        const place = placeOf(use.environment, use.name);
        if (!uses.has(place)) uses.set(place, use);
      }
    }
  }

  return {
    async check(text) {
      const parts = parseKey(text);
      if (!parts) return { status: "unknown" };
      const { environment, name, secret } = parts;
      const key = await find(environment, name);
      const { hashes, fault } = key ? standingOf(key, clock.now()) : { hashes: [NO_HASH], fault: null };
      // As long for a key that does not exist as for a wrong secret.
      const isRight = hashes.map((hash) => isSame(hash, hashOf(secret))).includes(true);
      if (!key || !isRight) return { status: "unknown" };
      if (fault !== null) return { status: "fault", fault: `key ${environment}/${name} ${fault}` };
      uses.set(placeOf(environment, name), { environment, name, at: clock.now() });
      return { status: "known", principal: principalOf(key) };
    },
    forget: (environment, name) =>
      known.set(placeOf(environment, name), { key: null, at: Number.NEGATIVE_INFINITY }),
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}

const NO_HASH = "0".repeat(64);

/** Compares two hashes in a time that does not tell where they differ. */
export function isSame(hash: string, other: string): boolean {
  return hash.length === other.length && timingSafeEqual(Buffer.from(hash), Buffer.from(other));
}

function placeOf(environment: string, name: string): string {
  return `${environment}/${name}`;
}
