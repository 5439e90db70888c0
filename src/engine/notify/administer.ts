import type { By } from "../../core/identity/channel.ts";
import type { JsonObject } from "../../core/json.ts";
import { samplePayload } from "../../core/notify/sample.ts";
import { type Channel, isMailAddress, type Subscription } from "../../core/notify/subscription.ts";
import { testMessage } from "../../core/notify/texts.ts";
import { NOTIFICATION_TYPES } from "../../core/notify/types.ts";
import { isoTime } from "../../core/time.ts";
import { adminEvent } from "../admin-event.ts";
import { newId } from "../ids.ts";
import type { AdminEvent } from "../ports/admin-events.ts";
import type { Reach } from "../ports/reach.ts";
import type { Ports } from "../ports.ts";
import { fillMessage } from "./compose.ts";
import { newSigning, sealedAddress } from "./secrets.ts";
import { type Sent, send } from "./send.ts";

export type AdministerPorts = Pick<Ports, "store" | "clock" | "expressions" | "vault"> & {
  readonly reach: Reach;
};

/** What somebody asks for; the address of a Slack channel is a secret. */
export type Wanted = Pick<Subscription, "types" | "workflows" | "labels" | "template"> & {
  readonly channel: WantedChannel;
};

export type WantedChannel =
  /** `url: null` keeps the address it has: Slack's is never shown. */
  | { readonly kind: "webhook" | "slack"; readonly url: string | null }
  | { readonly kind: "mail"; readonly to: readonly string[]; readonly approvers: boolean };

/** Why a subscription cannot be as it is wanted. */
export type Unfit = {
  readonly status: "unfit";
  /** Into what was sent. */
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string;
};

/** This Station keeps no secrets, or sends no mail; `message` names the variable. */
export type NotSetUp = { readonly status: "secrets-off" | "mail-off"; readonly message: string };

export type Made =
  /** `secret`: what a webhook's receiver verifies with, said this once. */
  | { readonly status: "made"; readonly subscription: Subscription; readonly secret: string | null }
  | { readonly status: "exists" | "unknown" }
  | Unfit
  | NotSetUp;

type Place = Pick<Subscription, "environment" | "name">;

/** Makes a subscription, which is told of what happens from then on. */
export async function subscribe(ports: AdministerPorts, place: Place, wanted: Wanted, by: By): Promise<Made> {
  const unfit = await unfitness(ports, wanted);
  if (unfit) return unfit;
  const of = { id: newId("sub", ports.clock), ...place };
  const kept = channelOf(ports, of, wanted.channel, null);
  if ("status" in kept) return kept;
  const event = eventOf(ports, "subscription.created", place, by, shown(wanted));
  const { types, workflows, labels, template } = wanted;
  const subscription = {
    ...of,
    types: inOrder(types),
    workflows,
    labels,
    channel: kept.channel,
    template,
    disabled: null,
    createdAt: event.at,
    createdBy: by.actor,
    updatedAt: event.at,
    revision: 1,
  };
  if (!(await ports.store.notifications.add(subscription, event))) return { status: "exists" };
  return { status: "made", subscription: await mustFind(ports, place), secret: kept.secret };
}

/** Gives a subscription other settings. The secret of a webhook stays. */
export async function resubscribe(
  ports: AdministerPorts,
  place: Place,
  wanted: Wanted,
  by: By,
): Promise<Made> {
  const unfit = await unfitness(ports, wanted);
  if (unfit) return unfit;
  const { types, workflows, labels, template } = wanted;
  return changing(ports, place, by, "subscription.changed", shown(wanted), (current) => {
    const kept = channelOf(ports, current, wanted.channel, current.channel);
    if ("status" in kept) return kept;
    const { channel, secret } = kept;
    return { change: { types: inOrder(types), workflows, labels, template, channel }, secret };
  });
}

/** Gives a webhook a new secret; those before are signed with too for `graceMs`. */
export async function rotateSecret(
  ports: AdministerPorts,
  place: Place,
  graceMs: number,
  by: By,
): Promise<Made> {
  return changing(ports, place, by, "subscription.rotated", { graceMs }, (current) => {
    const { channel } = current;
    if (channel.kind !== "webhook")
      return unfitAt("", `"${current.name}" goes by ${channel.kind} and has no secret to sign with`);
    if (!ports.vault) return NO_VAULT;
    const now = ports.clock.now();
    const before = { sealed: channel.sealed, now, until: now + graceMs };
    const made = newSigning(ports.vault, current, before);
    return { change: { channel: { ...channel, sealed: made.sealed } }, secret: made.secret };
  });
}

/** Stops or lets go on. What is on its way waits; what happens meanwhile is not told. */
export async function switchSubscription(
  ports: AdministerPorts,
  place: Place,
  isEnabled: boolean,
  by: By,
): Promise<Made> {
  const action = isEnabled ? "subscription.enabled" : "subscription.disabled";
  return changing(ports, place, by, action, isEnabled ? {} : { because: "operator" }, ({ disabled }) => {
    if ((disabled === null) === isEnabled) return null;
    const now = ports.clock.now();
    return {
      change: { disabled: isEnabled ? null : { at: now, by: by.actor, because: "operator" } },
      secret: null,
    };
  });
}

/** Its receiver said that there is nobody any more. False when it was disabled before, or removed. */
export async function disableGone(
  ports: Pick<Ports, "store" | "clock">,
  subscription: Subscription,
): Promise<boolean> {
  const by: By = { actor: "system", channel: "worker" };
  const disabled = { at: ports.clock.now(), by: by.actor, because: "gone" } as const;
  const made = await changing(
    ports,
    subscription,
    by,
    "subscription.disabled",
    { because: "gone" },
    (current) =>
      current.id !== subscription.id || current.disabled ? null : { change: { disabled }, secret: null },
  );
  return made.status === "made" && made.subscription.disabled?.at === disabled.at;
}

/** Removes a subscription; what is on its way to it is dropped. False when there is none. */
export async function unsubscribe(ports: AdministerPorts, place: Place, by: By): Promise<boolean> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const current = await ports.store.notifications.find(place.environment, place.name);
    if (!current) return false;
    const event = eventOf(ports, "subscription.removed", place, by, {});
    if (await ports.store.notifications.remove(current, event)) return true;
  }
  throw busy(place);
}

/** Sends a test, once and at once, to every receiver there is; `null` when there is no such subscription. */
export async function tryOut(
  ports: AdministerPorts,
  place: Place,
  by: By,
): Promise<readonly (Sent & { readonly recipient: string | null })[] | null> {
  const { store, clock } = ports;
  const subscription = await store.notifications.find(place.environment, place.name);
  if (!subscription) return null;
  const { channel, name, environment } = subscription;
  const payload = {
    type: "notification.test",
    timestamp: isoTime(clock.now()),
    data: { environment, subscription: name },
  };
  const receivers = channel.kind === "mail" ? channel.to : [null];
  const sent = await Promise.all(
    receivers.map(async (recipient) => {
      const sending = { id: newId("ntf", clock), recipient, payload, message: testMessage(subscription) };
      return { recipient, ...(await send(ports, subscription, sending)) };
    }),
  );
  const delivered = sent.filter(({ verdict }) => verdict === "delivered").length;
  await store.adminEvents.append(
    eventOf(ports, "subscription.tested", place, by, { delivered, of: sent.length }),
  );
  return sent;
}

/** Puts a delivery on its way anew. `gone`: its subscription was removed. */
export async function redeliver(
  ports: Pick<Ports, "store" | "clock">,
  id: string,
  by: By,
): Promise<"redelivered" | "gone" | "unknown"> {
  const delivery = await ports.store.notifications.delivery(id);
  if (!delivery) return "unknown";
  const { environment, subscription: name, standing } = delivery;
  const event = eventOf(ports, "notification.redelivered", { environment, name }, by, {
    delivery: id,
    was: standing.status,
  });
  return (await ports.store.notifications.redeliver(id, event.at, event)) ? "redelivered" : "gone";
}

type Edit = { readonly change: Partial<Subscription>; readonly secret: string | null };

const MOST_TRIES = 5;

/** Changes a subscription as it is by then; `null` leaves it. */
async function changing(
  ports: Pick<Ports, "store" | "clock">,
  place: Place,
  by: By,
  action: string,
  data: JsonObject,
  edit: (current: Subscription) => Edit | Unfit | NotSetUp | null,
): Promise<Made> {
  const { notifications } = ports.store;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const current = await notifications.find(place.environment, place.name);
    if (!current) return { status: "unknown" };
    const edited = edit(current);
    if (edited === null) return { status: "made", subscription: current, secret: null };
    if ("status" in edited) return edited;
    const event = eventOf(ports, action, place, by, data);
    const next = { ...current, ...edited.change, updatedAt: event.at, revision: current.revision + 1 };
    if (await notifications.change(next, event))
      return { status: "made", subscription: next, secret: edited.secret };
  }
  throw busy(place);
}

function busy({ environment, name }: Place): Error {
  return new Error(`subscription "${name}" in environment "${environment}" is changed by too many at once`);
}

async function mustFind(
  { store }: Pick<Ports, "store">,
  { environment, name }: Place,
): Promise<Subscription> {
  const found = await store.notifications.find(environment, name);
  if (!found) throw busy({ environment, name });
  return found;
}

/** How a channel is kept; the secrets of one of the same kind stay as they are. */
function channelOf(
  { vault, reach }: AdministerPorts,
  of: Pick<Subscription, "id" | "environment" | "name">,
  wanted: WantedChannel,
  before: Channel | null,
): { readonly channel: Channel; readonly secret: string | null } | NotSetUp | Unfit {
  if (wanted.kind === "mail") {
    if (!reach.mailer)
      return { status: "mail-off", message: "no mail is sent from here: set STATION_SMTP_URL" };
    return { channel: wanted, secret: null };
  }
  if (!vault) return NO_VAULT;
  const { kind } = wanted;
  if (wanted.url === null && before?.kind === kind) return { channel: before, secret: null };
  if (wanted.url === null)
    return unfitAt("/channel/url", `is missing: where does ${kind} listen?`, "https://…");
  const { url } = wanted;
  if (kind === "slack")
    return {
      channel: { kind, host: new URL(url).host, sealed: sealedAddress(vault, of, url) },
      secret: null,
    };
  if (before?.kind === kind) return { channel: { kind, url, sealed: before.sealed }, secret: null };
  const made = newSigning(vault, of, null);
  return { channel: { kind, url, sealed: made.sealed }, secret: made.secret };
}

const NO_VAULT: NotSetUp = {
  status: "secrets-off",
  message: "secrets are kept only with a key to encrypt them: set STATION_SECRET_KEYS",
};

async function unfitness(ports: AdministerPorts, wanted: Wanted): Promise<Unfit | null> {
  const { channel, template, types, labels } = wanted;
  if (channel.kind === "mail") {
    if (channel.to.length === 0 && !channel.approvers)
      return unfitAt("/channel/to", "names nobody", "an address, or approvers: true");
    const wrong = channel.to.findIndex((address) => !isMailAddress(address));
    if (wrong >= 0) return unfitAt(`/channel/to/${wrong}`, `"${channel.to[wrong]}" is not a mail address`);
  } else {
    const why = channel.url === null ? null : ports.reach.outgoing.refusalOf(channel.url);
    if (why !== null) return unfitAt("/channel/url", why);
  }
  if (Object.keys(template).length === 0) return null;
  if (channel.kind === "webhook")
    return unfitAt("/template", "is for people: a webhook is sent the payload as it is");
  for (const type of types) {
    const sample = samplePayload(type, labels);
    const filled = await fillMessage(ports, template, sample, "https://station.example");
    if ("fault" in filled) return unfitAt("/template", `does not work for ${type}: ${filled.fault}`);
  }
  return null;
}

function unfitAt(pointer: string, message: string, hint?: string): Unfit {
  return { status: "unfit", pointer, message, ...(hint !== undefined && { hint }) };
}

function inOrder(types: Wanted["types"]): Wanted["types"] {
  return NOTIFICATION_TYPES.filter((type) => types.includes(type));
}

/** What the audit trail keeps of it: never an address that is a secret. */
function shown({ types, channel, workflows, labels }: Wanted): JsonObject {
  const where =
    channel.kind === "mail"
      ? { to: channel.to, approvers: channel.approvers }
      : channel.url === null
        ? {}
        : channel.kind === "slack"
          ? { host: new URL(channel.url).host }
          : { url: channel.url };
  return { types, workflows, labels, channel: { kind: channel.kind, ...where } };
}

/** An event about a subscription. */
export function eventOf(
  { clock }: Pick<Ports, "clock">,
  action: string,
  { environment, name }: Place,
  by: By,
  data: JsonObject,
): AdminEvent {
  return adminEvent(clock, by, { action, environment, subject: `subscription:${environment}/${name}`, data });
}
