import type { Context } from "hono";
import type { Principal } from "../core/identity/principal.ts";
import type { HttpEnv } from "./app.ts";
import type { HttpOptions, HttpPorts } from "./ports.ts";
import { HttpProblem } from "./problems.ts";
import { createRateLimit, rateLimitHeaders } from "./rate-limit.ts";

/** Finds out who is calling. Throws `unauthenticated`, or `rate-limited` for whoever calls too often. */
export type Known = (c: Context<HttpEnv>) => Promise<Principal>;

/** Credentials that prove nothing, a minute and address: behind it nobody is told why any more. */
const FAILURES_A_MINUTE = 120;

/**
 * Right credentials are never held up by somebody else's wrong ones, even from the same address: the failures have a
 * limit of their own.
 */
export function knowing(
  { authenticate, clock }: Pick<HttpPorts, "authenticate" | "clock">,
  options: HttpOptions,
): Known {
  const perMinute = options.rateLimit;
  const limit = perMinute === undefined ? null : createRateLimit(perMinute);
  const failures = createRateLimit(FAILURES_A_MINUTE);

  return async (c) => {
    const principal = await proven(c);
    c.set("principal", principal);
    if (limit && perMinute !== undefined && principal.kind !== "local") {
      const taken = limit.take(principal.id, clock.now());
      c.set("rateLimit", rateLimitHeaders(taken, perMinute));
      if (!taken.allowed)
        throw tooMany(`${principal.id} may send ${perMinute} requests a minute`, taken.resetSeconds);
    }
    return principal;
  };

  async function proven(c: Context<HttpEnv>): Promise<Principal> {
    try {
      const principal = await authenticate(c.req.raw);
      if (principal) return principal;
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.kind !== "unauthenticated") throw error;
      const { allowed, resetSeconds } = failures.take(c.env?.address ?? "", clock.now());
      throw allowed
        ? error
        : tooMany("too many credentials that prove nothing came from there", resetSeconds);
    }
    throw new HttpProblem(
      "unauthenticated",
      "Station asks who you are: send a key as `Authorization: Bearer stn_…`, or log in",
      { headers: { "www-authenticate": 'Bearer realm="station"' } },
    );
  }
}

function tooMany(why: string, seconds: number): HttpProblem {
  return new HttpProblem("rate-limited", `${why}; again in ${seconds} s`, {
    headers: { "retry-after": String(seconds) },
  });
}
