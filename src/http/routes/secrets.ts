import { ResealBody, Resealed, SecretsStanding } from "../schemas/secrets.ts";
import type { Route } from "./route.ts";

/** What is kept sealed, by the keys that open it. */
export const secretRoutes = {
  getSecrets: {
    method: "get",
    path: "/api/v1/secrets",
    tag: "System",
    summary: "Say which secrets are under which key; never a secret",
    needs: "admin",
    environment: "station",
    ok: [200, SecretsStanding],
    problems: [],
  },
  resealSecrets: {
    method: "post",
    path: "/api/v1/secrets/reseal",
    tag: "System",
    summary: "Seal secrets of hooks and subscriptions anew that are under an older key",
    description:
      "As many as `limit` at once, each by itself and with its event; again until `older` is empty. Then no key but the " +
      "newest of `STATION_SECRET_KEYS` is needed, as long as every process has that one first.",
    needs: "admin",
    environment: "station",
    body: ResealBody,
    bodyKind: "optional",
    ok: [200, Resealed],
    problems: ["secrets-off"],
  },
} as const satisfies Record<string, Route>;
