import { randomBytes } from "node:crypto";
import type { By } from "../../core/identity/channel.ts";
import type { JsonObject } from "../../core/json.ts";
import { tokenHash } from "../../core/webhook/credentials.ts";
import { actorOf, type Hook, mustBeReadable, type Scheme } from "../../core/webhook/hook.ts";
import { secretText } from "../../core/webhook/standard-webhooks.ts";
import { adminEvent } from "../admin-event.ts";
import { newId } from "../ids.ts";
import type { AdminEvent } from "../ports/admin-events.ts";
import type { HookChange } from "../ports/hooks.ts";
import type { Vault } from "../ports/vault.ts";
import type { Ports } from "../ports.ts";

export type HookPorts = Pick<Ports, "store" | "clock" | "vault">;

export type NewHook = Pick<
  Hook,
  "environment" | "name" | "scheme" | "target" | "when" | "identity" | "headers"
> & {
  /** The sender's own; without one it is made up. */
  readonly secret?: string;
};

/** A hook and, this once, its secret; `no-vault`: nobody can keep a secret here that must be read again. */
export type HookIssued =
  | { readonly status: "issued"; readonly hook: Hook; readonly secret: string }
  | { readonly status: "no-vault" }
  /** On creation: the name is taken. On rotation: there is no such hook. */
  | { readonly status: "none" };

const SECRET_BYTES = 32;

/** Makes a hook. */
export async function createHook(
  ports: HookPorts,
  { secret: given, ...wanted }: NewHook,
  by: By,
): Promise<HookIssued> {
  const id = newId("hook", ports.clock);
  const secret = given ?? newSecret(wanted.scheme);
  const text = keptText(ports.vault, wanted.scheme, secret, id);
  if (text === null) return { status: "no-vault" };
  const event = eventOf(ports, "hook.created", wanted, by, saidOf(wanted));
  const hook: Hook = {
    ...wanted,
    id,
    secrets: [{ kept: text, until: null }],
    enabled: true,
    createdAt: event.at,
    createdBy: by.actor,
    updatedAt: event.at,
  };
  return (await ports.store.hooks.add(hook, event)) ? { status: "issued", hook, secret } : { status: "none" };
}

/** Gives a hook a new secret; the one before is good for `graceMs`. */
export async function rotateHook(
  ports: HookPorts,
  hookId: string,
  { secret: given, graceMs }: { readonly secret?: string; readonly graceMs: number },
  by: By,
): Promise<HookIssued> {
  const hook = await ports.store.hooks.find(hookId);
  if (!hook) return { status: "none" };
  const secret = given ?? newSecret(hook.scheme);
  const text = keptText(ports.vault, hook.scheme, secret, hookId);
  if (text === null) return { status: "no-vault" };
  const event = eventOf(ports, "hook.rotated", hook, by, { graceMs });
  if (!(await ports.store.hooks.rotate(hookId, text, event.at + graceMs, event))) return { status: "none" };
  const rotated = await ports.store.hooks.find(hookId);
  return rotated ? { status: "issued", hook: rotated, secret } : { status: "none" };
}

/** Changes what a hook does with events; `null` for an unknown one. */
export async function changeHook(
  ports: HookPorts,
  hookId: string,
  change: Partial<Pick<Hook, HookChange>>,
  by: By,
): Promise<Hook | null> {
  const hook = await ports.store.hooks.find(hookId);
  if (!hook) return null;
  const event = eventOf(
    ports,
    actionOf(hook, change),
    hook,
    by,
    change.target ? saidOf({ ...hook, ...change }) : {},
  );
  await ports.store.hooks.change({ ...hook, ...change }, event);
  return ports.store.hooks.find(hookId);
}

/** Ends a hook, and forgets what it received; false for an unknown one. */
export async function removeHook(ports: HookPorts, hookId: string, by: By): Promise<boolean> {
  const hook = await ports.store.hooks.find(hookId);
  return hook !== null && ports.store.hooks.remove(hookId, eventOf(ports, "hook.deleted", hook, by, {}));
}

/** The secrets of a hook that count, as they are compared; a `null` cannot be read with the keys that are there. */
export function readableSecrets(
  vault: Vault | undefined,
  { id, scheme }: Pick<Hook, "id" | "scheme">,
  kept: readonly string[],
): readonly (string | null)[] {
  if (!mustBeReadable(scheme)) return kept;
  return kept.map((text) => vault?.open(text, placeOf(id)) ?? null);
}

/** An event about a hook. */
export function eventOf(
  { clock }: Pick<HookPorts, "clock">,
  action: string,
  hook: Pick<Hook, "environment" | "name">,
  by: By,
  data: AdminEvent["data"],
): AdminEvent {
  const { environment } = hook;
  return adminEvent(clock, by, { action, environment, subject: actorOf(hook), data });
}

function keptText(vault: Vault | undefined, scheme: Scheme, secret: string, hookId: string): string | null {
  if (!mustBeReadable(scheme)) return tokenHash(secret);
  return vault?.seal(secret, placeOf(hookId)) ?? null;
}

/** What the vault knows the secrets of a hook by. */
export function placeOf(hookId: string): string {
  return `hook:${hookId}`;
}

function newSecret({ type }: Scheme): string {
  const bytes = randomBytes(SECRET_BYTES);
  return type === "standard-webhooks" ? secretText(bytes) : bytes.toString("base64url");
}

function actionOf(hook: Hook, { enabled }: Partial<Hook>): string {
  if (enabled === undefined || enabled === hook.enabled) return "hook.changed";
  return enabled ? "hook.enabled" : "hook.disabled";
}

function saidOf({ scheme, target }: Pick<Hook, "scheme" | "target">): JsonObject {
  const what =
    target.type === "start-run"
      ? { workflow: target.workflowId }
      : { run: target.run, signal: target.signal };
  return { scheme: scheme.type, ...what };
}
