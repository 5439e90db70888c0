import { Type } from "typebox";

const standing = {
  newest: Type.Integer({ description: "How many hooks and subscriptions have theirs under the newest key" }),
  older: Type.Array(Type.String(), { description: "Whose are under a key that is on its way out" }),
  unreadable: Type.Array(Type.String(), { description: "Whose no key opens" }),
};

/** How the secrets that are kept stand to the keys of `STATION_SECRET_KEYS`. */
export const SecretsStanding = Type.Object(standing, { title: "SecretsStanding" });

export const ResealBody = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: "Default 100" })) },
  { title: "ResealBody", additionalProperties: false },
);

export const Resealed = Type.Object(
  { resealed: Type.Integer({ description: "How many were under an older key until now" }), ...standing },
  { title: "Resealed" },
);
