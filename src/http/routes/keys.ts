import { Type } from "typebox";
import { Environment, NamedEnvironment, paging } from "../schemas/common.ts";
import { AdminEventPage, ApiKey, ApiKeyPage, IssuedKey, Me, NewKey, Rotation } from "../schemas/keys.ts";
import type { Route } from "./route.ts";

const byName = Type.Object({ name: Type.String() });
const environment = Type.Object({ environment: Environment });
const named = { environment: Type.Optional(NamedEnvironment) };

/** Who may call, and what was changed about that. */
export const keyRoutes = {
  getMe: {
    method: "get",
    path: "/api/v1/me",
    tag: "Access",
    summary: "Who is calling, and what they may do",
    needs: "identity",
    ok: [200, Me],
    problems: [],
  },
  listKeys: {
    method: "get",
    path: "/api/v1/keys",
    tag: "Access",
    summary: "List API keys, by environment and name",
    needs: "admin",
    environment: "filter",
    query: Type.Object(named),
    ok: [200, ApiKeyPage],
    problems: [],
  },
  createKey: {
    method: "post",
    path: "/api/v1/keys",
    tag: "Access",
    summary: "Make an API key",
    description: "The answer is the only time that the whole key is shown.",
    needs: "admin",
    environment: "body",
    body: NewKey,
    ok: [201, IssuedKey],
    problems: ["key-exists"],
  },
  rotateKey: {
    method: "post",
    isAnew: true,
    path: "/api/v1/keys/{name}/rotate",
    tag: "Access",
    summary: "Give an API key a new secret",
    description:
      "The one before is good for a while, so that whoever uses it can change over; an older one ends at once.",
    needs: "admin",
    environment: "query",
    params: byName,
    query: environment,
    body: Rotation,
    bodyKind: "optional",
    ok: [200, IssuedKey],
    problems: ["not-found"],
  },
  revokeKey: {
    method: "post",
    path: "/api/v1/keys/{name}/revoke",
    tag: "Access",
    summary: "End an API key for good",
    description: "At once where it was revoked; within five seconds everywhere.",
    needs: "admin",
    environment: "query",
    params: byName,
    query: environment,
    ok: [200, ApiKey],
    problems: ["not-found"],
  },
  listAdminEvents: {
    method: "get",
    path: "/api/v1/admin-events",
    tag: "Access",
    summary: "List what was changed about Station itself, newest first",
    needs: "admin",
    environment: "filter",
    query: Type.Object({ ...named, ...paging }),
    ok: [200, AdminEventPage],
    problems: [],
  },
} as const satisfies Record<string, Route>;
