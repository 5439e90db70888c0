import { hashOf } from "../../core/identity/api-key.ts";
import { DEPLOYMENT, type Principal } from "../../core/identity/principal.ts";
import { isSame, type KeyRing } from "../../engine/key-ring.ts";
import type { Authenticate } from "../ports.ts";
import { HttpProblem } from "../problems.ts";

/** What a caller may show. */
export type Credentials = {
  readonly keyRing: Pick<KeyRing, "check">;
  /** Tokens of the deployment itself: each may do everything. Two while one is being replaced. */
  readonly tokens: readonly string[];
  /** Knows the bearers of the identity provider's tokens; throws `unauthenticated` with the reason. */
  readonly bearer?: (token: string) => Promise<Principal>;
  /** Knows the browsers that have logged in; `null` without a session. */
  readonly session?: (request: Request) => Promise<Principal | null>;
};

/** Asks everybody who they are: an API key or a token in `Authorization`, or a browser's session. */
export function authenticating({ keyRing, tokens, bearer, session }: Credentials): Authenticate {
  const deployment = tokens.map(hashOf);

  return async (request) => {
    const authorization = request.headers.get("authorization");
    if (authorization === null) return (await session?.(request)) ?? null;
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined)
      throw unauthenticated("`Authorization` must be `Bearer` and a key or token", "invalid_request");
    if (token.startsWith("stn_")) {
      const found = await keyRing.check(token);
      if (found.status === "known") return found.principal;
      throw unauthenticated(found.status === "fault" ? found.fault : "this API key is not known here");
    }
    const hash = hashOf(token);
    if (deployment.map((own) => isSame(own, hash)).includes(true)) return DEPLOYMENT;
    if (bearer && token.split(".").length === 3) return bearer(token);
    throw unauthenticated("this token is not known here");
  };
}

/** Credentials that prove nothing, with the reason. */
function unauthenticated(why: string, error = "invalid_token"): HttpProblem {
  return new HttpProblem("unauthenticated", why, {
    headers: { "www-authenticate": `Bearer realm="station", error="${error}"` },
  });
}
