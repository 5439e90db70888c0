import { DOES, rolesWith, SCOPES_OF_ROLE, SCOPES_OF_SCOPE, type Scope } from "./permissions.ts";
import { covers, EVERYWHERE, type Principal, rolesIn } from "./principal.ts";

/** Whether something may be done; a refusal says who may. */
export type Permission = { readonly allowed: true } | Refused;

export type Refused = {
  readonly allowed: false;
  /** True when the principal may not even know that the environment is there. */
  readonly hidden: boolean;
  readonly message: string;
  /** The roles and the scope that would do. */
  readonly roles: readonly string[];
  readonly scope: Scope;
};

/** Whether a principal may do in an environment what takes `scope`; `*` asks for all of them. */
export function mayDo(principal: Principal, scope: Scope, environment: string): Permission {
  const has = scopesIn(principal, environment);
  if (has.has(scope)) return { allowed: true };
  return {
    allowed: false,
    hidden: !has.has("runs:read"),
    message: refusal(principal, scope, environment),
    roles: rolesWith(scope),
    scope,
  };
}

/** Everything a principal may do in an environment. */
export function scopesIn(principal: Principal, environment: string): ReadonlySet<Scope> {
  if (principal.kind === "key") {
    const here = covers(principal.environment, environment) ? principal.scopes : [];
    return new Set(here.flatMap((scope) => SCOPES_OF_SCOPE[scope]));
  }
  return new Set(rolesIn(principal, environment).flatMap((role) => SCOPES_OF_ROLE[role]));
}

/** The environments in which a principal may do what takes `scope`; `null` for all there are and will be. */
export function environmentsOf(principal: Principal, scope: Scope): readonly string[] | null {
  const named =
    principal.kind === "local"
      ? [EVERYWHERE]
      : principal.kind === "key"
        ? [principal.environment]
        : [...new Set(principal.roles.map(({ environment }) => environment))];
  const able = named.filter((environment) => scopesIn(principal, environment).has(scope));
  return able.includes(EVERYWHERE) ? null : able;
}

function refusal(principal: Principal, scope: Scope, environment: string): string {
  const where = environment === EVERYWHERE ? "in all environments" : `in environment "${environment}"`;
  const who = `${principal.id} may not ${DOES[scope]} ${where}`;
  if (principal.kind === "key") {
    const elsewhere = covers(principal.environment, environment)
      ? `has ${principal.scopes.join(", ")}`
      : `is for environment "${principal.environment}"`;
    return `${who}: that takes a key with the scope ${scope}, and this one ${elsewhere}`;
  }
  const roles = rolesIn(principal, environment);
  const own = roles.length === 0 ? "no role" : roles.join(" and ");
  return `${who}: that takes the role ${rolesWith(scope).join(" or ")}, and they have ${own}`;
}
