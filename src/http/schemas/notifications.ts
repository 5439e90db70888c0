import { type Static, Type } from "typebox";
import { NOTIFICATION_TYPES } from "../../core/notify/types.ts";
import { AnyObject, Labels, NamedEnvironment, nullable, pageOf, Time } from "./common.ts";

const TypeName = Type.Enum([...NOTIFICATION_TYPES], { title: "NotificationType" });
const ChannelKind = Type.Enum(["webhook", "slack", "mail"], { title: "NotificationChannelKind" });
export const DELIVERY_STATUSES = ["PENDING", "DELIVERED", "DEAD", "DROPPED"] as const;

const Template = Type.Object(
  {
    subject: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 10_000 })),
  },
  {
    title: "NotificationTemplate",
    additionalProperties: false,
    description: "Instead of Station's own words; `{{ … }}` over `type`, `timestamp`, `data` and `link`",
  },
);

/** What may be set of a subscription. */
const settings = {
  types: Type.Array(TypeName, { minItems: 1, maxItems: NOTIFICATION_TYPES.length }),
  channel: Type.Object(
    {
      kind: ChannelKind,
      url: Type.Optional(
        Type.String({
          maxLength: 2000,
          description: "Of a webhook; of Slack's incoming webhook, never shown again",
        }),
      ),
      to: Type.Optional(
        Type.Array(Type.String({ maxLength: 254 }), { maxItems: 50, description: "Mail addresses" }),
      ),
      approvers: Type.Optional(
        Type.Boolean({ description: "Mail: also to the approvers that are named by their address" }),
      ),
    },
    { title: "NewNotificationChannel", additionalProperties: false },
  ),
  workflows: Type.Optional(
    Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100, description: "Only of these; else of all" }),
  ),
  labels: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: "Only of runs that carry all of these" }),
  ),
  template: Type.Optional(Template),
};

export const NewSubscription = Type.Object(
  {
    name: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,62}$" }),
    environment: Type.Optional(NamedEnvironment),
    ...settings,
  },
  {
    title: "NewSubscription",
    additionalProperties: false,
    examples: [
      {
        name: "on-call",
        types: ["run.failed"],
        channel: { kind: "webhook", url: "https://example.com/hook" },
      },
    ],
  },
);

export const SubscriptionSettings = Type.Object(settings, {
  title: "SubscriptionSettings",
  examples: [{ types: ["run.failed"], channel: { kind: "webhook", url: "https://example.com/hook" } }],
  additionalProperties: false,
  description: "As a whole: what is left out is not kept",
});
export type SubscriptionSettings = Static<typeof SubscriptionSettings>;

const subscription = {
  name: Type.String(),
  environment: Type.String(),
  status: Type.Enum(["enabled", "disabled"]),
  types: Type.Array(TypeName),
  channel: Type.Object(
    {
      kind: ChannelKind,
      target: Type.String({ description: "The address of a webhook, the host of Slack's, mail addresses" }),
      to: Type.Array(Type.String()),
      approvers: Type.Boolean(),
    },
    { title: "NotificationChannel" },
  ),
  workflows: Type.Array(Type.String()),
  labels: Labels,
  template: Template,
  disabledAt: nullable(Time),
  disabledBy: nullable(Type.String()),
  disabledBecause: Type.Union([Type.Enum(["operator", "gone"]), Type.Null()], {
    description: "`gone`: the receiver answered 410",
  }),
  createdAt: Time,
  createdBy: Type.String(),
  updatedAt: Time,
};

/** Who is told of what, without any secret. */
export const Subscription = Type.Object(subscription, { title: "Subscription" });
export type Subscription = Static<typeof Subscription>;

/** The same with the secret of a webhook, when there is a new one: said once. */
export const IssuedSubscription = Type.Object(
  {
    ...subscription,
    secret: Type.Union([Type.String(), Type.Null()], {
      description: "What a webhook's receiver verifies with (`whsec_…`). It is not shown again.",
    }),
  },
  { title: "IssuedSubscription" },
);

export const SubscriptionPage = pageOf(Subscription, "SubscriptionPage");

export const SecretRotation = Type.Object(
  {
    graceSeconds: Type.Integer({
      minimum: 0,
      maximum: 604_800,
      default: 86_400,
      description: "How long the secret before is signed with too",
    }),
  },
  { title: "SecretRotation", additionalProperties: false },
);

/** What came of a test. */
export const SubscriptionTest = Type.Object(
  {
    results: Type.Array(
      Type.Object({
        recipient: nullable(Type.String()),
        delivered: Type.Boolean(),
        status: Type.Union([Type.Integer(), Type.Null()], { description: "HTTP or SMTP" }),
        answer: nullable(Type.String()),
        error: nullable(Type.String()),
      }),
    ),
  },
  { title: "SubscriptionTest" },
);

/** One notification on its way to one receiver. */
export const Delivery = Type.Object(
  {
    notificationId: Type.String({
      description: "Of every attempt: receivers know it by that (`webhook-id`)",
    }),
    environment: Type.String(),
    subscription: Type.String(),
    channel: ChannelKind,
    recipient: nullable(Type.String()),
    runId: Type.String(),
    type: TypeName,
    status: Type.Enum([...DELIVERY_STATUSES], {
      description: "`DEAD`: given up, until somebody sends it again; `DROPPED`: its subscription was removed",
    }),
    attempts: Type.Integer(),
    createdAt: Time,
    dueAt: Type.Union([Time, Type.Null()], { description: "When it is tried next" }),
    settledAt: nullable(Time),
    latest: nullable(
      Type.Object({
        at: Time,
        ms: Type.Integer(),
        status: nullable(Type.Integer()),
        answer: nullable(Type.String()),
        error: nullable(Type.String()),
      }),
    ),
    payload: AnyObject,
  },
  { title: "NotificationDelivery" },
);
export type Delivery = Static<typeof Delivery>;

export const DeliveryPage = pageOf(Delivery, "NotificationDeliveryPage");
