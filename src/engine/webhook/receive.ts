import { randomBytes } from "node:crypto";
import { contentId, type Disbelief, disbelief, type HeaderOf } from "../../core/webhook/credentials.ts";
import { type Delivery, type DeliveryOutcome, kept } from "../../core/webhook/delivery.ts";
import { type Hook, type Scheme, secretsAt } from "../../core/webhook/hook.ts";
import {
  type Content,
  contentOf,
  contextOf,
  eventIdOf,
  requestOf,
  typeOf,
} from "../../core/webhook/request.ts";
import { secretText } from "../../core/webhook/standard-webhooks.ts";
import { newId } from "../ids.ts";
import type { Ports } from "../ports.ts";
import { type ActPorts, actOn } from "./act.ts";
import { readableSecrets } from "./hooks.ts";

export type ReceivePorts = ActPorts & Pick<Ports, "vault" | "log">;

/** A request as it came. */
export type Incoming = {
  readonly header: HeaderOf;
  readonly query: Iterable<readonly [string, string]>;
  readonly body: Uint8Array;
};

export type Received =
  | { readonly status: "unknown" }
  | { readonly status: "not-believed"; readonly why: Disbelief }
  /** Its secrets cannot be read with the keys of this process. */
  | { readonly status: "unreadable" }
  | { readonly status: "disabled"; readonly hook: Hook }
  | { readonly status: "not-understood"; readonly why: "type" | "syntax"; readonly delivery: Delivery }
  | { readonly status: "settled"; readonly delivery: Delivery };

/** How many of a hook's deliveries are kept, and how long. */
export const KEPT = { most: 100, ms: 7 * 86_400_000 } as const;

/**
 * Takes a request to a hook: believed, kept, done, and what came of it kept too. Nothing in the body is looked at before
 * its sender is believed. A process that dies on the way leaves a delivery that says so; whoever sends the event again,
 * or has it done again, gets the same run. `admit` may throw for a sender that is believed and sends too much.
 */
export async function receive(
  ports: ReceivePorts,
  hookId: string,
  { header, query, body }: Incoming,
  admit: (hook: Hook) => void = () => {},
): Promise<Received> {
  const now = ports.clock.now();
  const hook = await ports.store.hooks.find(hookId);
  const scheme = hook?.scheme ?? GUESSED;
  const texts = hook
    ? readableSecrets(
        ports.vault,
        hook,
        secretsAt(hook, now).map((secret) => secret.kept),
      )
    : [NOBODYS_SECRET];
  const secrets = texts.filter((text) => text !== null);
  // As much work for a hook that does not exist as for a wrong signature.
  const why = disbelief(scheme, secrets, header, body, now);
  if (!hook) return { status: "unknown" };
  if (secrets.length === 0) {
    ports.log.error("secrets of a hook cannot be read with the keys in STATION_SECRET_KEYS", {
      hook_id: hookId,
    });
    return { status: "unreadable" };
  }
  if (why !== null) return { status: "not-believed", why };
  if (!hook.enabled) return { status: "disabled", hook };
  admit(hook);
  const text = textOf(body);
  const request = requestOf(hook, header, query, text ?? "");
  const content = text === null ? NOT_UTF8 : contentOf(hook.scheme, request);
  const id = newId("dlv", ports.clock);
  const delivery: Delivery = {
    id,
    hookId,
    receivedAt: now,
    eventId: eventIdIn(hook, id, header, body),
    eventType: content.ok ? typeOf(hook.scheme, request.headers, content.value) : null,
    request: { ...kept(request, body.length), ...(text === null && { text }) },
    again: null,
    outcome: content.ok ? { status: "RECEIVED" } : { status: "FAILED", reason: content.message, errors: [] },
  };
  if (!(await ports.store.hooks.deliveries.add(delivery, { most: KEPT.most, since: now - KEPT.ms })))
    return { status: "unknown" };
  if (!content.ok) return { status: "not-understood", why: content.why, delivery };
  const context = contextOf(hook, request, content.value, { id: delivery.eventId, receivedAt: now });
  const { eventId, outcome } = await actOn(ports, hook, context, delivery.eventId, null);
  return { status: "settled", delivery: await settled(ports, { ...delivery, eventId }, outcome) };
}

/** Keeps what came of a delivery. */
export async function settled(
  { store }: Pick<Ports, "store">,
  delivery: Delivery,
  outcome: DeliveryOutcome,
): Promise<Delivery> {
  await store.hooks.deliveries.settle(delivery.id, delivery.eventId, outcome);
  return { ...delivery, outcome };
}

const NOT_UTF8: Content = { ok: false, why: "syntax", message: "the body is not UTF-8" };
const GUESSED: Scheme = { type: "standard-webhooks" };
const NOBODYS_SECRET = secretText(randomBytes(32));

/** `null` where the hook's template has to say it, or the sender has not. */
function eventIdIn(
  { identity, scheme }: Hook,
  deliveryId: string,
  header: HeaderOf,
  body: Uint8Array,
): string | null {
  switch (identity.by) {
    case "header": {
      const text = header(identity.header);
      return text === null || text === "" ? null : eventIdOf(text);
    }
    case "content":
      return contentId(scheme, header, body);
    case "nothing":
      return deliveryId;
    case "template":
      return null;
  }
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null; // whoever sent it is told
  }
}
