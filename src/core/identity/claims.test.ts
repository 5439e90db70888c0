import { expect, it } from "vitest";
import { type ClaimRules, identityOf, parseRoleRules, userOf } from "./claims.ts";

const { rules: roles } = parseRoleRules("platform=operator@prod, sre leads = admin, *=viewer");
const rules: ClaimRules = { userClaim: "email", groupsClaim: "groups", roles };
const claims = {
  sub: "a1",
  email: "alice@example.com",
  email_verified: true,
  name: "Alice",
  groups: ["platform"],
};

it("groups become teams, and roles where a rule says so", () => {
  const identity = identityOf(claims, rules);
  if (typeof identity === "string") throw new Error(identity);
  expect(userOf(identity, roles)).toEqual({
    kind: "user",
    id: "user:alice@example.com",
    name: "Alice",
    teams: ["platform"],
    roles: [
      { role: "operator", environment: "prod" },
      { role: "viewer", environment: "*" },
    ],
  });
  expect(userOf({ user: "x", name: "x", groups: [] }, []).roles).toEqual([]);
});

it("an address that nobody verified names nobody", () => {
  for (const email_verified of [false, "true", 1, null])
    expect(identityOf({ ...claims, email_verified }, rules)).toMatch(/has not verified/);
  expect(identityOf({ ...claims, email_verified: false }, { ...rules, userClaim: "sub" })).toMatchObject({
    user: "a1",
  });
});

it("a token that names nobody is told what is missing", () => {
  expect(identityOf({ sub: "a1" }, rules)).toMatch(/has no "email"/);
  for (const email of ["", 7, ["a"], "a b", "a\nb"])
    expect(typeof identityOf({ ...claims, email }, rules)).toBe("string");
});

it("a name of signs that only look like another's letters is none", () => {
  const [kelvin, angstrom] = ["\u212Aim@example.com", "\u212Bke@example.com"];
  for (const email of [kelvin, angstrom, "A\u030Ake@example.com"])
    expect(identityOf({ ...claims, email }, rules)).toMatch(/is not a name/);
  for (const email of ["Kim@example.com", "Åke@example.com", "柴@example.com"])
    expect(identityOf({ ...claims, email }, rules)).toMatchObject({ user: email });
});

it("a name with signs that nobody sees is none: in the trail it would read as another's", () => {
  for (const sign of ["\u200B", "\u202E", "\u2066", "\u00AD", "\u0000", "\uE000"])
    expect(identityOf({ sub: `ki${sign}m` }, { ...rules, userClaim: "sub" })).toMatch(/is not a name/);
});

it("groups are found inside objects, as one text, or not at all", () => {
  const groups = (more: object, groupsClaim: string) => {
    const identity = identityOf({ ...claims, groups: [], ...more }, { ...rules, groupsClaim });
    return typeof identity === "string" ? identity : identity.groups;
  };
  expect(groups({ realm_access: { roles: ["a", 1, "a", ""] } }, "realm_access.roles")).toEqual(["a"]);
  expect(groups({ "https://x.example/groups": "one" }, "https://x.example/groups")).toEqual(["one"]);
  expect(groups({}, "nowhere.at.all")).toEqual([]);
});

it("a rule that is none is told", () => {
  expect(parseRoleRules("a=boss, b, =viewer, c=viewer@prod,").faults).toEqual(["a=boss", "b", "=viewer"]);
});

it("nobody is called as whoever was not asked who they are: that name keeps nobody out of their own approvals", () => {
  for (const sub of ["local", "LOCAL"])
    expect(identityOf({ sub }, { ...rules, userClaim: "sub" })).toMatch(/Station's own name/);
  expect(identityOf({ sub: "locals" }, { ...rules, userClaim: "sub" })).toMatchObject({ user: "locals" });
});
