import { createHash } from "node:crypto";
import type { Scope } from "./permissions.ts";
import type { ServiceKey } from "./principal.ts";

/** A key as its bearer holds it: `stn_<environment>_<name>_<secret>`. */
export type KeyText = { readonly environment: string; readonly name: string; readonly secret: string };

/** What is kept of a key: enough to know its bearer again, not enough to be one. Times are milliseconds. */
export type ApiKey = {
  readonly environment: string;
  /** Never given to another key of the environment, also after this one is revoked. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the secret, in hexadecimal. */
  readonly hash: string;
  /** The secrets before, the newest first, each good until then: a rotation may come twice. */
  readonly earlier: readonly { readonly hash: string; readonly until: number }[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly revoked: { readonly at: number; readonly by: string } | null;
  /** Within a minute. */
  readonly lastUsedAt: number | null;
};

/** Letters and digits of a secret: 43 of 62, which is 256 bits. */
export const SECRET_LENGTH = 43;
const FORM = new RegExp(`^stn_(.+)_([a-z0-9][a-z0-9-]{0,62})_([A-Za-z0-9]{${SECRET_LENGTH}})$`);

/** The parts of a key; `null` for what is none. */
export function parseKey(text: string): KeyText | null {
  const [, environment, name, secret] = FORM.exec(text) ?? [];
  return environment === undefined || name === undefined || secret === undefined
    ? null
    : { environment, name, secret };
}

/** A key as it is shown to whoever made it, once. */
export function keyText({ environment, name, secret }: KeyText): string {
  return `stn_${environment}_${name}_${secret}`;
}

/** What is kept instead of a secret. A secret is long and random, so one round is enough. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Whose key it is. */
export function principalOf({
  environment,
  name,
  scopes,
}: Pick<ApiKey, "environment" | "name" | "scopes">): ServiceKey {
  return { kind: "key", id: `key:${environment}/${name}`, name, environment, scopes };
}

/** Whether a key may still be used, and with which secrets; a reason why not is said to its bearer alone. */
export function standingOf(
  key: ApiKey,
  now: number,
): { readonly hashes: readonly string[]; readonly fault: string | null } {
  const earlier = key.earlier.filter(({ until }) => until > now);
  const hashes = [key.hash, ...earlier.map(({ hash }) => hash)];
  const fault = key.revoked
    ? "was revoked"
    : key.expiresAt !== null && key.expiresAt <= now
      ? "has expired"
      : null;
  return { hashes, fault };
}
