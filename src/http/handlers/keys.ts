import { type ApiKey, principalOf } from "../../core/identity/api-key.ts";
import { scopesIn } from "../../core/identity/may-do.ts";
import { EVERYWHERE, type Principal, rolesIn } from "../../core/identity/principal.ts";
import { isoTime, parseInstant } from "../../core/time.ts";
import { issueKey, revokeKey, rotateKey } from "../../engine/api-keys.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem, notFound } from "../problems.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";

type Names = "getMe" | "listKeys" | "createKey" | "rotateKey" | "revokeKey" | "listAdminEvents";

/** How long a key is good when nobody says otherwise. */
const LIFETIME_MS = 90 * 86_400_000;

/** Who may call. */
export function keyHandlers(ports: HttpPorts): Handlers<Names> {
  const { store, clock, keyRing } = ports;
  const json = (key: ApiKey) => keyJson(key, clock.now());

  return {
    async getMe({ principal }) {
      return { body: meOf(principal) };
    },

    async listKeys({ environments }) {
      return { body: { items: (await store.keys.list(environments)).map(json), nextCursor: null } };
    },

    async createKey({ body: { environment = DEFAULT_ENVIRONMENT, name, scopes, expiresAt }, by }) {
      const wanted = { environment, name, scopes, expiresAt: endOf(expiresAt, clock.now()) };
      const issued = await issueKey(ports, wanted, by);
      if (!issued)
        throw new HttpProblem(
          "key-exists",
          `environment "${environment}" has or had a key "${name}"; rotate it for a new secret, or take another name`,
        );
      keyRing.forget(environment, name);
      return { body: { ...json(issued.key), key: issued.text }, headers: SECRET };
    },

    async rotateKey({ params: { name }, query: { environment }, body: { graceSeconds }, by }) {
      const issued = await rotateKey(ports, { environment, name }, graceSeconds * 1000, by);
      if (!issued) throw notFound(`key "${name}" that is in force in environment "${environment}"`);
      keyRing.forget(environment, name);
      return { body: { ...json(issued.key), key: issued.text }, headers: SECRET };
    },

    async revokeKey({ params: { name }, query: { environment }, by }) {
      const key = await revokeKey(ports, { environment, name }, by);
      if (!key) throw notFound(`key "${name}" in environment "${environment}"`);
      keyRing.forget(environment, name);
      return { body: json(key) };
    },

    async listAdminEvents({ query: { limit, cursor }, environments, url }) {
      const filter = { list: "admin-events", environments };
      const before = cursor === undefined ? {} : { before: decodeCursor(cursor, filter).at };
      const rows = await store.adminEvents.list(environments, { limit: limit + 1, ...before });
      const body = pageOf(
        rows,
        limit,
        filter,
        ({ position, id }) => ({ at: position, id }),
        ({ position: _position, ...event }) => ({ ...event, at: isoTime(event.at) }),
      );
      return { body, headers: linkTo(url, body.nextCursor) };
    },
  };
}

/** No cache on the way may keep what is shown once. */
const SECRET = { "cache-control": "no-store" };

function endOf(text: string | null | undefined, now: number): number | null {
  if (text === null) return null;
  if (text === undefined) return now + LIFETIME_MS;
  const at = parseInstant(text);
  if (at !== null && at > now) return at;
  throw new HttpProblem("validation", "/expiresAt: must be a time to come", {
    errors: [
      { pointer: "/expiresAt", message: "must be a time to come", hint: "null for a key without an end" },
    ],
  });
}

function keyJson(key: ApiKey, now: number) {
  const { environment, name, scopes, createdAt, createdBy, expiresAt, revoked, lastUsedAt } = key;
  const isExpired = expiresAt !== null && expiresAt <= now;
  return {
    environment,
    name,
    principal: principalOf(key).id,
    scopes: [...scopes],
    status: revoked ? ("revoked" as const) : isExpired ? ("expired" as const) : ("active" as const),
    createdAt: isoTime(createdAt),
    createdBy,
    expiresAt: timeOf(expiresAt),
    revokedAt: timeOf(revoked?.at ?? null),
    revokedBy: revoked?.by ?? null,
    lastUsedAt: timeOf(lastUsedAt),
  };
}

function timeOf(at: number | null): string | null {
  return at === null ? null : isoTime(at);
}

function meOf(principal: Principal) {
  const { id, kind } = principal;
  const environments =
    principal.kind === "local"
      ? [EVERYWHERE]
      : principal.kind === "key"
        ? [principal.environment]
        : [...new Set(principal.roles.map(({ environment }) => environment))];
  return {
    id,
    kind,
    name: principal.kind === "local" ? "local user" : principal.name,
    teams: principal.kind === "user" ? [...principal.teams] : [],
    access: environments.map((environment) => ({
      environment,
      roles: [...rolesIn(principal, environment)],
      scopes: [...scopesIn(principal, environment)],
    })),
  };
}
