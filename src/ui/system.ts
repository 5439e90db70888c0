import { useQuery } from "@tanstack/react-query";
import { mayDo } from "../core/identity/may-do.ts";
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

/** Why the person may not do something in an environment; null where they may, or it is not known yet. */
export function useWhyNot(scope: Scope, environment: string): string | null {
  const { data: me } = useMe();
  const permission = me && mayDo(principalOf(me), scope, environment);
  return permission?.allowed === false ? permission.message : null;
}

/** How the server was configured, which it tells to admins of all environments; for others nothing is asked. */
export function useConfiguration() {
  const { data: me } = useMe();
  return useQuery({
    queryKey: ["system", "configuration"],
    queryFn: () => api.getConfiguration(),
    enabled: me !== undefined && mayDo(principalOf(me), "admin", EVERYWHERE).allowed,
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
