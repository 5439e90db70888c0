import type { By, Channel } from "../../src/core/identity/channel.ts";
import type { Role } from "../../src/core/identity/permissions.ts";
import type { User } from "../../src/core/identity/principal.ts";

/** Somebody as the audit trail names them, who came by this way. */
export function by(actor: string, channel: Channel = "api"): By {
  return { actor, channel };
}

/** Somebody with these teams and roles; in all environments, and an approver unless said otherwise. */
export function person(
  name: string,
  {
    teams = [],
    roles = ["approver"],
  }: { readonly teams?: readonly string[]; readonly roles?: readonly Role[] } = {},
): User {
  const id = (name.startsWith("user:") ? name : `user:${name}`) as User["id"];
  return { kind: "user", id, name, teams, roles: roles.map((role) => ({ role, environment: "*" })) };
}
