import type { JsonObject } from "../../core/json.ts";
import type { Channel, Subscription } from "../../core/notify/subscription.ts";
import { isoTime } from "../../core/time.ts";
import type { Delivery } from "../../engine/ports/notifications.ts";
import type { Delivery as DeliveryJson, Subscription as SubscriptionJson } from "../schemas/notifications.ts";
import { timeOrNull } from "./runs.ts";

export function subscriptionJson(subscription: Subscription): SubscriptionJson {
  const { environment, name, types, channel, workflows, labels, template, disabled } = subscription;
  return {
    name,
    environment,
    status: disabled ? "disabled" : "enabled",
    types: [...types],
    channel: channelJson(channel),
    workflows: [...workflows],
    labels: { ...labels },
    template,
    disabledAt: timeOrNull(disabled?.at ?? null),
    disabledBy: disabled?.by ?? null,
    disabledBecause: disabled?.because ?? null,
    createdAt: isoTime(subscription.createdAt),
    createdBy: subscription.createdBy,
    updatedAt: isoTime(subscription.updatedAt),
  };
}

export function deliveryJson(delivery: Delivery): DeliveryJson {
  const { id, environment, subscription, channel, recipient, runId, payload, standing, latest } = delivery;
  const isPending = standing.status === "PENDING";
  return {
    notificationId: id,
    environment,
    subscription,
    channel,
    recipient,
    runId,
    type: payload.type,
    status: standing.status,
    attempts: delivery.attempts,
    createdAt: isoTime(delivery.createdAt),
    dueAt: isPending ? isoTime(standing.dueAt) : null,
    settledAt: isPending ? null : isoTime(standing.at),
    latest: latest && { ...latest, at: isoTime(latest.at) },
    payload: payload as unknown as JsonObject,
  };
}

/** Never what is secret of it. */
function channelJson(channel: Channel): SubscriptionJson["channel"] {
  const { kind } = channel;
  switch (kind) {
    case "webhook":
      return { kind, target: channel.url, to: [], approvers: false };
    case "slack":
      return { kind, target: channel.host, to: [], approvers: false };
    case "mail": {
      const { to, approvers } = channel;
      return {
        kind,
        target: [...to, ...(approvers ? ["approvers"] : [])].join(", "),
        to: [...to],
        approvers,
      };
    }
  }
}
