import { expect, it } from "vitest";
import { type ApiKey, hashOf } from "../core/identity/api-key.ts";
import { createKeyRing } from "./key-ring.ts";
import type { Ports } from "./ports.ts";

const SECRET = "a1B2".repeat(11).slice(0, 43);
const TEXT = `stn_prod_ci_${SECRET}`;

/** A ring over a store of one key that can be changed, and counts what it is asked. */
function ring(change: Partial<ApiKey> = {}) {
  const seen = { at: 1000, looks: 0, written: [] as unknown[][], away: false, reading: Promise.resolve() };
  let key: ApiKey = {
    environment: "prod",
    name: "ci",
    scopes: ["runs:read"],
    hash: hashOf(SECRET),
    earlier: [],
    createdAt: 0,
    createdBy: "user:ana",
    expiresAt: null,
    revoked: null,
    lastUsedAt: null,
    ...change,
  };
  const keys = {
    find: async (environment: string, name: string) => {
      seen.looks++;
      const found = key;
      await seen.reading;
      return environment === "prod" && name === "ci" ? found : null;
    },
    used: async (uses: readonly unknown[]) => {
      if (seen.away) throw new Error("away");
      if (uses.length > 0) seen.written.push([...uses]);
    },
  };
  const log = { info() {}, warn() {}, error() {} };
  const clock = { now: () => seen.at, random: () => 0 };
  const made = createKeyRing({ store: { keys }, clock, log } as unknown as Pick<
    Ports,
    "store" | "clock" | "log"
  >);
  const revoke = () => {
    key = { ...key, revoked: { at: seen.at, by: "user:ana" } };
  };
  return { ...made, seen, revoke };
}

it("a key is looked up once in five seconds, however often it calls", async () => {
  const { check, seen } = ring();
  for (let i = 0; i < 50; i++) expect(await check(TEXT)).toMatchObject({ status: "known" });
  seen.at += 4999;
  await check(TEXT);
  expect(seen.looks).toBe(1);
  seen.at += 1;
  await check(TEXT);
  expect(seen.looks).toBe(2);
});

it("a key that another process revoked is refused after five seconds, one of this process at once", async () => {
  const { check, revoke, seen } = ring();
  await check(TEXT);
  revoke();
  expect(await check(TEXT)).toMatchObject({ status: "known" });
  seen.at += 5000;
  expect(await check(TEXT)).toEqual({ status: "fault", fault: "key prod/ci was revoked" });
  const own = ring();
  await own.check(TEXT);
  own.revoke();
  own.forget("prod", "ci");
  expect(await own.check(TEXT)).toMatchObject({ status: "fault" });
});

it("what is wrong with a key is told only to who has its secret", async () => {
  const { check } = ring({ expiresAt: 5 });
  expect(await check(TEXT)).toEqual({ status: "fault", fault: "key prod/ci has expired" });
  const other = `${TEXT.slice(0, -1)}Z`;
  for (const text of [other, TEXT.replace("prod", "test"), "stn_x", ""])
    expect(await check(text)).toEqual({ status: "unknown" });
});

it("uses are written down together, and again when the store was away", async () => {
  const { check, flush, seen, close } = ring();
  await check(TEXT);
  seen.at = 2000;
  await check(TEXT);
  seen.away = true;
  await flush();
  seen.away = false;
  expect(seen.written).toEqual([]);
  await close();
  expect(seen.written).toEqual([[{ environment: "prod", name: "ci", at: 2000 }]]);
});

it("a key that is revoked while it is looked up is known to be revoked", async () => {
  const { check, revoke, forget, seen } = ring();
  const read = Promise.withResolvers<void>();
  seen.reading = read.promise;
  const before = check(TEXT);
  revoke();
  forget("prod", "ci");
  read.resolve();
  expect(await before).toMatchObject({ status: "known" });
  expect(await check(TEXT)).toMatchObject({ status: "fault" });
});
