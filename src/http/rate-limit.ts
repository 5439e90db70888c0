import { Lru } from "../core/lru.ts";

/** A bucket that fills again by itself: what is in it may be taken at once. */
export type RateLimit = {
  /** Takes one for somebody; what is left, and in how many seconds there is one again. */
  take(who: string, now: number): Taken;
};

export type Taken = {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
};

/** Callers that are remembered; a forgotten one begins with a full bucket. */
const REMEMBERED = 10_000;
const WINDOW_SECONDS = 60;

/** `perMinute` requests for each caller and process, a sixth of a minute's worth of them at once. */
export function createRateLimit(perMinute: number): RateLimit {
  const most = Math.max(1, Math.ceil(perMinute / 6));
  const perMs = perMinute / (WINDOW_SECONDS * 1000);
  const buckets = new Lru<string, { level: number; at: number }>(REMEMBERED);
  return {
    take(who, now) {
      const bucket = buckets.get(who) ?? { level: most, at: now };
      const level = Math.min(most, bucket.level + Math.max(0, now - bucket.at) * perMs);
      const allowed = level >= 1;
      const left = allowed ? level - 1 : level;
      buckets.set(who, { level: left, at: now });
      const wait = left >= 1 ? (most - left) / perMs : (1 - left) / perMs;
      return { allowed, limit: most, remaining: Math.floor(left), resetSeconds: Math.ceil(wait / 1000) };
    },
  };
}

/** As the IETF's draft "RateLimit header fields for HTTP" has them: how many at once, and what is left of it. */
export function rateLimitHeaders(
  { limit, remaining, resetSeconds }: Taken,
  perMinute: number,
): Record<string, string> {
  const policy = `"burst";q=${limit};w=10, "minute";q=${perMinute};w=${WINDOW_SECONDS}`;
  return { "ratelimit-policy": policy, ratelimit: `"burst";r=${remaining};t=${resetSeconds}` };
}
