import type { JsonObject } from "../../core/json.ts";

/** An OpenID Connect provider. Rejects with `ProviderUnavailable` when it cannot be reached. */
export type IdentityProvider = {
  /** The claims of a token that a caller shows. */
  verify(token: string): Promise<Verified>;
  /** Where a browser is sent to log in (authorization code with PKCE). */
  loginAddress(attempt: LoginAttempt): Promise<string>;
  /** The claims of whoever came back with `code`. */
  redeem(code: string, attempt: LoginAttempt): Promise<Redeemed>;
  /** What it says by now of whoever an access token is for; `null` where it has no such endpoint. */
  userinfo(token: string): Promise<Verified | null>;
};

/** What ties a login's end to its beginning; each is random and used once. */
export type LoginAttempt = { readonly state: string; readonly nonce: string; readonly verifier: string };

export type Verified =
  | { readonly ok: true; readonly claims: JsonObject }
  /** Said to whoever shows the token. */
  | { readonly ok: false; readonly reason: string };

/** With the token that `userinfo` takes and until when (milliseconds), where the provider gave one. */
export type Redeemed = Verified & {
  readonly access?: { readonly token: string; readonly until: number };
};

/** Makes texts that only this deployment can make and read, for cookies. */
export type Sealer = {
  seal(purpose: string, content: JsonObject, seconds: number): Promise<string>;
  /** `null` for what was not sealed here for this purpose, or is too old. */
  open(purpose: string, text: string): Promise<JsonObject | null>;
};

/** Sessions and logins that were ended before their time. */
export type EndedSessions = {
  /** `until`: when it would have ended by itself. */
  end(id: string, until: number, now: number): Promise<void>;
  /** Which of these were. */
  ended(ids: readonly string[]): Promise<ReadonlySet<string>>;
};

/** Nobody can be asked who somebody is. */
export class ProviderUnavailable extends Error {
  override readonly name = "ProviderUnavailable";
  readonly code = "identity-provider-unavailable";
}
