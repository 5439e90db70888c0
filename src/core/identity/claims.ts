import type { JsonObject, JsonValue } from "../json.ts";
import { ROLES, type Role } from "./permissions.ts";
import { EVERYWHERE, isSame, LOCAL_USER, type RoleGrant, type User } from "./principal.ts";

/** How an identity provider's claims become a user. */
export type ClaimRules = {
  /** The claim that names people: `email` (which must be verified), `sub` or another. */
  readonly userClaim: string;
  /** The claim with their groups; a dot leads into an object: `realm_access.roles`. */
  readonly groupsClaim: string;
  readonly roles: readonly RoleRule[];
};

/** Members of a group have a role; `*` is everybody whom the provider knows. */
export type RoleRule = RoleGrant & { readonly group: string };

/** What is known of a person who has logged in; roles follow from it by the rules of the day. */
export type Identity = { readonly user: string; readonly name: string; readonly groups: readonly string[] };

/** `platform=operator@prod, sre-leads=admin, *=viewer`: group, role and, behind `@`, one environment. */
export function parseRoleRules(text: string): {
  readonly rules: readonly RoleRule[];
  readonly faults: readonly string[];
} {
  const rules: RoleRule[] = [];
  const faults: string[] = [];
  for (const part of text.split(",").map((one) => one.trim())) {
    if (part === "") continue;
    const [, group = "", role = "", environment = EVERYWHERE] =
      /^(.+?)\s*=\s*([a-z]+)(?:@(\S+))?$/.exec(part) ?? [];
    const known = ROLES.find((one) => one === role);
    if (known) rules.push({ group, role: known, environment });
    else faults.push(part);
  }
  return { rules, faults };
}

/** Who a verified token is about; a text says why nobody can be told. */
export function identityOf(claims: JsonObject, { userClaim, groupsClaim }: ClaimRules): Identity | string {
  const user = claims[userClaim];
  if (typeof user !== "string" || user === "")
    return `the token has no "${userClaim}"; STATION_OIDC_USER_CLAIM says which claim names people`;
  // Other signs of the same look (U+212A for "K") become somebody else's letters in small letters, and signs that are not
  // seen stand in a name that reads as somebody else's.
  if (/[\s\p{C}]/u.test(user) || user !== user.normalize("NFC"))
    return `the token's "${userClaim}" is not a name`;
  if (isSame(`user:${user}`, LOCAL_USER.id))
    return `nobody may be called "${user}": that is Station's own name for whoever it did not ask`;
  // Where addresses are not verified, anybody may claim to be anybody.
  if (userClaim === "email" && claims["email_verified"] !== true)
    return 'the provider has not verified the token\'s "email"; STATION_OIDC_USER_CLAIM=sub names people otherwise';
  const name = claims["name"];
  return {
    user,
    name: typeof name === "string" && name !== "" ? name : user,
    groups: groupsIn(claims, groupsClaim) ?? [],
  };
}

/** The user somebody is under these rules. */
export function userOf({ user, name, groups }: Identity, rules: readonly RoleRule[]): User {
  const roles = rules.filter(({ group }) => group === EVERYWHERE || groups.includes(group));
  return {
    kind: "user",
    id: `user:${user}`,
    name,
    teams: groups,
    roles: roles.map(({ role, environment }): { role: Role; environment: string } => ({ role, environment })),
  };
}

/** The groups that claims name; `null` where they say nothing of groups. */
export function groupsIn(claims: JsonObject, path: string): readonly string[] | null {
  const whole = claims[path];
  const found = whole === undefined ? path.split(".").reduce<JsonValue | undefined>(below, claims) : whole;
  if (found === undefined) return null;
  const list = Array.isArray(found) ? found : [found];
  return [...new Set(list.filter((one): one is string => typeof one === "string" && one !== ""))];
}

function below(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)[key]
    : undefined;
}
