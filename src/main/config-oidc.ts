import { type ClaimRules, parseRoleRules } from "../core/identity/claims.ts";
import { isThisMachine } from "../http/auth/local-user.ts";
import type { SessionLimits } from "../http/auth/sessions.ts";
import { problemsOfTokens } from "./config-tokens.ts";
import type { Reader, Secret } from "./environment-reader.ts";

/** The identity provider that vouches for people. */
export type Oidc = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret | null;
  readonly audience: string;
  readonly scopes: string;
  readonly rules: ClaimRules;
  /** How old the provider's word on somebody's teams may be when their voice is counted. */
  readonly membershipMaxAgeMs: number;
  /** What browsers' sessions are sealed with, two while one is being replaced; `null`: with the client's secret. */
  readonly sessionSecret: Secret | null;
  readonly sessionLimits: SessionLimits;
  /** Where browsers come back to; `null`: only tokens are taken. */
  readonly browser: { readonly redirectUri: string } | null;
};

const NAMES = [
  "STATION_OIDC_CLIENT_ID",
  "STATION_OIDC_CLIENT_SECRET",
  "STATION_OIDC_CLIENT_SECRET_FILE",
  "STATION_OIDC_AUDIENCE",
  "STATION_OIDC_SCOPES",
  "STATION_OIDC_USER_CLAIM",
  "STATION_OIDC_GROUPS_CLAIM",
  "STATION_OIDC_ROLES",
  "STATION_OIDC_MEMBERSHIP_HOURS",
  "STATION_SESSION_SECRET",
  "STATION_SESSION_SECRET_FILE",
  "STATION_SESSION_IDLE_SECONDS",
  "STATION_SESSION_SECONDS",
] as const;

/** A long lunch, and a working day with the way there and back. */
const IDLE_SECONDS = 2 * 3600;
const LIFETIME_SECONDS = 12 * 3600;
const LONGEST_SECONDS = 30 * 86_400;

/** `null` without `STATION_OIDC_ISSUER`. */
export function oidcOf(read: Reader, publicUrl: string | null): Oidc | null {
  const issuer = read.text("STATION_OIDC_ISSUER");
  if (issuer === null) {
    for (const name of NAMES)
      if (read.text(name) !== null) read.warn(name, "is not used: STATION_OIDC_ISSUER is not set", null);
    return null;
  }
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  if (!url || !(url.protocol === "https:" || (url.protocol === "http:" && isThisMachine(url.hostname))))
    read.problem(
      "STATION_OIDC_ISSUER",
      "is not the address of an identity provider",
      "https://login.example.com",
    );
  const clientId = read.text("STATION_OIDC_CLIENT_ID");
  if (clientId === null)
    read.problem(
      "STATION_OIDC_CLIENT_ID",
      "is not set: the identity provider knows Station by it",
      "the client's id",
    );
  const clientSecret = read.secret("STATION_OIDC_CLIENT_SECRET");
  const sessionSecret = read.secret("STATION_SESSION_SECRET");
  if (sessionSecret?.from === "text")
    for (const problem of problemsOfTokens(sessionSecret.text))
      read.problem(
        "STATION_SESSION_SECRET",
        problem,
        "32 characters or more; two, comma-separated, while one is replaced",
      );
  return {
    issuer,
    clientId: clientId ?? "",
    clientSecret,
    audience: read.text("STATION_OIDC_AUDIENCE") ?? clientId ?? "",
    scopes: read.text("STATION_OIDC_SCOPES") ?? "openid email profile",
    rules: {
      userClaim: read.text("STATION_OIDC_USER_CLAIM") ?? "email",
      groupsClaim: read.text("STATION_OIDC_GROUPS_CLAIM") ?? "groups",
      roles: rolesOf(read),
    },
    membershipMaxAgeMs: read.number("STATION_OIDC_MEMBERSHIP_HOURS", 24, { from: 0.1, to: 8760 }) * 3_600_000,
    sessionSecret,
    sessionLimits: limitsOf(read),
    browser: browserOf(read, publicUrl, sessionSecret ?? clientSecret),
  };
}

function limitsOf(read: Reader): SessionLimits {
  const limits = { from: 60, to: LONGEST_SECONDS, whole: true };
  const lifetimeSeconds = read.number("STATION_SESSION_SECONDS", LIFETIME_SECONDS, limits);
  const idleSeconds = read.number(
    "STATION_SESSION_IDLE_SECONDS",
    Math.min(IDLE_SECONDS, lifetimeSeconds),
    limits,
  );
  if (idleSeconds > lifetimeSeconds)
    read.problem(
      "STATION_SESSION_IDLE_SECONDS",
      "is longer than a session lasts in all",
      `at most ${lifetimeSeconds}, which is STATION_SESSION_SECONDS`,
    );
  return { idleSeconds, lifetimeSeconds };
}

function rolesOf(read: Reader): ClaimRules["roles"] {
  const allowed =
    "group=role[@environment], comma-separated, as in *=viewer, sre=operator, leads=admin, owners=approver@prod";
  const text = read.text("STATION_OIDC_ROLES");
  if (text === null) {
    read.problem("STATION_OIDC_ROLES", "is not set: whoever logs in could do nothing", allowed);
    return [];
  }
  const { rules, faults } = parseRoleRules(text);
  for (const fault of faults) read.problem("STATION_OIDC_ROLES", `has "${fault}", which is no rule`, allowed);
  return rules;
}

function browserOf(read: Reader, publicUrl: string | null, secret: Secret | null): Oidc["browser"] {
  if (publicUrl !== null && secret) return { redirectUri: `${publicUrl}/auth/callback` };
  const missing = publicUrl === null ? "STATION_PUBLIC_URL" : "STATION_SESSION_SECRET";
  read.warn(missing, "is not set: people cannot log in with a browser, only tokens are taken", null);
  return null;
}
