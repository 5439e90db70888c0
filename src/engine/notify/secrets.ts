import { randomBytes } from "node:crypto";
import type { Channel, Subscription } from "../../core/notify/subscription.ts";
import { parseSecret, secretText } from "../../core/webhook/standard-webhooks.ts";
import type { Vault } from "../ports/vault.ts";
import type { Ports } from "../ports.ts";

/** What a webhook is signed with: the secret, and those before it for as long as their receivers may still use them. */
type Signing = {
  readonly secret: string;
  readonly previous: readonly { readonly secret: string; readonly until: number }[];
};

/** The specification asks for 24 to 64. */
const SECRET_BYTES = 32;

/** Why a secret cannot be read: its key is not here. */
export type Unreadable = { readonly unreadable: string };

type Of = Pick<Subscription, "id" | "environment" | "name">;
type VaultPort = Pick<Ports, "vault">;

/** So many older ones: a rotation whose answer was lost, and its repetition, must not cost the one that is in use. */
const MOST_PREVIOUS = 3;

/**
 * A new secret, and how it is kept. What `before` was signed with at `now` is good until its time, or `until`; where its
 * key is gone, so is that.
 */
export function newSigning(
  vault: Vault,
  of: Of,
  before: { readonly sealed: string; readonly now: number; readonly until: number } | null,
): { readonly secret: string; readonly sealed: string } {
  const secret = secretText(randomBytes(SECRET_BYTES));
  const known = before && signingIn({ vault }, of, before.sealed);
  const older =
    known && before && !("unreadable" in known)
      ? [{ secret: known.secret, until: before.until }, ...known.previous].filter(
          ({ until }) => until > before.now,
        )
      : [];
  const signing: Signing = { secret, previous: older.slice(0, MOST_PREVIOUS) };
  return { secret, sealed: vault.seal(JSON.stringify(signing), placeOf(of)) };
}

/** How an address that is a secret is kept. */
export function sealedAddress(vault: Vault, of: Of, url: string): string {
  return vault.seal(url, placeOf(of));
}

/** The bytes to sign with at `now`, the newest first. */
export function secretsOf(
  ports: VaultPort,
  of: Of,
  { sealed }: Extract<Channel, { kind: "webhook" }>,
  now: number,
): readonly Uint8Array[] | Unreadable {
  const signing = signingIn(ports, of, sealed);
  if ("unreadable" in signing) return signing;
  const { secret, previous } = signing;
  const texts = [secret, ...previous.flatMap((one) => (one.until > now ? [one.secret] : []))];
  return texts.flatMap((text) => parseSecret(text) ?? []);
}

/** The address that a message goes to. */
export function addressOf(
  ports: VaultPort,
  of: Of,
  { sealed }: Extract<Channel, { kind: "slack" }>,
): string | Unreadable {
  return opened(ports, of, sealed);
}

function signingIn(ports: VaultPort, of: Of, sealed: string): Signing | Unreadable {
  const text = opened(ports, of, sealed);
  return typeof text === "string" ? (JSON.parse(text) as Signing) : text;
}

function opened({ vault }: VaultPort, of: Of, sealed: string): string | Unreadable {
  const text = vault?.open(sealed, placeOf(of)) ?? null;
  if (text !== null) return text;
  const name = `subscription "${of.name}" in environment "${of.environment}"`;
  return { unreadable: `no key of STATION_SECRET_KEYS opens the secret of ${name}` };
}

/** What the vault knows the secret of a subscription by. */
export function placeOf({ id }: Pick<Of, "id">): string {
  return `notification-subscription:${id}`;
}
