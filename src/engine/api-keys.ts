import { randomInt } from "node:crypto";
import { type ApiKey, hashOf, keyText, principalOf, SECRET_LENGTH } from "../core/identity/api-key.ts";
import type { By } from "../core/identity/channel.ts";
import type { Scope } from "../core/identity/permissions.ts";
import { DEPLOYMENT } from "../core/identity/principal.ts";
import { adminEvent } from "./admin-event.ts";
import type { AdminEvent } from "./ports/admin-events.ts";
import type { Ports } from "./ports.ts";

export type KeyPorts = Pick<Ports, "store" | "clock">;

/** A key and, this once, its whole text. */
export type Issued = { readonly key: ApiKey; readonly text: string };

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Makes a key; `null` when the environment has or had one of this name, as all together have the deployment's own. */
export async function issueKey(
  ports: KeyPorts,
  { environment, name, scopes, expiresAt }: Pick<ApiKey, "environment" | "name" | "scopes" | "expiresAt">,
  by: By,
): Promise<Issued | null> {
  if (principalOf({ environment, name, scopes }).id === DEPLOYMENT.id) return null;
  const secret = newSecret();
  const event = eventOf(ports, "key.created", { environment, name }, by, { scopes: [...scopes], expiresAt });
  const key: ApiKey = {
    environment,
    name,
    scopes: inOrder(scopes),
    hash: hashOf(secret),
    earlier: [],
    createdAt: event.at,
    createdBy: by.actor,
    expiresAt,
    revoked: null,
    lastUsedAt: null,
  };
  if (!(await ports.store.keys.add(key, event))) return null;
  return { key, text: keyText({ environment, name, secret }) };
}

/** Gives a key a new secret; the one before is good for `graceMs`. `null` when there is no such key in force. */
export async function rotateKey(
  ports: KeyPorts,
  { environment, name }: Pick<ApiKey, "environment" | "name">,
  graceMs: number,
  by: By,
): Promise<Issued | null> {
  const secret = newSecret();
  const event = eventOf(ports, "key.rotated", { environment, name }, by, { graceMs });
  const next = { environment, name, hash: hashOf(secret) };
  if (!(await ports.store.keys.rotate(next, event.at + graceMs, event))) return null;
  const key = await ports.store.keys.find(environment, name);
  return key && { key, text: keyText({ environment, name, secret }) };
}

/** Ends a key for good. `null` when there is no such key; revoking one twice changes nothing. */
export async function revokeKey(
  ports: KeyPorts,
  { environment, name }: Pick<ApiKey, "environment" | "name">,
  by: By,
): Promise<ApiKey | null> {
  const event = eventOf(ports, "key.revoked", { environment, name }, by, {});
  await ports.store.keys.revoke({ environment, name }, event);
  return ports.store.keys.find(environment, name);
}

function eventOf(
  { clock }: KeyPorts,
  action: string,
  { environment, name }: Pick<ApiKey, "environment" | "name">,
  by: By,
  data: AdminEvent["data"],
): AdminEvent {
  return adminEvent(clock, by, { action, environment, subject: `key:${environment}/${name}`, data });
}

function inOrder(scopes: readonly Scope[]): readonly Scope[] {
  return [...new Set(scopes)].sort();
}

function newSecret(): string {
  return Array.from({ length: SECRET_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}
