import { expect, it } from "vitest";
import { type ApiKey, hashOf, keyText, parseKey, principalOf, standingOf } from "./api-key.ts";

const secret = "a1B2".repeat(11).slice(0, 43);
const key: ApiKey = {
  environment: "prod",
  name: "ci",
  scopes: ["runs:write"],
  hash: hashOf(secret),
  earlier: [{ hash: hashOf("old"), until: 2000 }],
  createdAt: 0,
  createdBy: "user:ana",
  expiresAt: 5000,
  revoked: null,
  lastUsedAt: null,
};

it("a key says which environment and name it is of, whatever the environment is called", () => {
  for (const environment of ["prod", "eu_west.2", "a_b_c", "_"]) {
    const parts = { environment, name: "ci-deploy", secret };
    expect(parseKey(keyText(parts))).toEqual(parts);
  }
});

it("anything else is no key", () => {
  for (const text of [
    "",
    "stn_",
    "stn_prod_ci",
    `stn_prod_CI_${secret}`,
    `stn__ci_${secret}`,
    `${keyText({ environment: "p", name: "n", secret })}x`,
  ])
    expect(parseKey(text), text).toBeNull();
});

it("its bearer is a program of one environment", () => {
  expect(principalOf(key)).toEqual({
    kind: "key",
    id: "key:prod/ci",
    name: "ci",
    environment: "prod",
    scopes: ["runs:write"],
  });
});

it("a rotated key's earlier secret is good for a while", () => {
  expect(standingOf(key, 1999)).toEqual({ hashes: [hashOf(secret), hashOf("old")], fault: null });
  expect(standingOf(key, 2000)).toEqual({ hashes: [hashOf(secret)], fault: null });
});

it("an expired or revoked key is good for nothing", () => {
  expect(standingOf(key, 4999).fault).toBeNull();
  expect(standingOf(key, 5000).fault).toBe("has expired");
  expect(standingOf({ ...key, revoked: { at: 1, by: "user:ana" } }, 2).fault).toBe("was revoked");
});
