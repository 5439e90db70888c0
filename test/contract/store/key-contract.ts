import { describe, expect, test } from "vitest";
import type { ApiKey } from "../../../src/core/identity/api-key.ts";
import type { AdminEvent } from "../../../src/engine/ports/admin-events.ts";
import { AT } from "./given.ts";
import type { Subject } from "./subject.ts";

const key = (environment: string, name: string, change: Partial<ApiKey> = {}): ApiKey => ({
  environment,
  name,
  scopes: ["runs:read", "runs:write"],
  hash: "a".repeat(64),
  earlier: [],
  createdAt: AT,
  createdBy: "user:ana",
  expiresAt: AT + 1000,
  revoked: null,
  lastUsedAt: null,
  ...change,
});

let events = 0;
const event = (change: Partial<AdminEvent> = {}): AdminEvent => ({
  id: `adm_${++events}`,
  at: AT,
  actor: "user:ana",
  channel: "api",
  action: "key.created",
  environment: "prod",
  subject: "key:prod/ci",
  data: { scopes: ["runs:read"] },
  ...change,
});

/** What is kept of keys, and of what was done to them. */
export function keyContract(subject: () => Subject): void {
  const keys = () => subject().store.keys;
  const told = async (environments: readonly string[] | null = null) =>
    (await subject().store.adminEvents.list(environments, { limit: 10 }))
      .map(({ action }) => action)
      .filter((action) => action.startsWith("key."));

  describe("keys", () => {
    test("are found as they were made, and a name is never given twice", async () => {
      expect(await keys().add(key("prod", "ci"), event())).toBe(true);
      expect(await keys().add(key("prod", "ci", { hash: "b".repeat(64) }), event())).toBe(false);
      expect(await keys().find("prod", "ci")).toEqual(key("prod", "ci"));
      expect(await keys().find("staging", "ci")).toBeNull();
      expect(await told()).toEqual(["key.created"]);
    });

    test("are listed by environment", async () => {
      for (const environment of ["staging", "prod"])
        for (const name of ["deploy", "ci"]) await keys().add(key(environment, name), event());
      const names = async (environments: readonly string[] | null) =>
        (await keys().list(environments)).map(({ environment, name }) => `${environment}/${name}`);
      expect(await names(null)).toEqual(["prod/ci", "prod/deploy", "staging/ci", "staging/deploy"]);
      expect(await names(["prod"])).toEqual(["prod/ci", "prod/deploy"]);
      expect(await names([])).toEqual([]);
    });

    test("a new secret leaves the one before for a while", async () => {
      await keys().add(key("prod", "ci"), event());
      const next = { environment: "prod", name: "ci", hash: "b".repeat(64) };
      expect(await keys().rotate(next, AT + 60, event({ action: "key.rotated" }))).toBe(true);
      expect(await keys().find("prod", "ci")).toMatchObject({
        hash: "b".repeat(64),
        earlier: [{ hash: "a".repeat(64), until: AT + 60 }],
      });
      expect(await told()).toEqual(["key.rotated", "key.created"]);
    });

    test("a rotation that comes twice leaves the secret that is in use, and none for longer than was said", async () => {
      await keys().add(key("prod", "ci"), event());
      const rotate = async (letter: string, until: number, at: number) => {
        const next = { environment: "prod", name: "ci", hash: letter.repeat(64) };
        expect(await keys().rotate(next, until, event({ action: "key.rotated", at }))).toBe(true);
        const found = await keys().find("prod", "ci");
        return found?.earlier.map(({ hash, until }) => [hash[0], until - AT]);
      };
      expect(await rotate("b", AT + 60, AT)).toEqual([["a", 60]]);
      expect(await rotate("c", AT + 70, AT + 10)).toEqual([
        ["b", 70],
        ["a", 60],
      ]);
      expect(await rotate("d", AT + 80, AT + 20)).toEqual([
        ["c", 80],
        ["b", 70],
        ["a", 60],
      ]);
      expect(await rotate("e", AT + 90, AT + 60)).toEqual([
        ["d", 90],
        ["c", 80],
        ["b", 70],
      ]);
      // A secret that others may know: with it go those before.
      expect(await rotate("f", AT + 65, AT + 65)).toEqual([
        ["e", 65],
        ["d", 65],
        ["c", 65],
      ]);
    });

    test("a revoked one stays revoked, and its name taken", async () => {
      await keys().add(key("prod", "ci"), event());
      const ci = { environment: "prod", name: "ci" };
      expect(await keys().revoke(ci, event({ action: "key.revoked", at: AT + 5, actor: "user:ben" }))).toBe(
        true,
      );
      expect(await keys().revoke(ci, event({ action: "key.revoked" }))).toBe(false);
      expect(await keys().rotate({ ...ci, hash: "b".repeat(64) }, AT, event())).toBe(false);
      expect(await keys().add(key("prod", "ci"), event())).toBe(false);
      expect(await keys().find("prod", "ci")).toMatchObject({ revoked: { at: AT + 5, by: "user:ben" } });
      expect(await told()).toEqual(["key.revoked", "key.created"]);
    });

    test("remember when they were used last", async () => {
      await keys().add(key("prod", "ci"), event());
      const used = (at: number) => keys().used([{ environment: "prod", name: "ci", at }]);
      await used(AT + 9);
      await used(AT + 3);
      await keys().used([]);
      expect(await keys().find("prod", "ci")).toMatchObject({ lastUsedAt: AT + 9 });
    });
  });

  describe("a session that was ended", () => {
    test("is remembered until it would have ended by itself", async () => {
      const { endedSessions } = subject().store;
      await endedSessions.end("one", AT + 100, AT);
      await endedSessions.end("one", AT + 100, AT);
      expect(await endedSessions.ended(["one", "two", "three"])).toEqual(new Set(["one"]));
      await endedSessions.end("two", AT + 500, AT + 101);
      expect(await endedSessions.ended(["one", "two"])).toEqual(new Set(["two"]));
    });
  });

  describe("what was changed about Station itself", () => {
    test("is told newest first, page by page, and to each environment its own", async () => {
      const { adminEvents } = subject().store;
      const all = [
        event({ environment: "prod" }),
        event({ environment: null }),
        event({ environment: "staging" }),
      ];
      for (const one of all) await adminEvents.append(one);
      const page = await adminEvents.list(null, { limit: 2 });
      expect(page.map(({ id }) => id)).toEqual([all[2]?.id, all[1]?.id]);
      const rest = await adminEvents.list(null, { limit: 2, before: page[1]?.position ?? 0 });
      expect(rest[0]).toEqual({ ...all[0], position: expect.any(Number) });
      expect(await adminEvents.list(null, { limit: 2, before: rest[0]?.position ?? 0 })).toHaveLength(1);
      expect((await adminEvents.list(["prod"], { limit: 9 })).map(({ id }) => id)).toEqual([all[0]?.id]);
      expect(await adminEvents.list([], { limit: 9 })).toEqual([]);
    });
  });
}
