import { describe, expect, it } from "vitest";
import { environmentsOf, mayDo, scopesIn } from "./may-do.ts";
import { ROLES, SCOPES, type Scope } from "./permissions.ts";
import {
  entriesFor,
  isService,
  LOCAL_USER,
  namesOf,
  type RoleGrant,
  type ServiceKey,
  type User,
} from "./principal.ts";

const user = (roles: readonly RoleGrant[], teams: readonly string[] = []): User => ({
  kind: "user",
  id: "user:alice@example.com",
  name: "Alice",
  teams,
  roles,
});
const key = (scopes: readonly Scope[], environment = "prod"): ServiceKey => ({
  kind: "key",
  id: `key:${environment}/ci`,
  name: "ci",
  environment,
  scopes,
});

describe("the matrix", () => {
  it.each([
    ["viewer", ["runs:read"]],
    ["operator", ["runs:read", "runs:write"]],
    ["approver", ["runs:read", "approvals:decide"]],
    ["admin", [...SCOPES]],
  ] as const)("a person who is %s", (role, may) => {
    const person = user([{ role, environment: "prod" }]);
    const allowed = SCOPES.filter((scope) => mayDo(person, scope, "prod").allowed);
    expect(allowed).toEqual(may);
    expect(SCOPES.filter((scope) => mayDo(person, scope, "staging").allowed)).toEqual([]);
  });

  it.each([
    ["runs:read", ["runs:read"]],
    ["runs:write", ["runs:read", "runs:write"]],
    ["approvals:decide", ["runs:read", "approvals:decide"]],
    ["workflows:write", ["runs:read", "workflows:write"]],
    ["admin", [...SCOPES]],
  ] as const)("a key with %s", (scope, may) => {
    const allowed = SCOPES.filter((asked) => mayDo(key([scope]), asked, "prod").allowed);
    expect(allowed).toEqual(may);
    expect(SCOPES.filter((asked) => mayDo(key([scope]), asked, "staging").allowed)).toEqual([]);
  });

  it("no role both works runs and decides about them, but admin", () => {
    for (const role of ROLES.filter((one) => one !== "admin")) {
      const scopes = scopesIn(user([{ role, environment: "*" }]), "prod");
      expect(scopes.has("runs:write") && scopes.has("approvals:decide"), role).toBe(false);
    }
  });

  it("the local user may do everything everywhere", () => {
    for (const scope of SCOPES) expect(mayDo(LOCAL_USER, scope, "anywhere")).toEqual({ allowed: true });
    expect(environmentsOf(LOCAL_USER, "admin")).toBeNull();
  });
});

describe("a refusal", () => {
  it("tells a person which role would do", () => {
    expect(mayDo(user([{ role: "viewer", environment: "prod" }]), "runs:write", "prod")).toEqual({
      allowed: false,
      hidden: false,
      message:
        'user:alice@example.com may not start and control runs in environment "prod": that takes the role operator or admin, and they have viewer',
      roles: ["operator", "admin"],
      scope: "runs:write",
    });
  });

  it("tells a key which scope would do", () => {
    expect(mayDo(key(["runs:write"]), "approvals:decide", "prod")).toMatchObject({
      hidden: false,
      message:
        'key:prod/ci may not decide approvals in environment "prod": that takes a key with the scope approvals:decide, and this one has runs:write',
    });
  });

  it("in an environment where somebody is nobody is a secret", () => {
    const person = user([{ role: "admin", environment: "staging" }]);
    expect(mayDo(person, "runs:read", "prod")).toMatchObject({ allowed: false, hidden: true });
    expect(mayDo(key(["admin"]), "runs:read", "staging")).toMatchObject({ allowed: false, hidden: true });
  });
});

describe("environments", () => {
  it("are the ones with a role that does it", () => {
    const person = user([
      { role: "viewer", environment: "prod" },
      { role: "operator", environment: "staging" },
    ]);
    expect(environmentsOf(person, "runs:read")).toEqual(["prod", "staging"]);
    expect(environmentsOf(person, "runs:write")).toEqual(["staging"]);
    expect(environmentsOf(person, "admin")).toEqual([]);
    expect(environmentsOf(user([{ role: "viewer", environment: "*" }]), "runs:read")).toBeNull();
    expect(environmentsOf(key(["runs:read"]), "runs:read")).toEqual(["prod"]);
  });

  it("a role in all of them counts in each, and adds to what is had in one", () => {
    const person = user([
      { role: "viewer", environment: "*" },
      { role: "approver", environment: "prod" },
    ]);
    expect([...scopesIn(person, "prod")]).toEqual(["runs:read", "approvals:decide"]);
    expect([...scopesIn(person, "staging")]).toEqual(["runs:read"]);
    expect(mayDo(person, "approvals:decide", "*").allowed).toBe(false);
  });
});

describe("who is meant by a list of approvers", () => {
  const approvers = ["team:platform", "user:Alice@Example.com", "role:approver", "key:ci", "team:sre"];

  it("is a person by name, team or role in the workflow's environment", () => {
    const person = user([{ role: "approver", environment: "prod" }], ["platform", "Sre"]);
    expect(entriesFor(person, approvers, "prod")).toEqual([
      "team:platform",
      "user:Alice@Example.com",
      "role:approver",
    ]);
    expect(entriesFor(person, approvers, "staging")).toEqual(["team:platform", "user:Alice@Example.com"]);
  });

  it("is a key by its name, in its own environment alone", () => {
    expect(entriesFor(key(["approvals:decide"]), approvers, "prod")).toEqual(["key:ci"]);
    expect(entriesFor(key(["approvals:decide"]), ["key:prod/ci"], "prod")).toEqual(["key:prod/ci"]);
    expect(entriesFor(key(["approvals:decide"]), approvers, "staging")).toEqual([]);
    expect(namesOf(key(["admin"]), "staging")).toEqual([]);
  });

  it("is a program only where it is named, which whoever decides must look at", () => {
    expect(isService(key(["approvals:decide"]))).toBe(true);
    expect(isService(user([])) || isService(LOCAL_USER)).toBe(false);
  });

  it("is the local user whoever is named", () => {
    expect(entriesFor(LOCAL_USER, approvers, "prod")).toEqual(approvers);
  });
});
