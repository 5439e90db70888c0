import { createHash } from "node:crypto";
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { JsonObject } from "../../core/json.ts";
import {
  type IdentityProvider,
  type LoginAttempt,
  ProviderUnavailable,
  type Verified,
} from "../../engine/ports/identity-provider.ts";

export type ProviderOptions = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  /** Whom a bearer's token must be for. */
  readonly audience: string;
  /** Space-separated: `openid email profile`. */
  readonly scopes: string;
  /** Where the provider sends browsers back to. */
  readonly redirectUri: string;
};

/** Signatures with keys of the provider alone: no shared secrets, no `none`. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
const CLOCK_SKEW_SECONDS = 30;
const TIMEOUT_MS = 10_000;
/** Endpoints move seldom; keys are looked up again whenever an unknown one is used. */
const DISCOVERY_MS = 3_600_000;

type Metadata = {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly userinfo_endpoint: string | null;
  readonly keys: JWTVerifyGetKey;
};

/** Talks to an OpenID Connect provider that is found by its issuer. */
export function createProvider(options: ProviderOptions, now: () => number): IdentityProvider {
  const { issuer, clientId, clientSecret, redirectUri } = options;
  let known: { readonly metadata: Promise<Metadata>; readonly at: number } | null = null;

  function discovered(): Promise<Metadata> {
    if (known && now() - known.at < DISCOVERY_MS) return known.metadata;
    const metadata = discover(issuer);
    known = { metadata, at: now() };
    metadata.catch(() => {
      known = null; // asked again by the next one
    });
    return metadata;
  }

  async function verified(token: string, audience: string): Promise<Verified> {
    const { keys } = await discovered();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_SKEW_SECONDS,
        requiredClaims: ["exp", "iat", "sub"],
        currentDate: new Date(now()),
      });
      return { ok: true, claims: claimsOf(payload) };
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === null)
        throw new ProviderUnavailable("the identity provider's keys cannot be read", { cause: error });
      return { ok: false, reason };
    }
  }

  return {
    verify: (token) => verified(token, options.audience),

    async loginAddress({ state, nonce, verifier }) {
      const { authorization_endpoint } = await discovered();
      const url = new URL(authorization_endpoint);
      const challenge = createHash("sha256").update(verifier).digest("base64url");
      const query = {
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: options.scopes,
        state,
        nonce,
        code_challenge: challenge,
        code_challenge_method: "S256",
      };
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return url.href;
    },

    async redeem(code, { nonce, verifier }: LoginAttempt) {
      const { token_endpoint } = await discovered();
      const form = new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUri,
        client_id: clientId,
        code_verifier: verifier,
      });
      const headers: Record<string, string> = { accept: "application/json" };
      if (clientSecret !== null) headers["authorization"] = basic(clientId, clientSecret);
      const answer = await ask(token_endpoint, { method: "POST", body: form, headers });
      const idToken = answer.body["id_token"];
      if (!answer.ok || typeof idToken !== "string") {
        const why =
          answer.body["error_description"] ?? answer.body["error"] ?? `it answered ${answer.status}`;
        return { ok: false, reason: `the identity provider refused the login: ${String(why)}` };
      }
      const found = await verified(idToken, clientId);
      if (found.ok && found.claims["nonce"] !== nonce)
        return { ok: false, reason: "the identity provider's token belongs to another login" };
      const { access_token: token, expires_in: seconds } = answer.body;
      if (!found.ok || typeof token !== "string" || typeof seconds !== "number") return found;
      return { ...found, access: { token, until: now() + seconds * 1000 } };
    },

    async userinfo(token) {
      const { userinfo_endpoint } = await discovered();
      if (userinfo_endpoint === null) return null;
      const headers = { accept: "application/json", authorization: `Bearer ${token}` };
      const { ok, status, body } = await ask(userinfo_endpoint, { headers });
      if (ok) return { ok, claims: body };
      if (status === 401 || status === 403)
        return { ok: false, reason: `the identity provider answered ${status}` };
      throw new ProviderUnavailable(
        `the identity provider answered ${status} when it was asked about somebody`,
      );
    },
  };
}

async function discover(issuer: string): Promise<Metadata> {
  const { ok, status, body } = await ask(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {});
  if (!ok) throw new ProviderUnavailable(`the identity provider at ${issuer} answered ${status}`);
  if (body["issuer"] !== issuer)
    throw new ProviderUnavailable(
      `the identity provider calls itself ${String(body["issuer"])}; STATION_OIDC_ISSUER is ${issuer}`,
    );
  const { authorization_endpoint, token_endpoint, userinfo_endpoint, jwks_uri } = body;
  if (
    typeof authorization_endpoint !== "string" ||
    typeof token_endpoint !== "string" ||
    typeof jwks_uri !== "string"
  )
    throw new ProviderUnavailable(`the identity provider at ${issuer} does not name its endpoints`);
  return {
    authorization_endpoint,
    token_endpoint,
    userinfo_endpoint: typeof userinfo_endpoint === "string" ? userinfo_endpoint : null,
    keys: createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: TIMEOUT_MS }),
  };
}

async function ask(
  url: string,
  init: RequestInit,
): Promise<{ ok: boolean; status: number; body: JsonObject }> {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const body = text.startsWith("{") ? (JSON.parse(text) as JsonObject) : {};
    return { ok: response.ok, status: response.status, body };
  } catch (cause) {
    throw new ProviderUnavailable("the identity provider cannot be reached", { cause });
  }
}

/** RFC 6749 §2.3.1: both parts are form-encoded first. */
function basic(id: string, secret: string): string {
  const encoded = [id, secret].map((part) => new URLSearchParams({ x: part }).toString().slice(2));
  return `Basic ${Buffer.from(encoded.join(":")).toString("base64")}`;
}

function claimsOf(payload: JWTPayload): JsonObject {
  return JSON.parse(JSON.stringify(payload)) as JsonObject;
}

/** What is wrong with a token; `null` when it was never looked at. */
function reasonOf(error: unknown): string | null {
  if (error instanceof errors.JWTExpired) return "this token has expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return `this token's "${error.claim}" is not right: ${error.reason === "missing" ? "it is missing" : "it is for somewhere else or another time"}`;
  if (error instanceof errors.JOSEAlgNotAllowed) return "this token is signed in a way that is not accepted";
  if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) return null;
  if (error.code === "ERR_JOSE_GENERIC") return null; // an answer other than 200 for the keys
  return "this token was not signed by the identity provider";
}
