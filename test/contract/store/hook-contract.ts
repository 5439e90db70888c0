import { describe, expect, test } from "vitest";
import type { RunId } from "../../../src/core/run/ids.ts";
import type { Delivery } from "../../../src/core/webhook/delivery.ts";
import type { Hook } from "../../../src/core/webhook/hook.ts";
import type { AdminEvent } from "../../../src/engine/ports/admin-events.ts";
import type { Deliveries } from "../../../src/engine/ports/hooks.ts";
import { AT } from "./given.ts";
import type { Subject } from "./subject.ts";

export const hook = (name: string, change: Partial<Hook> = {}): Hook => ({
  id: `hook_${name}`,
  environment: "prod",
  name,
  scheme: { type: "github" },
  secrets: [{ kept: "v1.a.b", until: null }],
  target: { type: "start-run", workflowId: "w", version: null, input: { text: "{{ body.text }}" } },
  when: 'body.action == "opened"',
  identity: { by: "content" },
  headers: ["x-trace"],
  enabled: true,
  createdAt: AT,
  createdBy: "user:ana",
  updatedAt: AT,
  ...change,
});

let events = 0;
const event = (change: Partial<AdminEvent> = {}): AdminEvent => ({
  id: `adm_hook_${++events}`,
  at: AT,
  actor: "user:ana",
  channel: "api",
  action: "hook.created",
  environment: "prod",
  subject: "hook:prod/github",
  data: {},
  ...change,
});

export const delivery = (id: string, change: Partial<Delivery> = {}): Delivery => ({
  id,
  hookId: "hook_github",
  receivedAt: AT,
  eventId: "sha256:0",
  eventType: "push",
  request: {
    headers: { "x-github-event": "push" },
    query: { a: ["1", "2"] },
    contentType: "application/json",
    text: "{}",
    bytes: 2,
  },
  again: null,
  outcome: { status: "RECEIVED" },
  ...change,
});

const KEEP = { most: 3, since: 0 };

/** What is kept of hooks, and of what they received. */
export function hookContract(subject: () => Subject): void {
  const hooks = () => subject().store.hooks;
  const told = async () => {
    const all = await subject().store.adminEvents.list(null, { limit: 10 });
    return all.filter(({ id }) => id.startsWith("adm_hook_")).map(({ action }) => action);
  };

  describe("hooks", () => {
    test("are found as they were made, and two of an environment have two names", async () => {
      expect(await hooks().add(hook("github"), event())).toBe(true);
      expect(await hooks().add(hook("github", { id: "hook_other" }), event())).toBe(false);
      expect(await hooks().add(hook("github", { id: "hook_b", environment: "staging" }), event())).toBe(true);
      expect(await hooks().find("hook_github")).toEqual(hook("github"));
      expect(await hooks().find("hook_none")).toBeNull();
      expect((await hooks().list(null)).map(({ id }) => id)).toEqual(["hook_github", "hook_b"]);
      expect((await hooks().list(["staging"])).map(({ id }) => id)).toEqual(["hook_b"]);
      expect(await hooks().list([])).toEqual([]);
      expect(await subject().store.queries.environmentOf("hook", "hook_b")).toBe("staging");
      expect(await told()).toEqual(["hook.created", "hook.created"]);
    });

    test("are changed in what they do, and in nothing else", async () => {
      await hooks().add(hook("github"), event());
      const next = {
        id: "hook_github",
        target: { type: "signal", run: "{{ body.run }}", signal: "go" },
        when: null,
        identity: { by: "nothing" },
        headers: [],
        enabled: false,
      } as const;
      expect(await hooks().change(next, event({ action: "hook.changed", at: AT + 5 }))).toBe(true);
      expect(await hooks().find("hook_github")).toEqual({ ...hook("github"), ...next, updatedAt: AT + 5 });
      expect(await hooks().change({ ...next, id: "hook_none" }, event({ action: "hook.changed" }))).toBe(
        false,
      );
      expect(await told()).toEqual(["hook.changed", "hook.created"]);
    });

    test("a new secret leaves the one before for a while", async () => {
      await hooks().add(hook("github"), event());
      expect(await hooks().rotate("hook_github", "v1.c.d", AT + 60, event({ action: "hook.rotated" }))).toBe(
        true,
      );
      expect((await hooks().find("hook_github"))?.secrets).toEqual([
        { kept: "v1.c.d", until: null },
        { kept: "v1.a.b", until: AT + 60 },
      ]);
      const rotated = (await hooks().find("hook_github")) ?? hook("github");
      expect(await hooks().reseal(hook("github"), ["v2"], event())).toBe(false);
      const resealed = event({ action: "hook.resealed" });
      expect(await hooks().reseal(rotated, ["v2.new", "v2.old"], resealed)).toBe(true);
      expect((await hooks().find("hook_github"))?.secrets).toEqual([
        { kept: "v2.new", until: null },
        { kept: "v2.old", until: AT + 60 },
      ]);
      expect(await hooks().rotate("hook_none", "x", AT, event())).toBe(false);
      expect(await told()).toEqual(["hook.resealed", "hook.rotated", "hook.created"]);
    });

    test("secrets before it stay good for their own time, unless the latest rotation ends them sooner", async () => {
      await hooks().add(hook("github"), event());
      const rotate = (secret: string, at: number, graceMs: number) =>
        hooks().rotate("hook_github", secret, at + graceMs, event({ action: "hook.rotated", at }));
      const found = async () => (await hooks().find("hook_github")) ?? hook("github");
      await rotate("v1.b", AT + 10, 1000);
      await rotate("v1.c", AT + 20, 1000);
      expect((await found()).secrets).toEqual([
        { kept: "v1.c", until: null },
        { kept: "v1.b", until: AT + 1020 },
        { kept: "v1.a.b", until: AT + 1010 },
      ]);
      expect(await hooks().reseal(await found(), ["v2.c", "v2.b", "v2.a"], event())).toBe(true);
      expect((await found()).secrets.map(({ kept }) => kept)).toEqual(["v2.c", "v2.b", "v2.a"]);
      await rotate("v2.d", AT + 30, 500);
      await rotate("v2.e", AT + 40, 500);
      expect((await found()).secrets).toEqual([
        { kept: "v2.e", until: null },
        { kept: "v2.d", until: AT + 540 },
        { kept: "v2.c", until: AT + 530 },
        { kept: "v2.b", until: AT + 530 },
      ]);
      await rotate("v2.f", AT + 535, 0);
      expect((await found()).secrets).toEqual([
        { kept: "v2.f", until: null },
        { kept: "v2.e", until: AT + 535 },
        { kept: "v2.d", until: AT + 535 },
      ]);
    });

    test("go with all that they received, and their name is free again", async () => {
      await hooks().add(hook("github"), event());
      await hooks().deliveries.add(delivery("dlv_1"), KEEP);
      expect(await hooks().remove("hook_github", event({ action: "hook.deleted" }))).toBe(true);
      expect(await hooks().remove("hook_github", event({ action: "hook.deleted" }))).toBe(false);
      expect(await hooks().deliveries.find("hook_github", "dlv_1")).toBeNull();
      expect(await hooks().deliveries.add(delivery("dlv_2"), KEEP)).toBe(false);
      expect(await told()).toEqual(["hook.deleted", "hook.created"]);
      expect(await hooks().add(hook("github"), event())).toBe(true);
    });
  });

  describe("deliveries", () => {
    test.each<Partial<Delivery>>([
      {},
      { outcome: { status: "STARTED", runId: "run_a" as RunId, isRepeated: false } },
      { outcome: { status: "SIGNALLED", runId: "run_a" as RunId, isRepeated: true } },
      { outcome: { status: "IGNORED", reason: "ping" }, eventType: null },
      { outcome: { status: "FAILED", reason: "no", errors: [{ pointer: "/input", message: "m" }] } },
      { eventId: null, again: { of: "dlv_0", by: "user:ben" } },
      { request: { ...delivery("x").request, text: null, bytes: 999_999 } },
    ])("are found as they came: %j", async (change) => {
      await hooks().add(hook("github"), event());
      await hooks().deliveries.add(delivery("dlv_1", change), KEEP);
      expect(await hooks().deliveries.find("hook_github", "dlv_1")).toEqual(delivery("dlv_1", change));
      expect(await hooks().deliveries.find("hook_other", "dlv_1")).toBeNull();
    });

    test("that come together are all kept, but those of a hook that is gone", async () => {
      await hooks().add(hook("github"), event());
      const kept = await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          hooks().deliveries.add(
            delivery(`dlv_${String(n).padStart(3, "0")}`, {
              hookId: n % 10 === 5 ? "hook_gone" : "hook_github",
            }),
            { most: 200, since: 0 },
          ),
        ),
      );
      expect(kept.filter((isKept) => !isKept)).toHaveLength(10);
      const all = await hooks().deliveries.list("hook_github", { limit: 200, since: 0 });
      expect(all).toHaveLength(90);
    });

    test("that come together and are long are all kept", async () => {
      await hooks().add(hook("github"), event());
      const request = { ...delivery("").request, text: "x".repeat(256 * 1024) };
      const kept = await Promise.all(
        Array.from({ length: 80 }, (_, n) =>
          hooks().deliveries.add(delivery(`dlv_${n}`, { request }), { most: 5, since: 0 }),
        ),
      );
      expect(kept.every((isKept) => isKept)).toBe(true);
    });

    test("are settled, and nothing happens to one that is forgotten", async () => {
      await hooks().add(hook("github"), event());
      await hooks().deliveries.add(delivery("dlv_1"), KEEP);
      const outcome = { status: "STARTED", runId: "run_a" as RunId, isRepeated: true } as const;
      await hooks().deliveries.settle("dlv_1", "e2", outcome);
      await hooks().deliveries.settle("dlv_none", "e2", outcome);
      expect(await hooks().deliveries.find("hook_github", "dlv_1")).toEqual(
        delivery("dlv_1", { eventId: "e2", outcome }),
      );
    });

    test("of a hook are the latest ones, newest first and page by page", async () => {
      await hooks().add(hook("github"), event());
      await hooks().add(hook("other"), event());
      const outcome = { status: "IGNORED", reason: "ping" } as const;
      await hooks().deliveries.add(delivery("dlv_0", { hookId: "hook_other" }), KEEP);
      for (const n of [1, 2, 3, 4, 5])
        await hooks().deliveries.add(delivery(`dlv_${n}`, { receivedAt: AT + n, outcome }), KEEP);
      const ids = async (page: { limit: number; since: number; before?: string }) =>
        (await hooks().deliveries.list("hook_github", page)).map(({ id }) => id);
      expect(await ids({ limit: 2, since: 0 })).toEqual(["dlv_5", "dlv_4"]);
      expect(await ids({ limit: 2, since: 0, before: "dlv_4" })).toEqual(["dlv_3"]);
      expect(await ids({ limit: 9, since: AT + 4 })).toEqual(["dlv_5", "dlv_4"]);
      await hooks().deliveries.add(delivery("dlv_6", { receivedAt: AT + 6 }), { most: 9, since: AT + 5 });
      expect(await ids({ limit: 9, since: 0 })).toEqual(["dlv_6", "dlv_5"]);
      expect((await hooks().deliveries.list("hook_other", { limit: 9, since: 0 })).length).toBe(1);
    });

    test("are forgotten by age, whatever came after them", async () => {
      await hooks().add(hook("github"), event());
      for (const n of [1, 2])
        await hooks().deliveries.add(delivery(`dlv_${n}`, { receivedAt: AT + n }), KEEP);
      await hooks().deliveries.forget(AT + 2);
      const left = await hooks().deliveries.list("hook_github", { limit: 9, since: 0 });
      expect(left.map(({ id }) => id)).toEqual(["dlv_2"]);
    });

    test("that nobody has finished are kept for their time, however many come after them", async () => {
      await hooks().add(hook("github"), event());
      await hooks().deliveries.add(delivery("dlv_0"), KEEP);
      const outcome = { status: "IGNORED", reason: "ping" } as const;
      for (const n of [1, 2, 3, 4, 5])
        await hooks().deliveries.add(delivery(`dlv_${n}`, { receivedAt: AT + n, outcome }), KEEP);
      const left = await hooks().deliveries.list("hook_github", { limit: 9, since: 0 });
      expect(left.map(({ id }) => id)).toEqual(["dlv_5", "dlv_4", "dlv_3", "dlv_0"]);
      expect(await hooks().deliveries.unfinished(AT + 9, 9, null)).toMatchObject([{ id: "dlv_0" }]);
      await hooks().deliveries.add(delivery("dlv_6", { receivedAt: AT + 6, outcome }), {
        most: 9,
        since: AT + 1,
      });
      expect(await hooks().deliveries.find("hook_github", "dlv_0")).toBeNull();
    });

    test("that nobody has finished are found, oldest first", async () => {
      await hooks().add(hook("github"), event());
      for (const n of [3, 1, 2])
        await hooks().deliveries.add(delivery(`dlv_${n}`, { receivedAt: AT + n }), KEEP);
      await hooks().deliveries.add(delivery("dlv_4", { receivedAt: AT + 3 }), KEEP);
      await hooks().deliveries.settle("dlv_1", null, { status: "IGNORED", reason: "ping" });
      const ids = async (until: number, limit = 9, after: Parameters<Deliveries["unfinished"]>[2] = null) =>
        (await hooks().deliveries.unfinished(until, limit, after)).map(({ id }) => id);
      expect(await ids(AT + 4)).toEqual(["dlv_2", "dlv_3", "dlv_4"]);
      expect(await ids(AT + 4, 1)).toEqual(["dlv_2"]);
      expect(await ids(AT + 3)).toEqual(["dlv_2"]);
      expect(await ids(AT + 4, 9, { receivedAt: AT + 2, id: "dlv_2" })).toEqual(["dlv_3", "dlv_4"]);
      expect(await ids(AT + 4, 1, { receivedAt: AT + 3, id: "dlv_3" })).toEqual(["dlv_4"]);
    });
  });
}
