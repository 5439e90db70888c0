import { randomBytes } from "node:crypto";
import { type Identity, type RoleRule, userOf } from "../../core/identity/claims.ts";
import type { Principal } from "../../core/identity/principal.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Vouch } from "../../engine/people.ts";
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
  /**
   * Who is behind a request's session; `null` without one. Throws `forbidden` for a page of another origin. The session is
   * in use and may be prolonged by it: `renewed` has the cookie then.
   */
  principal(request: Request): Promise<Principal | null>;
  /** False once the login of a request's session has ended, by whatever id; true without one. */
  goesOn(request: Request): Promise<boolean>;
  /** What a request's answer must set as a cookie; `null` for nothing. */
  renewed(request: Request): string | null;
};

/** How long sessions last, in seconds: without use, and in all. */
export type SessionLimits = { readonly idleSeconds: number; readonly lifetimeSeconds: number };

export type SessionOptions = {
  readonly provider: IdentityProvider;
  readonly sealer: Sealer;
  readonly ended: EndedSessions;
  readonly clock: Pick<Clock, "now">;
  readonly limits: SessionLimits;
  readonly roles: readonly RoleRule[];
  /** Who a verified token is about, or why nobody can be told. */
  readonly identify: (claims: JsonObject) => Identity | string;
  /** Remembers what the provider has said of whom. */
  readonly vouch: Vouch;
};

/** `__Host-`: only this host, only encrypted (or this machine), the whole path. */
const SESSION = "__Host-stn";
const ATTEMPT = "__Host-stn-login";
/** Browsers keep 4096 bytes. */
const MOST_COOKIE = 3900;
const MOST_REASON = 1000;
const ATTEMPT_SECONDS = 600;
/** The reason is sealed into the browser: an address with words of one's own in it would put them on the page. */
const REFUSAL = "__Host-stn-refused";
const REFUSAL_SECONDS = 60;
/** The part of its idle time after which a session that is used is prolonged. */
const PROLONGED_AFTER = 0.1;
/** How long a session that was prolonged is known by its earlier id at least: requests are under way with it. */
const OVERLAP_MS = 30_000;

export function createSessions(options: SessionOptions): Sessions {
  const { provider, sealer, ended, clock, limits, roles, identify, vouch } = options;
  const idleMs = limits.idleSeconds * 1000;
  const lifetimeMs = limits.lifetimeSeconds * 1000;
  const renewals = new WeakMap<Request, string>();

  /** A session that goes on; limits that were shortened hold for those that have begun, too. */
  async function sessionOf(cookies: string | undefined): Promise<Session | null> {
    const sealed = cookieIn(cookies, SESSION);
    const session = sealed === null ? null : ((await sealer.open("session", sealed)) as Session | null);
    const now = clock.now();
    if (session === null || now >= untilOf(session.usedAt, session.loginAt)) return null;
    const { id, login, replaces } = session;
    const over = await ended.ended([id, login, ...(replaces === null ? [] : [replaces])]);
    if (over.has(id) || over.has(login)) return null;
    // The browser has the new id: a copy of the earlier one is of no use any more.
    if (replaces !== null && !over.has(replaces) && now - session.usedAt >= OVERLAP_MS)
      await ended.end(replaces, session.usedAt + idleMs, now);
    return session;
  }

  function untilOf(usedAt: number, loginAt: number): number {
    return Math.min(usedAt + idleMs, loginAt + lifetimeMs);
  }

  async function sealedSession(session: Session): Promise<string> {
    const seconds = Math.ceil((untilOf(session.usedAt, session.loginAt) - clock.now()) / 1000);
    const sealed = await sealer.seal("session", session, seconds);
    if (sealed.length > MOST_COOKIE)
      throw refused(
        `${session.user} is in ${session.groups.length} groups, more than a cookie holds; STATION_OIDC_GROUPS_CLAIM may name a claim with fewer`,
      );
    return cookie(SESSION, sealed, seconds);
  }

  /**
   * The session under a new id, as a cookie. The earlier id ends when the browser comes with the new one: an answer that
   * is lost on its way logs nobody out.
   */
  async function prolonged(session: Session): Promise<string | null> {
    const { id, usedAt, loginAt } = session;
    const now = clock.now();
    const isDue = now - usedAt >= idleMs * PROLONGED_AFTER;
    if (!isDue || untilOf(now, loginAt) <= untilOf(usedAt, loginAt)) return null;
    return sealedSession({ ...session, id: random(), replaces: id, usedAt: now });
  }

  /** Ends a login with every id that its session has had; older programs go by its present one. */
  async function endLogin({ id, login, loginAt }: Session): Promise<void> {
    const now = clock.now();
    for (const one of [login, id]) await ended.end(one, loginAt + lifetimeMs, now);
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
      const redeemed = await provider.redeem(code, attempt);
      const { identity, at } = identified(redeemed, identify, clock.now());
      await vouch(identity, at, redeemed.access ?? null);
      const before = await sessionOf(cookies);
      if (before) await endLogin(before);
      const now = clock.now();
      const session: Session = {
        ...{ id: random(), replaces: null, login: random(), loginAt: now, usedAt: now },
        ...{ ...identity, groups: [...identity.groups] },
      };
      return redirect(attempt.returnTo, [
        await sealedSession(session),
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
      if (session) await endLogin(session);
      return new Response(null, { status: 204, headers: { "set-cookie": cookie(SESSION, "", 0) } });
    },

    async principal(request) {
      const session = await sessionOf(request.headers.get("cookie") ?? undefined);
      if (!session) return null;
      refuseForeignPage(request);
      const renewed = await prolonged(session);
      if (renewed !== null) renewals.set(request, renewed);
      return userOf(session, roles);
    },

    async goesOn({ headers }) {
      const sealed = cookieIn(headers.get("cookie") ?? undefined, SESSION);
      if (sealed === null) return true;
      const session = (await sealer.open("session", sealed)) as Session | null;
      return session !== null && !(await ended.ended([session.login])).has(session.login);
    },

    renewed: (request) => renewals.get(request) ?? null,
  };
}

/** True for a request that shows a session, good or not. */
export function hasSession(headers: Headers): boolean {
  return cookieIn(headers.get("cookie") ?? undefined, SESSION) !== null;
}

/** A caller's token, proven: who they are. */
export function bearerOf({
  provider,
  clock,
  identify,
  roles,
  vouch,
}: Pick<SessionOptions, "provider" | "clock" | "identify" | "roles" | "vouch">): (
  token: string,
) => Promise<Principal> {
  return async (token) => {
    const { identity, at } = identified(await provider.verify(token), identify, clock.now());
    await vouch(identity, at);
    return userOf(identity, roles);
  };
}

type Attempt = LoginAttempt & { readonly returnTo: string };

type Session = {
  /** Changes whenever it is prolonged. */
  readonly id: string;
  /** The id before that; `null` after the login. */
  readonly replaces: string | null;
  /** The same from the login to its end. */
  readonly login: string;
  readonly loginAt: number;
  /** When it was last found to be in use, in milliseconds since 1970: not every request is noted. */
  readonly usedAt: number;
  readonly user: string;
  readonly name: string;
  readonly groups: string[];
};

/** Who a token is about, and when the provider said so. */
function identified(
  verified: Verified,
  identify: SessionOptions["identify"],
  now: number,
): { readonly identity: Identity; readonly at: number } {
  const identity = verified.ok ? identify(verified.claims) : verified.reason;
  if (!verified.ok || typeof identity === "string") throw refused(String(identity));
  return { identity, at: Math.min(now, Number(verified.claims["iat"]) * 1000) };
}

function refused(why: string): HttpProblem {
  return new HttpProblem("unauthenticated", why, {
    headers: { "www-authenticate": 'Bearer realm="station", error="invalid_token"' },
  });
}

/** A path of this server as a header can say it, never another one's: "//evil.example" and "/\evil.example" are addresses. */
function ownPath(text: string): string {
  const isOwn = /^\/(?![/\\])/.test(text) && !/[\p{Cc}\\]/u.test(text);
  return isOwn ? text.replace(/[^!-~]/gu, encodeURIComponent) : "/";
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
