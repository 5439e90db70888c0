import { describe, expect, test } from "vitest";
import { samplePayload } from "../../../src/core/notify/sample.ts";
import type { Subscription } from "../../../src/core/notify/subscription.ts";
import type { ApprovalId, RunId } from "../../../src/core/run/ids.ts";
import type { AdminEvent } from "../../../src/engine/ports/admin-events.ts";
import type { NewDelivery } from "../../../src/engine/ports/notifications.ts";
import { AT, approval, committed, creating, recorded, startedRun, transition } from "./given.ts";
import type { Subject } from "./subject.ts";

const RUN = "run_1" as RunId;

const subscription = (id: string, change: Partial<Subscription> = {}): Omit<Subscription, "since"> => ({
  id,
  environment: "prod",
  name: id,
  types: ["run.failed"],
  workflows: ["triage"],
  labels: { team: "web" },
  channel: { kind: "webhook", url: "https://example.com/hook", sealed: "v1.x" },
  template: {},
  disabled: null,
  createdAt: AT,
  createdBy: "user:ana",
  updatedAt: AT,
  revision: 1,
  ...change,
});

let events = 0;
const event = (action = "subscription.created"): AdminEvent => ({
  id: `adm_n${++events}`,
  at: AT,
  actor: "user:ana",
  channel: "api",
  action,
  environment: "prod",
  subject: "subscription:prod/ops",
  data: {},
});

const delivery = (id: string, subscriptionId: string, change: Partial<NewDelivery> = {}): NewDelivery => ({
  id,
  subscriptionId,
  recipient: null,
  runId: RUN,
  approvalId: null,
  payload: samplePayload("run.failed"),
  createdAt: AT,
  ...change,
});

const latest = { at: AT, ms: 3, status: 200, answer: "ok", error: null };

/** Who is told of what, and what is on its way to them. */
export function notificationContract(subject: () => Subject): void {
  const store = () => subject().store;
  const notifications = () => store().notifications;
  const take = (now: number, until: number, limit: number, busy: readonly string[] = [], holder = "w1") =>
    notifications().take({ now, until, limit, busy, holder });
  /** What was done to subscriptions and deliveries, newest first. */
  const told = async () =>
    (await store().adminEvents.list(null, { limit: 10 })).flatMap(({ action, subject }) =>
      subject.startsWith("subscription:") ? [action] : [],
    );
  const statuses = async () =>
    Object.fromEntries(
      (await notifications().deliveries({ environments: null }, { limit: 50 })).map(({ id, standing }) => [
        id,
        standing.status,
      ]),
    );
  const enqueued = async (...all: readonly NewDelivery[]) => {
    await committed(store(), creating(RUN));
    await notifications().enqueue(all, { name: "notified", to: 1 });
  };

  describe("subscriptions", () => {
    test("are found as they were made, whatever way they go, behind what had happened by then", async () => {
      await committed(store(), creating(RUN));
      const since = await store().queries.lastPosition();
      const all = [
        subscription("a"),
        subscription("b", {
          channel: { kind: "slack", host: "hooks.slack.com", sealed: "v1.y" },
          template: { text: "{{ data.runId }}" },
          disabled: { at: AT, by: "user:ben", because: "operator" },
        }),
        subscription("c", {
          environment: "staging",
          channel: { kind: "mail", to: ["ops@example.com"], approvers: true },
          workflows: [],
          labels: {},
        }),
      ];
      for (const one of all) expect(await notifications().add(one, event())).toBe(true);
      expect(await notifications().add(subscription("d", { name: "a" }), event())).toBe(false);
      expect(await notifications().list(null)).toEqual(all.map((one) => ({ ...one, since })));
      expect(await notifications().list(["staging"])).toEqual([{ ...all[2], since }]);
      expect(await notifications().find("prod", "b")).toEqual({ ...all[1], since });
      expect(await notifications().byId("c")).toEqual({ ...all[2], since });
      expect([await notifications().find("staging", "a"), await notifications().byId("z")]).toEqual([
        null,
        null,
      ]);
      expect(await told()).toHaveLength(3);
    });

    test("change only as they were read, each change with its event", async () => {
      await notifications().add(subscription("a"), event());
      const read = await notifications().find("prod", "a");
      if (!read) throw new Error("not found");
      const next = { ...read, types: ["run.completed"] as const, revision: 2, updatedAt: AT + 5 };
      expect(await notifications().change(next, event("subscription.changed"))).toBe(true);
      expect(await notifications().change({ ...read, revision: 2 }, event("subscription.changed"))).toBe(
        false,
      );
      expect(await notifications().find("prod", "a")).toEqual(next);
      expect(await notifications().remove(read, event("subscription.removed"))).toBe(false);
      expect(await notifications().remove(next, event("subscription.removed"))).toBe(true);
      expect(await notifications().find("prod", "a")).toBeNull();
      expect(await told()).toEqual(["subscription.removed", "subscription.changed", "subscription.created"]);
    });
  });

  describe("what is told", () => {
    test("are the events that matter, with what is known of run and approval, and how far that looked", async () => {
      const check = await startedRun(store(), RUN);
      const asked = approval(check);
      const about = { branch: check.branch, state: check.state, stepId: check.id, approvalId: asked.id };
      await committed(
        store(),
        transition(RUN, {
          approvals: [asked],
          waiting: { approvals: 1, signals: 0 },
          events: [
            recorded({ type: "run.resumed" }),
            recorded({ type: "approval.reminded", ...about, expiresAt: null }),
            recorded({ type: "run.cancelled", reason: "no" }),
          ],
        }),
      );
      const last = await store().queries.lastPosition();
      const run = {
        runId: RUN,
        workflowId: "triage",
        workflowVersion: 1,
        environment: "default",
        startedBy: "user:ana",
        labels: {},
      };
      const batch = await notifications().happened(0, 10);
      expect(batch).toMatchObject({ to: last, more: false });
      expect(batch.events).toMatchObject([
        {
          event: { type: "approval.reminded" },
          run,
          approval: { id: asked.id, message: "Restart the database?", approvers: ["team:sre"] },
        },
        { event: { type: "run.cancelled", reason: "no" }, run, approval: null },
      ]);
      expect(await notifications().happened(0, 1)).toMatchObject({ to: last - 1, more: true, events: [{}] });
      expect(await notifications().happened(last, 10)).toEqual({ to: last, more: false, events: [] });
    });

    test("is kept with how far it was worked through, once however often", async () => {
      await notifications().add(subscription("a"), event());
      await enqueued(delivery("ntf_1", "a"), delivery("ntf_2", "gone"));
      await notifications().enqueue(
        [delivery("ntf_1", "a", { createdAt: AT + 9 }), delivery("ntf_3", "a", { runId: "run_no" as RunId })],
        { name: "notified", to: 7 },
      );
      expect(await notifications().deliveries({ environments: null }, { limit: 10 })).toEqual([
        {
          ...delivery("ntf_1", "a"),
          environment: "prod",
          subscription: "a",
          channel: "webhook",
          standing: { status: "PENDING", dueAt: AT },
          attempts: 0,
          latest: null,
        },
      ]);
      expect(await store().cursors.read("notified")).toBe(7);
    });
  });

  test("more than a server takes as one value is kept in parts", async () => {
    await notifications().add(subscription("a"), event());
    const { data, ...payload } = samplePayload("run.failed");
    const long = { payload: { ...payload, data: { ...data, message: "x".repeat(18_000) } } };
    await enqueued(...Array.from({ length: 300 }, (_, index) => delivery(`ntf_${index}`, "a", long)));
    expect(Object.keys(await statuses())).toHaveLength(50);
    expect(await store().cursors.read("notified")).toBe(1);
  });

  describe("deliveries", () => {
    test("are taken by one at a time, and due again when nobody settles them", async () => {
      await notifications().add(subscription("a"), event());
      await enqueued(delivery("ntf_1", "a", { approvalId: "apr_1" as ApprovalId }));
      expect(await notifications().nextDueAt()).toBe(AT);
      expect(await take(AT - 1, AT + 60, 5, [])).toEqual([]);
      const { createdAt: _, ...of } = delivery("ntf_1", "a", { approvalId: "apr_1" as ApprovalId });
      expect(await take(AT, AT + 60, 5, [])).toEqual([{ ...of, attempts: 1, claim: 1 }]);
      expect(await take(AT, AT + 60, 5, [])).toEqual([]);
      expect(await notifications().nextDueAt()).toBe(AT + 60);
      const [again] = await take(AT + 60, AT + 120, 5, []);
      expect(again).toMatchObject({ attempts: 2, claim: 2 });
      const done = { latest, standing: { status: "DELIVERED", at: AT } } as const;
      expect(await notifications().settle({ id: "ntf_1", claim: 1 }, done)).toBe(false);
      expect(await notifications().settle({ id: "ntf_1", claim: 2 }, done)).toBe(true);
      expect(await notifications().settle({ id: "ntf_1", claim: 2 }, done)).toBe(false);
      expect(await notifications().nextDueAt()).toBeNull();
      expect(await notifications().delivery("ntf_1")).toMatchObject({ ...done, attempts: 2 });
    });

    test("of a process that is gone are due at once, those of one that lives are left to it", async () => {
      await notifications().add(subscription("a"), event());
      await enqueued(delivery("ntf_1", "a"), delivery("ntf_2", "a"));
      await store().leases.renew("w1", AT + 50);
      await store().leases.renew("w2", AT + 90);
      const [dying] = await take(AT, AT + 60_000, 1, [], "w1");
      const [living] = await take(AT, AT + 60_000, 1, [], "w2");
      expect(await notifications().releaseOrphans(AT + 49)).toBe(0);
      expect(await notifications().releaseOrphans(AT + 50)).toBe(1);
      expect(await notifications().releaseOrphans(AT + 50)).toBe(0);
      expect(await take(AT + 50, AT + 60_000, 5, [], "w2")).toMatchObject([{ id: dying?.id, claim: 2 }]);
      const done = { latest, standing: { status: "DELIVERED", at: AT } } as const;
      expect(await notifications().settle({ id: living?.id ?? "", claim: 1 }, done)).toBe(true);
      expect(await notifications().settle({ id: dying?.id ?? "", claim: 1 }, done)).toBe(false);
      expect(await notifications().releaseOrphans(AT + 1000)).toBe(1);
    });

    test("are each taken by one of two processes that ask at once", async () => {
      const other = (await subject().other?.()) ?? store();
      for (const id of ["a", "b"]) await notifications().add(subscription(id), event());
      await enqueued(...["a", "b"].flatMap((id) => [1, 2, 3].map((n) => delivery(`ntf_${id}${n}`, id))));
      const order = { now: AT, until: AT + 60, limit: 2, busy: [] };
      const both = await Promise.all(
        [store(), other, store(), other].map((one, index) =>
          one.notifications.take({ ...order, holder: `w${index}` }),
        ),
      );
      const ids = both.flat().map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(6);
      if (other !== store()) await other.close();
    });

    test("of one subscription do not crowd out the others, those of disabled and busy ones wait", async () => {
      for (const id of ["a", "b", "c"]) await notifications().add(subscription(id), event());
      await enqueued(
        ...["a", "b", "c"].flatMap((id) => [1, 2, 3, 4, 5, 6].map((n) => delivery(`ntf_${id}${n}`, id))),
      );
      const b = await notifications().byId("b");
      if (!b) throw new Error("not found");
      const disabled = { at: AT, by: "user:ana", because: "operator" } as const;
      await notifications().change({ ...b, disabled, revision: 2 }, event());
      const taken = await take(AT, AT + 60, 50, ["c"]);
      expect(taken.map(({ subscriptionId }) => subscriptionId)).toEqual(["a", "a", "a", "a"]);
      expect(await take(AT, AT + 60, 1, [])).toHaveLength(1);
    });

    test("are dropped with their subscription, sent again on request while it is there, and go with their run", async () => {
      for (const id of ["a", "b"]) await notifications().add(subscription(id), event());
      await enqueued(delivery("ntf_a", "a"), delivery("ntf_b", "b"));
      await take(AT, AT + 60, 5, []);
      const dead = { latest, standing: { status: "DEAD", at: AT } } as const;
      await notifications().settle({ id: "ntf_b", claim: 1 }, dead);
      await notifications().remove({ id: "a", revision: 1 }, event("subscription.removed"));
      expect(await statuses()).toEqual({ ntf_a: "DROPPED", ntf_b: "DEAD" });
      expect(await notifications().redeliver("ntf_a", AT + 5, event("redelivered"))).toBe(false);
      expect(await notifications().redeliver("ntf_no", AT + 5, event("redelivered"))).toBe(false);
      expect(await notifications().redeliver("ntf_b", AT + 5, event("redelivered"))).toBe(true);
      expect(await told()).toEqual([
        "redelivered",
        "subscription.removed",
        "subscription.created",
        "subscription.created",
      ]);
      expect(await notifications().delivery("ntf_b")).toMatchObject({
        attempts: 0,
        standing: { status: "PENDING", dueAt: AT + 5 },
      });
      expect(await notifications().prune(AT, 10)).toBe(0);
      expect(await notifications().prune(AT + 1, 10)).toBe(1);
      expect(await statuses()).toEqual({ ntf_b: "PENDING" });
    });

    test("are listed newest first, by what is asked for", async () => {
      for (const id of ["a", "b"]) await notifications().add(subscription(id), event());
      await enqueued(
        delivery("ntf_1", "a"),
        delivery("ntf_2", "b", { createdAt: AT + 1 }),
        delivery("ntf_3", "a", { createdAt: AT + 1 }),
      );
      const ids = async (
        filter: Partial<Parameters<ReturnType<typeof notifications>["deliveries"]>[0]>,
        before?: { at: number; id: string },
      ) =>
        (
          await notifications().deliveries(
            { environments: null, ...filter },
            { limit: 10, ...(before && { before }) },
          )
        ).map(({ id }) => id);
      expect(await ids({})).toEqual(["ntf_3", "ntf_2", "ntf_1"]);
      expect(await ids({}, { at: AT + 1, id: "ntf_3" })).toEqual(["ntf_2", "ntf_1"]);
      expect(await ids({ subscription: "b" })).toEqual(["ntf_2"]);
      expect(await ids({ status: ["DEAD", "DELIVERED"] })).toEqual([]);
      expect(await ids({ status: ["PENDING"], runId: RUN })).toHaveLength(3);
      expect([await ids({ environments: ["staging"] }), await ids({ environments: [] })]).toEqual([[], []]);
    });
  });
}
