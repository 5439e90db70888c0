import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVault } from "../../../src/adapters/vault/vault.ts";
import {
  redeliver,
  resubscribe,
  rotateSecret,
  subscribe,
  switchSubscription,
  tryOut,
  unsubscribe,
} from "../../../src/engine/notify/administer.ts";
import { createSender } from "../../../src/engine/notify/sender.ts";
import { startReceiver } from "../../support/receiver.ts";
import { by, failed, type Teller, teller, wanted } from "./given.ts";

let receiver: Awaited<ReturnType<typeof startReceiver>>;
let station: Teller;
const place = { environment: "default", name: "ops" };
const hook = () => ({ kind: "webhook", url: `${receiver.url}/hook` }) as const;

beforeEach(async () => {
  receiver = await startReceiver();
  station = await teller();
});
afterEach(async () => {
  await station.close();
  await receiver.close();
});

/** What the receiver believes: the library checks against the clock of this machine. */
function verified(secret: string, at = 0): unknown {
  const received = receiver.received[at];
  if (!received) throw new Error("nothing was received");
  const { body, headers } = received;
  const seconds = Number(headers["webhook-timestamp"]);
  expect(seconds).toBe(Math.floor(station.clock.at / 1000));
  const webhook = new Webhook(secret);
  const signature = webhook.sign(String(headers["webhook-id"]), new Date(seconds * 1000), body);
  expect(String(headers["webhook-signature"]).split(" ")).toContain(signature);
  return JSON.parse(body);
}

describe("a webhook", () => {
  it("is sent what happened, signed so that its receiver believes it", async () => {
    const secret = await station.subscribed(hook());
    const runId = await station.happens(failed);
    await station.noted();
    await station.sent();
    expect(receiver.received.map(({ path }) => path)).toEqual(["/hook"]);
    expect(verified(secret)).toEqual({
      type: "run.failed",
      timestamp: "2027-01-15T08:00:00.000Z",
      data: {
        runId,
        workflowId: "triage",
        workflowVersion: 1,
        environment: "default",
        startedBy: "user:ana",
        labels: {},
        status: "FAILED",
        message: "it broke",
        link: `https://station.example/runs/${runId}`,
        approval: null,
      },
    });
    const delivery = await station.delivery();
    expect(receiver.received[0]?.headers["webhook-id"]).toBe(delivery.id);
    expect(delivery).toMatchObject({
      subscription: "ops",
      attempts: 1,
      standing: { status: "DELIVERED" },
      latest: { status: 200, answer: "ok", error: null },
    });
  });

  it("is told of what happens from its making on, of what it asked for, and once", async () => {
    await station.happens(failed);
    await station.subscribed(hook());
    const runId = await station.happens({ type: "run.resumed" }, failed, {
      type: "run.cancelled",
      reason: null,
    });
    await station.noted();
    await station.noted();
    await station.sent();
    expect(receiver.received.map(({ body }) => JSON.parse(body).data.runId)).toEqual([runId]);
  });

  it("that is down for hours gets it when it is back, under the id it had", async () => {
    const secret = await station.subscribed(hook());
    await station.happens(failed);
    receiver.answers(() => ({ status: 503 }));
    await station.noted();
    const pauses: number[] = [];
    while (receiver.received.length < 6) {
      await station.sent();
      const { standing } = await station.delivery();
      if (standing.status !== "PENDING") throw new Error(standing.status);
      pauses.push((standing.dueAt - station.clock.at) / 1000);
      station.clock.at = standing.dueAt;
    }
    const meant = [5, 300, 1800, 7200, 18_000, 36_000];
    for (const [index, seconds] of meant.entries())
      expect(Math.abs((pauses[index] ?? 0) / seconds - 1)).toBeLessThanOrEqual(0.1);
    receiver.answers(() => ({ status: 204 }));
    await station.sent();
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    verified(secret, 6);
    expect(await station.delivery()).toMatchObject({ attempts: 7, standing: { status: "DELIVERED" } });
  });

  it("that never answers is given up after ten attempts, visibly, until somebody sends it again", async () => {
    await station.subscribed(hook());
    await station.happens(failed);
    receiver.answers(() => ({ status: 500, body: "boom" }));
    await station.noted();
    for (let attempt = 1; attempt <= 10; attempt++) {
      await station.sent();
      const { standing } = await station.delivery();
      station.clock.at = standing.status === "PENDING" ? standing.dueAt : station.clock.at;
    }
    const dead = await station.delivery();
    expect(dead).toMatchObject({
      attempts: 10,
      standing: { status: "DEAD" },
      latest: { status: 500, answer: "boom", error: "it answered 500" },
    });
    expect(station.lines.at(-1)).toBe("notification given up");
    station.clock.at += 86_400_000;
    await station.sent();
    expect(receiver.received).toHaveLength(10);

    receiver.answers(() => ({ status: 200 }));
    expect(await redeliver(station.ports, dead.id, by)).toBe("redelivered");
    await station.sent();
    expect(await station.delivery()).toMatchObject({ attempts: 1, standing: { status: "DELIVERED" } });
    expect(receiver.received.at(-1)?.headers["webhook-id"]).toBe(dead.id);
    expect(await station.told()).toContain("notification.redelivered");
  });

  it.each([
    ["in seconds", () => "120"],
    ["in fractions of a second", () => "119.9991"],
    ["by a date", (now: number) => new Date(now + 120_000).toUTCString()],
  ])("is left alone for as long as it asks %s", async (_, asked) => {
    await station.subscribed(hook());
    await station.happens(failed);
    station.clock.at -= station.clock.at % 1000;
    receiver.answers(() => ({ status: 429, headers: { "retry-after": asked(station.clock.at) } }));
    await station.noted();
    await station.sent();
    expect((await station.delivery()).standing).toEqual({
      status: "PENDING",
      dueAt: station.clock.at + 120_000,
    });
  });

  it("that says there is nobody any more is disabled, and the trail says why", async () => {
    await station.subscribed(hook());
    await station.happens(failed);
    await station.happens(failed);
    receiver.answers(() => ({ status: 410 }));
    await station.noted();
    await station.sent();
    expect(await station.subscription()).toMatchObject({ disabled: { by: "system", because: "gone" } });
    expect((await station.told())[0]).toBe("subscription.disabled");
    expect(new Set((await station.all()).map(({ standing }) => standing.status)).has("DEAD")).toBe(true);
    await station.happens(failed);
    await station.noted();
    expect(await station.all()).toHaveLength(2);
  });

  it("is not followed when it leads elsewhere, and not called inside", async () => {
    await station.subscribed(hook());
    await station.happens(failed);
    receiver.answers(() => ({
      status: 302,
      headers: { location: "http://169.254.169.254/latest/meta-data/" },
    }));
    await station.noted();
    await station.sent();
    expect(await station.delivery()).toMatchObject({
      standing: { status: "PENDING" },
      latest: { status: 302, error: "it answered 302, and redirects are not followed" },
    });
    expect(receiver.received).toHaveLength(1);
    const strict = await teller({ allowed: [] });
    expect(await subscribe(strict.ports, place, wanted(hook()), by)).toMatchObject({
      status: "unfit",
      pointer: "/channel/url",
      message: expect.stringContaining("private network"),
    });
    // A name says nothing before it is looked up.
    await strict.subscribed({ kind: "webhook", url: receiver.url.replace("127.0.0.1", "localhost") });
    await strict.happens(failed);
    await strict.noted();
    await strict.sent();
    expect(await strict.delivery()).toMatchObject({
      standing: { status: "DEAD" },
      latest: { status: null, error: expect.stringContaining("private network") },
    });
    expect(receiver.received).toHaveLength(1);
    await strict.close();
  });

  it("is signed with the old secret too for a while after it got a new one", async () => {
    const old = await station.subscribed(hook());
    const made = await rotateSecret(station.ports, place, 60_000, by);
    if (made.status !== "made" || made.secret === null) throw new Error("no new secret");
    const tell = async () => {
      await station.happens(failed);
      await station.noted();
      await station.sent();
    };
    await tell();
    verified(old);
    verified(made.secret);
    // The answer to that was lost, and somebody asks again: what the receiver knows still counts.
    const again = await rotateSecret(station.ports, place, 60_000, by);
    if (again.status !== "made" || again.secret === null) throw new Error("no new secret");
    await tell();
    verified(old, 1);
    verified(again.secret, 1);
    station.clock.at += 60_000;
    await tell();
    verified(again.secret, 2);
    expect(String(receiver.received[2]?.headers["webhook-signature"]).split(" ")).toHaveLength(1);
  });

  it("keeps its secret when its settings change, and without the key nothing is sent unsigned", async () => {
    const secret = await station.subscribed(hook());
    const other = { kind: "webhook", url: `${receiver.url}/other` } as const;
    const made = await resubscribe(station.ports, place, wanted(other), by);
    expect(made).toMatchObject({ status: "made", secret: null });
    await station.happens(failed);
    await station.noted();
    const keyless = { ...station.ports, vault: createVault(["x".repeat(32)]) };
    const sender = createSender(keyless, { holder: "w2", concurrency: 1, leaseMs: 60_000 });
    await sender.sendDue();
    await sender.idle();
    expect(receiver.received).toEqual([]);
    const { standing, latest } = await station.delivery();
    expect(latest?.error).toContain("STATION_SECRET_KEYS");
    station.clock.at = standing.status === "PENDING" ? standing.dueAt : 0;
    await station.sent();
    expect(receiver.received.map(({ path }) => path)).toEqual(["/other"]);
    verified(secret);
  });

  it("whose key is lost gets a new secret under the new one, and is signed with that alone", async () => {
    await station.subscribed(hook());
    const vault = createVault(["x".repeat(32)]);
    const made = await rotateSecret({ ...station.ports, vault }, place, 60_000, by);
    if (made.status !== "made" || made.secret === null) throw new Error("no new secret");
    await station.happens(failed);
    await station.noted();
    const sender = createSender(
      { ...station.ports, vault },
      { holder: "w2", concurrency: 1, leaseMs: 60_000 },
    );
    await sender.sendDue();
    await sender.idle();
    verified(made.secret);
    expect(String(receiver.received[0]?.headers["webhook-signature"]).split(" ")).toHaveLength(1);
  });

  it("that is disabled waits with what is on its way, and is not told of what happens meanwhile", async () => {
    await station.subscribed(hook());
    const before = await station.happens(failed);
    await station.noted();
    await switchSubscription(station.ports, place, false, by);
    await station.happens(failed);
    await station.noted();
    await station.sent();
    expect(receiver.received).toEqual([]);
    await switchSubscription(station.ports, place, true, by);
    await station.sent();
    expect(receiver.received.map(({ body }) => JSON.parse(body).data.runId)).toEqual([before]);
  });

  it("that is removed gets nothing more, and what was on its way is seen to be dropped", async () => {
    await station.subscribed(hook());
    await station.happens(failed);
    await station.noted();
    expect(await unsubscribe(station.ports, place, by)).toBe(true);
    await station.sent();
    const { id, standing } = await station.delivery();
    expect(standing.status).toBe("DROPPED");
    expect(await redeliver(station.ports, id, by)).toBe("gone");
    expect(receiver.received).toEqual([]);
    // Another of the same name is another one.
    await station.subscribed(hook());
    await station.noted();
    await station.sent();
    expect(receiver.received).toEqual([]);
  });

  it("can be tried out at once, and a failure is told as it is", async () => {
    const secret = await station.subscribed(hook());
    expect(await tryOut(station.ports, place, by)).toMatchObject([{ verdict: "delivered", status: 200 }]);
    expect(verified(secret)).toMatchObject({ type: "notification.test", data: { subscription: "ops" } });
    receiver.answers(() => ({ status: 404, body: "no such hook" }));
    expect(await tryOut(station.ports, place, by)).toMatchObject([
      { verdict: "failed", status: 404, answer: "no such hook", error: "it answered 404" },
    ]);
    expect(await station.all()).toEqual([]);
  });
});

describe("whoever sends", () => {
  it("and dies between sending and writing it down leaves it to be sent again under the same id", async () => {
    await station.subscribed(hook());
    await station.happens(failed);
    await station.noted();
    // What the process would have written is lost with it.
    const { notifications } = station.ports.store;
    const dying = {
      ...station.ports,
      store: {
        ...station.ports.store,
        notifications: { ...notifications, settle: () => Promise.reject(new Error("dead")) },
      },
    };
    const sender = createSender(dying, { holder: "w2", concurrency: 1, leaseMs: 60_000 });
    await sender.sendDue();
    await sender.idle();
    expect(receiver.received).toHaveLength(1);
    await station.sent();
    expect(receiver.received).toHaveLength(1);
    station.clock.at += 60_000;
    await station.sent();
    const [first, second] = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(second).toBe(first);
    expect(await station.delivery()).toMatchObject({ attempts: 2, standing: { status: "DELIVERED" } });
  });

  it("late does not overrule whoever took it over", async () => {
    await station.subscribed(hook());
    await station.happens(failed);
    await station.noted();
    const { notifications } = station.ports.store;
    const [late] = await notifications.take({
      now: station.clock.at,
      until: station.clock.at + 10,
      limit: 1,
      busy: [],
      holder: "w1",
    });
    if (!late) throw new Error("nothing was due");
    station.clock.at += 10;
    await station.sent();
    const latest = { at: 0, ms: 0, status: null, answer: null, error: "late" };
    const standing = { status: "DEAD", at: station.clock.at } as const;
    expect(await notifications.settle(late, { latest, standing })).toBe(false);
    expect((await station.delivery()).standing.status).toBe("DELIVERED");
  });

  it("twice at once sends each once", async () => {
    await station.subscribed(hook());
    for (let i = 0; i < 20; i++) await station.happens(failed);
    await station.noted();
    const other = createSender(station.ports, { holder: "w2", concurrency: 16, leaseMs: 60_000 });
    while (receiver.received.length < 20) {
      await Promise.all([station.sender.sendDue(), other.sendDue()]);
      await Promise.all([station.sender.idle(), other.idle()]);
    }
    await station.sent();
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(20);
    expect(receiver.received).toHaveLength(20);
  });

  it("is not held up by a receiver that hangs", async () => {
    let release = () => {};
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    receiver.answers(async ({ path }) => {
      if (path === "/hangs") await hanging;
      return { status: 200 };
    });
    await station.subscribed({ kind: "webhook", url: `${receiver.url}/hangs` }, {}, "hangs");
    await station.subscribed(hook());
    for (let i = 0; i < 10; i++) await station.happens(failed);
    await station.noted();
    const answered = () => receiver.received.filter(({ path }) => path === "/hook").length;
    while (answered() < 10) {
      await station.sender.sendDue();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(receiver.received.filter(({ path }) => path === "/hangs")).toHaveLength(4);
    release();
    await station.sent();
    expect(new Set((await station.all()).map(({ standing }) => standing.status))).toEqual(
      new Set(["DELIVERED"]),
    );
  });
});

describe("whoever notes what happened", () => {
  it("and dies before it is kept notes it again, once", async () => {
    await station.subscribed(hook());
    await station.happens(failed);
    const { notifications } = station.ports.store;
    const enqueue = station.ports.store.notifications.enqueue;
    Object.assign(notifications, { enqueue: () => Promise.reject(new Error("dead")) });
    await expect(station.noted()).rejects.toThrow("dead");
    expect(await station.all()).toEqual([]);
    // Kept, but nobody heard.
    Object.assign(notifications, {
      enqueue: async (...args: Parameters<typeof enqueue>) => {
        await enqueue(...args);
        throw new Error("dead");
      },
    });
    await expect(station.noted()).rejects.toThrow("dead");
    Object.assign(notifications, { enqueue });
    await station.noted();
    expect(await station.all()).toHaveLength(1);
  });
});
