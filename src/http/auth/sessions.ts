import { randomBytes } from "node:crypto";
import { type Identity, type RoleRule, userOf } from "../../core/identity/claims.ts";
import type { Principal } from "../../core/identity/principal.ts";
import type { JsonObject } from "../../core/json.ts";
import { Lru } from "../../core/lru.ts";
import type {
  EndedSessions,
  IdentityProvider,
  LoginAttempt,
  Sealer,
  Verified,
} from "../../engine/ports/identity-provider.ts";
import type { Clock } from "../../engine/ports.ts";
import { HttpProblem } from "../problems.ts";
import { refuseForeignPage } from "./foreign-page.ts";

/** Browsers that log in with the identity provider. */
export type Sessions = {
  /** Sends a browser to the provider; it comes back to `returnTo`, a path of this server. */
  login(returnTo: string): Promise<Response>;
  /** Lets a browser in that came back. Throws `unauthenticated` with the reason. */
  callback(query: URLSearchParams, cookies: string | undefined): Promise<Response>;
  /** Sends a browser whose login came to nothing to the login page, which learns why. */
  refuse(why: string, cookies: string | undefined): Promise<Response>;
  /** Why this browser was not let in a moment ago; `null` when it was not refused. */
  refusal(cookies: string | undefined): Promise<string | null>;
  /** Ends a browser's session, also for whoever has copied the cookie. */
  logout(request: Request): Promise<Response>;
  /** Who is behind a request's session; `null` without one. Throws `forbidden` for a page of another origin. */
  principal(request: Request): Promise<Principal | null>;
};

export type SessionOptions = {
  readonly provider: IdentityProvider;
  readonly sealer: Sealer;
  readonly ended: EndedSessions;
  readonly clock: Pick<Clock, "now">;
  readonly roles: readonly RoleRule[];
  /** Who a verified token is about, or why nobody can be told. */
  readonly identify: (claims: JsonObject) => Identity | string;
};

/** `__Host-`: only this host, only encrypted (or this machine), the whole path. */
const SESSION = "__Host-stn";
const ATTEMPT = "__Host-stn-login";
/** A working day; then the provider is asked again. */
const SESSION_SECONDS = 8 * 3600;
/** Browsers keep 4096 bytes. */
const MOST_COOKIE = 3900;
const MOST_REASON = 1000;
const ATTEMPT_SECONDS = 600;
/** The reason is sealed into the browser: an address with words of one's own in it would put them on the page. */
const REFUSAL = "__Host-stn-refused";
const REFUSAL_SECONDS = 60;
/** How long a session that was ended through another process may go on. */
const REMEMBER_MS = 5_000;

export function createSessions(options: SessionOptions): Sessions {
  const { provider, sealer, ended, clock, roles, identify } = options;
  const seen = new Lru<string, { readonly isEnded: boolean; readonly at: number }>(10_000);

  async function isEnded(id: string): Promise<boolean> {
    const known = seen.get(id);
    if (known && (known.isEnded || clock.now() - known.at < REMEMBER_MS)) return known.isEnded;
    const found = { isEnded: await ended.isEnded(id), at: clock.now() };
    seen.set(id, found);
    return found.isEnded;
  }

  async function sessionOf(cookies: string | undefined): Promise<Session | null> {
    const sealed = cookieIn(cookies, SESSION);
    const session = sealed === null ? null : ((await sealer.open("session", sealed)) as Session | null);
    return session !== null && !(await isEnded(session.id)) ? session : null;
  }

  async function attemptOf(cookies: string | undefined): Promise<Attempt | null> {
    const sealed = cookieIn(cookies, ATTEMPT);
    return sealed === null ? null : ((await sealer.open("login", sealed)) as Attempt | null);
  }

  return {
    async login(returnTo) {
      const attempt: LoginAttempt = { state: random(), nonce: random(), verifier: random() };
      const sealed = await sealer.seal("login", { ...attempt, returnTo: ownPath(returnTo) }, ATTEMPT_SECONDS);
      return redirect(await provider.loginAddress(attempt), [cookie(ATTEMPT, sealed, ATTEMPT_SECONDS)]);
    },

    async callback(query, cookies) {
      const attempt = await attemptOf(cookies);
      if (!attempt || query.get("state") !== attempt.state)
        throw refused(
          "this login was not begun in this browser, or too long ago; begin again at /auth/login",
        );
      const code = query.get("code");
      if (code === null)
        throw refused(
          `the identity provider refused the login: ${query.get("error_description") ?? query.get("error") ?? "no reason given"}`,
        );
      const identity = identified(await provider.redeem(code, attempt), identify);
      const until = clock.now() + SESSION_SECONDS * 1000;
      const session: Session = { id: random(), until, ...identity, groups: [...identity.groups] };
      const sealedSession = await sealer.seal("session", session, SESSION_SECONDS);
      if (sealedSession.length > MOST_COOKIE)
        throw refused(
          `${identity.user} is in ${identity.groups.length} groups, more than a cookie holds; STATION_OIDC_GROUPS_CLAIM may name a claim with fewer`,
        );
      return redirect(attempt.returnTo, [
        cookie(SESSION, sealedSession, SESSION_SECONDS),
        cookie(ATTEMPT, "", 0),
        ...(cookieIn(cookies, REFUSAL) === null ? [] : [cookie(REFUSAL, "", 0)]),
      ]);
    },

    async refuse(why, cookies) {
      const { returnTo = "/" } = (await attemptOf(cookies)) ?? {};
      const sealed = await sealer.seal("refusal", { why: why.slice(0, MOST_REASON) }, REFUSAL_SECONDS);
      return redirect(`/login?return=${encodeURIComponent(returnTo)}`, [
        cookie(REFUSAL, sealed, REFUSAL_SECONDS),
      ]);
    },

    async refusal(cookies) {
      const sealed = cookieIn(cookies, REFUSAL);
      const opened = sealed === null ? null : await sealer.open("refusal", sealed);
      return opened === null ? null : String(opened["why"]);
    },

    async logout(request) {
      refuseForeignPage(request);
      const session = await sessionOf(request.headers.get("cookie") ?? undefined);
      if (session) {
        await ended.end(session.id, session.until, clock.now());
        seen.set(session.id, { isEnded: true, at: clock.now() });
      }
      return new Response(null, { status: 204, headers: { "set-cookie": cookie(SESSION, "", 0) } });
    },

    async principal(request) {
      const session = await sessionOf(request.headers.get("cookie") ?? undefined);
      if (!session) return null;
      refuseForeignPage(request);
      return userOf(session, roles);
    },
  };
}

/** True for a request that shows a session, good or not. */
export function hasSession(headers: Headers): boolean {
  return cookieIn(headers.get("cookie") ?? undefined, SESSION) !== null;
}

/** A caller's token, proven: who they are. */
export function bearerOf({
  provider,
  identify,
  roles,
}: Pick<SessionOptions, "provider" | "identify" | "roles">): (token: string) => Promise<Principal> {
  return async (token) => userOf(identified(await provider.verify(token), identify), roles);
}

type Attempt = LoginAttempt & { readonly returnTo: string };

type Session = {
  readonly id: string;
  readonly until: number;
  readonly user: string;
  readonly name: string;
  readonly groups: string[];
};

function identified(verified: Verified, identify: SessionOptions["identify"]): Identity {
  const identity = verified.ok ? identify(verified.claims) : verified.reason;
  if (typeof identity === "string") throw refused(identity);
  return identity;
}

function refused(why: string): HttpProblem {
  return new HttpProblem("unauthenticated", why, {
    headers: { "www-authenticate": 'Bearer realm="station", error="invalid_token"' },
  });
}

/** A path of this server, never another one's: "//evil.example" and "/\evil.example" are addresses. */
function ownPath(text: string): string {
  const isOwn = /^\/(?![/\\])/.test(text) && !/[\p{Cc}\\]/u.test(text);
  return isOwn ? text : "/";
}

function redirect(location: string, cookies: readonly string[]): Response {
  const headers = new Headers({ location, "cache-control": "no-store" });
  for (const one of cookies) headers.append("set-cookie", one);
  return new Response(null, { status: 302, headers });
}

function cookie(name: string, value: string, seconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Lax`;
}

function cookieIn(header: string | undefined, name: string): string | null {
  for (const part of (header ?? "").split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return value.join("=");
  }
  return null;
}

function random(): string {
  return randomBytes(32).toString("base64url");
}
