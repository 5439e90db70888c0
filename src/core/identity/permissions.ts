/** What an action on an environment takes; also what an API key may be given. */
export const SCOPES = ["runs:read", "runs:write", "approvals:decide", "workflows:write", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** What a person may be in an environment. */
export const ROLES = ["viewer", "operator", "approver", "admin"] as const;
export type Role = (typeof ROLES)[number];

/**
 * Who may do what. An operator works runs and an approver decides, so that nobody does both by one role; only an
 * admin changes definitions, because whoever can rewrite a workflow can take its gates out.
 */
export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ["runs:read"],
  operator: ["runs:read", "runs:write"],
  approver: ["runs:read", "approvals:decide"],
  admin: SCOPES,
};

/** A key's scopes with what they imply: whoever may change something may see it, an admin may do everything. */
export const SCOPES_OF_SCOPE: Readonly<Record<Scope, readonly Scope[]>> = {
  "runs:read": ["runs:read"],
  "runs:write": ["runs:read", "runs:write"],
  "approvals:decide": ["runs:read", "approvals:decide"],
  "workflows:write": ["runs:read", "workflows:write"],
  admin: SCOPES,
};

/** What each scope allows, to be said to people. */
export const DOES: Readonly<Record<Scope, string>> = {
  "runs:read": "see workflows and runs",
  "runs:write": "start and control runs",
  "approvals:decide": "decide approvals",
  "workflows:write": "change workflows",
  admin: "administer Station",
};

/** The roles that have a scope, weakest first. */
export function rolesWith(scope: Scope): readonly Role[] {
  return ROLES.filter((role) => SCOPES_OF_ROLE[role].includes(scope));
}
