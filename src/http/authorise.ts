import { environmentsOf, mayDo, type Refused } from "../core/identity/may-do.ts";
import { EVERYWHERE, type Principal } from "../core/identity/principal.ts";
import type { Decoded } from "./decode-request.ts";
import type { EnvironmentOf } from "./environment-of.ts";
import { HttpProblem, notFound } from "./problems.ts";
import type { EnvironmentPlace, Route } from "./routes/route.ts";
import { DEFAULT_ENVIRONMENT } from "./schemas/common.ts";

/**
 * Whether a caller may do what a route does: the one place where permissions are enforced. Answers the environments
 * that the call is limited to, `null` for none. Throws `forbidden`, which says who may; in an environment where the
 * caller may not even look, `not-found`.
 */
export type Authorise = (
  route: Route,
  principal: Principal,
  request: Decoded,
) => Promise<readonly string[] | null>;

/** Asks which environment an id belongs to only for callers who may not act in all of them. */
export function authoriser(environmentOf: EnvironmentOf): Authorise {
  return async (route, principal, request) => {
    if (route.isPublic || route.needs === "identity") return null;
    const { needs: scope, environment: place } = route;
    const own = environmentsOf(principal, scope);
    const asked = place === "filter" ? namedIn(request.query) : undefined;
    if (own === null) return asked === undefined ? null : [asked];
    if (place === "station") throw forbidden(mayDo(principal, scope, EVERYWHERE));
    if (asked === undefined && place === "filter") return own;
    const { what, environment } = await placeOf(
      asked === undefined ? place : "query",
      request,
      environmentOf,
    );
    if (environment === undefined) {
      if (own.length === 0) throw forbidden(mayDo(principal, scope, EVERYWHERE));
      return null;
    }
    if (environment === null) throw notFound(what);
    const permission = mayDo(principal, scope, environment);
    if (permission.allowed) return [environment];
    throw permission.hidden ? notFound(what) : forbidden(permission);
  };
}

/** What a request is about, and where that is: `null` when there is no such thing, `undefined` when it is nothing. */
async function placeOf(
  place: Exclude<EnvironmentPlace, "station">,
  { params, query, body }: Decoded,
  environmentOf: EnvironmentOf,
): Promise<{ readonly what: string; readonly environment: string | null | undefined }> {
  switch (place) {
    case "query":
    case "filter":
    case "body": {
      const environment = namedIn(place === "body" ? body : query) ?? DEFAULT_ENVIRONMENT;
      return { what: `environment "${environment}"`, environment };
    }
    case "run":
    case "approval":
    case "agentRun":
    case "hook":
    case "notification": {
      const name = `${place}Id`;
      const id = textIn(params, name) ?? textIn(body, name);
      const environment = id === undefined ? undefined : await environmentOf(place, id);
      return { what: `${place} ${id}`, environment };
    }
  }
}

function namedIn(part: unknown): string | undefined {
  return textIn(part, "environment");
}

function textIn(part: unknown, name: string): string | undefined {
  const value = (part as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : undefined;
}

function forbidden(permission: { readonly allowed: true } | Refused): HttpProblem {
  if (permission.allowed) throw new Error("who may is refused");
  const { message, scope, roles } = permission;
  return new HttpProblem("forbidden", message, { extra: { scope, roles } });
}
