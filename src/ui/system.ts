import { useQuery } from "@tanstack/react-query";
import { environmentsOf, mayDo } from "../core/identity/may-do.ts";
import type { Scope } from "../core/identity/permissions.ts";
import { EVERYWHERE, LOCAL_USER, type Principal } from "../core/identity/principal.ts";
import type { Me } from "../http/schemas/keys.ts";
import { api } from "./api.ts";

/** No notice tells of the installation's health: it is asked for now and then. */
const LOOK_MS = 20_000;

/** What the server says of itself. */
export function useSystem() {
  return useQuery({ queryKey: ["system"], queryFn: () => api.getSystem(), refetchInterval: LOOK_MS });
}

/** Who the server takes the person for. */
export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: () => api.getMe(), staleTime: 60_000 });
}

/** What the person may do. */
export type Rights = {
  /** False until the server has said who they are; until then nothing is refused. */
  readonly areKnown: boolean;
  /** Why they may not do something in an environment or, where none is said, in any; null where they may. */
  whyNot(scope: Scope, environment?: string): string | null;
};

export function useRights(): Rights {
  const { data: me } = useMe();
  if (!me) return { areKnown: false, whyNot: () => null };
  const principal = principalOf(me);
  return {
    areKnown: true,
    whyNot(scope, environment) {
      if (environment === undefined && environmentsOf(principal, scope)?.length !== 0) return null;
      const permission = mayDo(principal, scope, environment ?? EVERYWHERE);
      return permission.allowed ? null : permission.message;
    },
  };
}

/** Why the person may not do something in an environment; null where they may, or it is not known yet. */
export function useWhyNot(scope: Scope, environment: string): string | null {
  return useRights().whyNot(scope, environment);
}

/** How the server was configured, which it tells to admins of all environments; for others nothing is asked. */
export function useConfiguration() {
  const { areKnown, whyNot } = useRights();
  return useQuery({
    queryKey: ["system", "configuration"],
    queryFn: () => api.getConfiguration(),
    enabled: areKnown && whyNot("admin", EVERYWHERE) === null,
    staleTime: 60_000,
  });
}

/** Whom the server takes the person for, as the rules of the core know them. */
export function principalOf({ id, kind, name, teams, access }: Me): Principal {
  if (kind === "local") return LOCAL_USER;
  if (kind === "user")
    return {
      kind,
      id: id as `user:${string}`,
      name,
      teams,
      roles: access.flatMap(({ environment, roles }) => roles.map((role) => ({ role, environment }))),
    };
  const [own] = access;
  return {
    kind,
    id: id as `key:${string}`,
    name,
    environment: own?.environment ?? "",
    scopes: own?.scopes ?? [],
  };
}
