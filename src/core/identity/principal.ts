import type { Role, Scope } from "./permissions.ts";

/** Who acts, as their credentials prove it. Nothing else in a request says who somebody is. */
export type Principal = LocalUser | User | ServiceKey;

/** Whoever reaches a Station that asks nobody (`STATION_AUTH=off`): one person, who may be anybody. */
export type LocalUser = { readonly kind: "local"; readonly id: "user:local" };

/** A person whom the identity provider vouches for. */
export type User = {
  readonly kind: "user";
  /** `user:alice@example.com`: what the audit trail keeps and a workflow's `approvers` name. */
  readonly id: `user:${string}`;
  /** How people call them; for display only. */
  readonly name: string;
  /** The provider's groups: `platform` is `team:platform`. */
  readonly teams: readonly string[];
  readonly roles: readonly RoleGrant[];
};

/** A program with an API key. */
export type ServiceKey = {
  readonly kind: "key";
  /** `key:prod/ci`: environment and name, which are never given to another key. */
  readonly id: `key:${string}`;
  /** The key's own name: `ci`. */
  readonly name: string;
  readonly environment: string;
  readonly scopes: readonly Scope[];
};

/** A role in one environment, or in all of them. */
export type RoleGrant = { readonly role: Role; readonly environment: string };

/** Stands for every environment in a grant or a key. */
export const EVERYWHERE = "*";

/** The one user of a Station that asks nobody. */
export const LOCAL_USER: LocalUser = { kind: "local", id: "user:local" };

/** Whoever holds the deployment's own token. No other key is called so, and no person as the local user. */
export const DEPLOYMENT: ServiceKey = {
  kind: "key",
  id: "key:*/deployment",
  name: "deployment",
  environment: EVERYWHERE,
  scopes: ["admin"],
};

/** The roles somebody has in an environment; a key has none, it has scopes. */
export function rolesIn(principal: Principal, environment: string): readonly Role[] {
  switch (principal.kind) {
    case "local":
      return ["admin"];
    case "user": {
      const here = principal.roles.filter((grant) => covers(grant.environment, environment));
      return [...new Set(here.map(({ role }) => role))];
    }
    case "key":
      return [];
  }
}

/** Everything a workflow of this environment may call a principal by: `user:…`, `team:…`, `role:…`, `key:…`. */
export function namesOf(principal: Principal, environment: string): readonly string[] {
  switch (principal.kind) {
    case "local":
      return [principal.id];
    case "user": {
      const teams = principal.teams.map((team) => `team:${team}`);
      const roles = rolesIn(principal, environment).map((role) => `role:${role}`);
      return [principal.id, ...teams, ...roles];
    }
    case "key":
      return covers(principal.environment, environment) ? [principal.id, `key:${principal.name}`] : [];
  }
}

/**
 * The entries of an `approvers` list that mean this principal. Letter case counts for nothing in a user's name,
 * because mail addresses are written either way. The local user is meant by every entry: nobody asked who they are.
 */
export function entriesFor(
  principal: Principal,
  approvers: readonly string[],
  environment: string,
): readonly string[] {
  if (principal.kind === "local") return approvers;
  const names = new Set(namesOf(principal, environment).map(plain));
  return approvers.filter((approver) => names.has(plain(approver)));
}

/** True when two names are one principal's: a person's vote counts once however their name is written. */
export function isSame(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

/** True for a program: it decides an approval only where the workflow names it. */
export function isService(principal: Principal): boolean {
  return principal.kind === "key";
}

/** True when a grant for `granted` is one for `environment`. */
export function covers(granted: string, environment: string): boolean {
  return granted === EVERYWHERE || granted === environment;
}

/** A name as it is compared with others. */
export function plain(name: string): string {
  return name.startsWith("user:") ? name.toLowerCase() : name;
}
