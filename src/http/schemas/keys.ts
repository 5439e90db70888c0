import { type Static, Type } from "typebox";
import { ROLES, SCOPES } from "../../core/identity/permissions.ts";
import { AnyObject, Channel, NamedEnvironment, nullable, pageOf, Time } from "./common.ts";

const ScopeName = Type.Enum([...SCOPES], { title: "Scope" });

const key = {
  environment: Type.String(),
  name: Type.String(),
  principal: Type.String({ examples: ["key:prod/ci"] }),
  scopes: Type.Array(ScopeName),
  status: Type.Enum(["active", "expired", "revoked"]),
  createdAt: Time,
  createdBy: Type.String(),
  expiresAt: nullable(Time),
  revokedAt: nullable(Time),
  revokedBy: nullable(Type.String()),
  lastUsedAt: nullable(Time),
};

/** A key without its secret, which nobody has but its bearer. */
export const ApiKey = Type.Object(key, { title: "ApiKey" });
export type ApiKey = Static<typeof ApiKey>;

/** A key with its secret: said once. */
export const IssuedKey = Type.Object(
  { ...key, key: Type.String({ description: "The whole key. It is not shown again." }) },
  { title: "IssuedKey" },
);

export const ApiKeyPage = pageOf(ApiKey, "ApiKeyPage");

export const NewKey = Type.Object(
  {
    name: Type.String({
      pattern: "^[a-z0-9][a-z0-9-]{0,62}$",
      description: "Never given twice, also not after revoking",
    }),
    environment: Type.Optional(NamedEnvironment),
    scopes: Type.Array(ScopeName, { minItems: 1 }),
    expiresAt: Type.Optional(nullable(Time)),
  },
  {
    title: "NewKey",
    additionalProperties: false,
    examples: [{ name: "ci", scopes: ["runs:write"] }],
    description: "Without `expiresAt` it is good for 90 days, with null for ever",
  },
);

export const Rotation = Type.Object(
  {
    graceSeconds: Type.Integer({
      minimum: 0,
      maximum: 604_800,
      default: 3600,
      description: "How long the secret before is still good",
    }),
  },
  { title: "Rotation", additionalProperties: false },
);

/** Something that was changed about Station itself. */
const AdminEventItem = Type.Object(
  {
    id: Type.String(),
    at: Time,
    actor: Type.String(),
    channel: Channel,
    action: Type.String({ examples: ["key.created"] }),
    environment: nullable(Type.String()),
    subject: Type.String({ examples: ["key:prod/ci"] }),
    data: AnyObject,
  },
  { title: "AdminEvent" },
);

export const AdminEventPage = pageOf(AdminEventItem, "AdminEventPage");

/** Who is calling, and what they may do. */
export const Me = Type.Object(
  {
    id: Type.String({ examples: ["user:alice@example.com"] }),
    kind: Type.Enum(["local", "user", "key"]),
    name: Type.String(),
    teams: Type.Array(Type.String()),
    access: Type.Array(
      Type.Object({
        environment: Type.String({ description: "`*`: all of them" }),
        roles: Type.Array(Type.Enum([...ROLES])),
        scopes: Type.Array(ScopeName),
      }),
    ),
  },
  { title: "Me" },
);
export type Me = Static<typeof Me>;

/** How a browser can log in; a key is good wherever one is asked for. */
export const LoginMethods = Type.Object(
  {
    provider: Type.Boolean({ description: "With the identity provider, at `/auth/login`" }),
    refusal: nullable(Type.String({ description: "Why this browser was not let in a moment ago" })),
  },
  { title: "LoginMethods" },
);
