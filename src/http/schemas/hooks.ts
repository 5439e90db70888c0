import { type Static, Type } from "typebox";
import { AnyJson, NamedEnvironment, nullable, pageOf, Time } from "./common.ts";
import { Fault } from "./problem.ts";

const HeaderName = Type.String({
  pattern: "^[A-Za-z0-9-]{1,100}$",
  description: "A header, in any letter case",
});
const Template = Type.String({ minLength: 1, maxLength: 10_000 });

const standardWebhooks = Type.Object(
  { type: Type.Literal("standard-webhooks") },
  { additionalProperties: false },
);
const github = Type.Object({ type: Type.Literal("github") }, { additionalProperties: false });
const bearer = Type.Object({ type: Type.Literal("bearer") }, { additionalProperties: false });

const hmac = {
  type: Type.Literal("hmac"),
  header: HeaderName,
  algorithm: Type.Enum(["sha256", "sha512"]),
  encoding: Type.Enum(["hex", "base64"]),
  prefix: Type.String({ maxLength: 50 }),
  timestampHeader: nullable(HeaderName),
  signs: Type.String({ maxLength: 200 }),
};

/** How senders prove who they are. */
const HookScheme = Type.Union(
  [standardWebhooks, github, Type.Object(hmac, { additionalProperties: false }), bearer],
  { title: "HookScheme" },
);

const NewHookScheme = Type.Union(
  [
    standardWebhooks,
    github,
    Type.Object(
      {
        type: hmac.type,
        header: hmac.header,
        algorithm: Type.Optional(hmac.algorithm),
        encoding: Type.Optional(hmac.encoding),
        prefix: Type.Optional(hmac.prefix),
        timestampHeader: Type.Optional(hmac.timestampHeader),
        signs: Type.Optional(
          Type.String({
            maxLength: 200,
            description:
              "What is signed, with `{timestamp}` and `{body}`: Slack's is `v0:{timestamp}:{body}`",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    bearer,
  ],
  {
    title: "NewHookScheme",
    description:
      "`hmac` without more is SHA-256 in hex over the body, or over `{timestamp}.{body}` where a header has the time",
  },
);

const HookTarget = Type.Union(
  [
    Type.Object(
      {
        type: Type.Literal("start-run"),
        workflowId: Type.String(),
        version: Type.Optional(nullable(Type.Integer({ minimum: 1 }))),
        input: Type.Optional(AnyJson),
      },
      { additionalProperties: false },
    ),
    Type.Object(
      {
        type: Type.Literal("signal"),
        run: Template,
        signal: Template,
        payload: Type.Optional(AnyJson),
      },
      { additionalProperties: false },
    ),
  ],
  {
    title: "HookTarget",
    description:
      'Every text may have templates: `{{ body.repository.name }}`, `{{ headers["x-github-event"] }}`, `{{ query.env }}`, `{{ event.id }}`. Without `input` or `payload` it is the body',
  },
);

const HookIdentity = Type.Union(
  [
    Type.Object({ by: Type.Literal("header"), header: HeaderName }, { additionalProperties: false }),
    Type.Object({ by: Type.Literal("template"), template: Template }, { additionalProperties: false }),
    Type.Object({ by: Type.Literal("content") }, { additionalProperties: false }),
    Type.Object({ by: Type.Literal("nothing") }, { additionalProperties: false }),
  ],
  {
    title: "HookIdentity",
    description: "How an event that comes again is known: for seven days it has its effect once",
  },
);

const HeaderNames = Type.Array(HeaderName, { maxItems: 20 });

const hook = {
  hookId: Type.String({ examples: ["hook_01K9X2M4Q8Z5"] }),
  environment: Type.String(),
  name: Type.String(),
  principal: Type.String({ examples: ["hook:prod/github"], description: "Who starts what it starts" }),
  path: Type.String({ description: "Where senders post their events, at the address of this server" }),
  scheme: HookScheme,
  target: HookTarget,
  when: nullable(Type.String()),
  identity: HookIdentity,
  headers: Type.Array(Type.String()),
  status: Type.Enum(["enabled", "disabled"]),
  previousSecretUntil: nullable(Time),
  createdAt: Time,
  createdBy: Type.String(),
  updatedAt: Time,
};

/** A hook without its secrets. */
export const Hook = Type.Object(hook, { title: "Hook" });
export type Hook = Static<typeof Hook>;

/** A hook with its secret: said once. */
export const IssuedHook = Type.Object(
  { ...hook, secret: Type.String({ description: "It is not shown again." }) },
  { title: "IssuedHook" },
);

export const HookPage = pageOf(Hook, "HookPage");

const Secret = Type.String({
  minLength: 16,
  maxLength: 256,
  pattern: "^[\\x21-\\x7e]+( [\\x21-\\x7e]+)*$",
  description: "The sender's own secret; without it one is made",
});

const changeable = {
  target: HookTarget,
  when: Type.Optional(
    nullable(
      Type.String({
        minLength: 1,
        maxLength: 10_000,
        description:
          "A condition in Starlark: an event for which it is false is answered and comes to nothing",
      }),
    ),
  ),
  identity: Type.Optional(HookIdentity),
  headers: Type.Optional(HeaderNames),
};

export const NewHook = Type.Object(
  {
    name: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,62}$" }),
    environment: Type.Optional(NamedEnvironment),
    scheme: NewHookScheme,
    secret: Type.Optional(Secret),
    ...changeable,
  },
  {
    title: "NewHook",
    additionalProperties: false,
    examples: [
      {
        name: "github",
        scheme: { type: "github" },
        target: { type: "start-run", workflowId: "incident-triage" },
      },
    ],
  },
);

export const ChangedHook = Type.Object(changeable, {
  title: "ChangedHook",
  additionalProperties: false,
  examples: [{ target: { type: "start-run", workflowId: "incident-triage" } }],
});

export const HookRotation = Type.Object(
  {
    secret: Type.Optional(Secret),
    graceSeconds: Type.Integer({
      minimum: 0,
      maximum: 604_800,
      default: 86_400,
      description: "How long the secret before is still good",
    }),
  },
  { title: "HookRotation", additionalProperties: false },
);

/** What came of an event. */
export const HookAccepted = Type.Object(
  {
    deliveryId: Type.String(),
    runId: Type.String(),
    repeated: Type.Boolean({ description: "The event came before: this is the run it had its effect on" }),
  },
  { title: "HookAccepted" },
);

export const HookIgnored = Type.Object(
  { deliveryId: Type.String(), ignored: Type.String({ description: "Why nothing came of it" }) },
  { title: "HookIgnored" },
);

const request = {
  headers: Type.Record(Type.String(), Type.String()),
  query: Type.Record(Type.String(), AnyJson),
};

const delivery = {
  deliveryId: Type.String({ examples: ["dlv_01K9X2M4Q8Z5"] }),
  receivedAt: Time,
  eventId: nullable(Type.String()),
  eventType: nullable(Type.String()),
  status: Type.Enum(["RECEIVED", "INTERRUPTED", "STARTED", "SIGNALLED", "IGNORED", "FAILED"]),
  runId: nullable(Type.String()),
  repeated: Type.Boolean(),
  reason: nullable(Type.String()),
  errors: Type.Array(Fault),
  redeliveryOf: nullable(Type.String()),
  redeliveredBy: nullable(Type.String()),
  bytes: Type.Integer(),
};

const HookDeliveryRow = Type.Object(delivery, { title: "HookDeliveryRow" });
export type HookDeliveryRow = Static<typeof HookDeliveryRow>;

export const HookDelivery = Type.Object(
  {
    ...delivery,
    contentType: Type.String(),
    ...request,
    body: nullable(
      Type.String({
        description: "As it was signed; null where it was too long to be kept, or its run was purged",
      }),
    ),
  },
  { title: "HookDelivery" },
);
export type HookDelivery = Static<typeof HookDelivery>;

export const HookDeliveryPage = pageOf(HookDeliveryRow, "HookDeliveryPage");

export const HookTrial = Type.Object(
  {
    body: AnyJson,
    headers: Type.Optional(request.headers),
    query: Type.Optional(request.query),
  },
  { title: "HookTrial", additionalProperties: false, examples: [{ body: { action: "opened" } }] },
);

export const HookTrialResult = Type.Object(
  {
    outcome: Type.Enum(["start-run", "signal", "ignored", "failed"]),
    ignored: nullable(Type.String()),
    workflowId: nullable(Type.String()),
    input: nullable(AnyJson),
    runId: nullable(Type.String()),
    signal: nullable(Type.String()),
    payload: nullable(AnyJson),
    errors: Type.Array(Fault),
  },
  { title: "HookTrialResult", description: "`failed` when there are errors: such an event is answered 422" },
);
export type HookTrialResult = Static<typeof HookTrialResult>;
