import type { RunId } from "../../core/run/ids.ts";
import {
  type Made,
  redeliver,
  resubscribe,
  rotateSecret,
  subscribe,
  switchSubscription,
  tryOut,
  unsubscribe,
  type Wanted,
  type WantedChannel,
} from "../../engine/notify/administer.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import { deliveryJson, subscriptionJson } from "../json/notifications.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";
import type { SubscriptionSettings } from "../schemas/notifications.ts";

type Names =
  | "listSubscriptions"
  | "createSubscription"
  | "getSubscription"
  | "updateSubscription"
  | "enableSubscription"
  | "disableSubscription"
  | "rotateSubscription"
  | "testSubscription"
  | "deleteSubscription"
  | "listNotifications"
  | "getNotification"
  | "redeliverNotification";

type Place = { readonly environment: string; readonly name: string };

/** Who is told of what happens to runs. */
export function notificationHandlers(ports: HttpPorts): Handlers<Names> {
  const { notifications } = ports.store;
  const delivery = async (id: string) => {
    const found = await notifications.delivery(id);
    if (!found) throw notFound(`notification ${id}`);
    return deliveryJson(found);
  };

  return {
    async listSubscriptions({ environments }) {
      const items = (await notifications.list(environments)).map(subscriptionJson);
      return { body: { items, nextCursor: null } };
    },

    async createSubscription({ body, by }) {
      const { environment = DEFAULT_ENVIRONMENT, name } = body;
      const place = { environment, name };
      return issued(place, await subscribe(ports, place, wantedOf(body), by));
    },

    async getSubscription({ params: { name }, query: { environment } }) {
      const found = await notifications.find(environment, name);
      if (!found) throw unknown({ environment, name });
      return { body: subscriptionJson(found) };
    },

    async updateSubscription({ params: { name }, query: { environment }, body, by }) {
      const place = { environment, name };
      return issued(place, await resubscribe(ports, place, wantedOf(body), by));
    },

    async enableSubscription({ params: { name }, query: { environment }, by }) {
      const place = { environment, name };
      const { subscription } = made(place, await switchSubscription(ports, place, true, by));
      return { body: subscriptionJson(subscription) };
    },

    async disableSubscription({ params: { name }, query: { environment }, by }) {
      const place = { environment, name };
      const { subscription } = made(place, await switchSubscription(ports, place, false, by));
      return { body: subscriptionJson(subscription) };
    },

    async rotateSubscription({ params: { name }, query: { environment }, body, by }) {
      const place = { environment, name };
      return issued(place, await rotateSecret(ports, place, body.graceSeconds * 1000, by));
    },

    async testSubscription({ params: { name }, query: { environment }, by }) {
      const sent = await tryOut(ports, { environment, name }, by);
      if (!sent) throw unknown({ environment, name });
      const results = sent.map(({ recipient, verdict, status, answer, error }) => ({
        recipient,
        delivered: verdict === "delivered",
        status,
        answer,
        error,
      }));
      return { body: { results } };
    },

    async deleteSubscription({ params: { name }, query: { environment }, by }) {
      if (!(await unsubscribe(ports, { environment, name }, by))) throw unknown({ environment, name });
      return { body: null };
    },

    async listNotifications({ query: { limit, cursor, subscription, status, runId }, environments, url }) {
      const filter = {
        environments,
        ...(subscription !== undefined && { subscription }),
        ...(status && { status }),
        ...(runId !== undefined && { runId: runId as RunId }),
      };
      const of = { list: "notifications", ...filter };
      const before = cursor === undefined ? {} : { before: decodeCursor(cursor, of) };
      const rows = await notifications.deliveries(filter, { limit: limit + 1, ...before });
      const body = pageOf(rows, limit, of, ({ createdAt, id }) => ({ at: createdAt, id }), deliveryJson);
      return { body, headers: linkTo(url, body.nextCursor) };
    },

    async getNotification({ params: { notificationId } }) {
      return { body: await delivery(notificationId) };
    },

    async redeliverNotification({ params: { notificationId }, by }) {
      const done = await redeliver(ports, notificationId, by);
      if (done === "gone")
        throw new HttpProblem(
          "subscription-gone",
          `the subscription of ${notificationId} was removed: there is nowhere to send it`,
        );
      return { body: await delivery(notificationId) };
    },
  };
}

/** No cache on the way may keep what is shown once. */
const SECRET = { "cache-control": "no-store" };

function issued(place: Place, result: Made) {
  const { subscription, secret } = made(place, result);
  return { body: { ...subscriptionJson(subscription), secret }, headers: secret === null ? {} : SECRET };
}

function made(place: Place, result: Made): Extract<Made, { status: "made" }> {
  switch (result.status) {
    case "made":
      return result;
    case "unknown":
      throw unknown(place);
    case "exists":
      throw new HttpProblem(
        "subscription-exists",
        `environment "${place.environment}" has a subscription "${place.name}"; change it, or take another name`,
      );
    case "secrets-off":
    case "mail-off":
      throw new HttpProblem(result.status, result.message);
    case "unfit": {
      const { pointer, message, hint } = result;
      throw wrong(pointer, message, hint);
    }
  }
}

function unknown({ environment, name }: Place): HttpProblem {
  return notFound(`subscription "${name}" in environment "${environment}"`);
}

function wrong(pointer: string, message: string, hint?: string): HttpProblem {
  return new HttpProblem("validation", `${pointer}: ${message}`, {
    errors: [{ pointer, message, ...(hint !== undefined && { hint }) }],
  });
}

function wantedOf({
  types,
  channel,
  workflows = [],
  labels = {},
  template = {},
}: SubscriptionSettings): Wanted {
  return { types, workflows, labels, template, channel: channelOf(channel) };
}

function channelOf({
  kind,
  url,
  to = [],
  approvers = false,
}: SubscriptionSettings["channel"]): WantedChannel {
  if (kind === "mail") {
    if (url !== undefined) throw wrong("/channel/url", "a mail has no url", "write to: [address]");
    return { kind, to, approvers };
  }
  if (to.length > 0 || approvers) throw wrong("/channel/to", `is of mails; ${kind} goes to its url`);
  return { kind, url: url ?? null };
}
