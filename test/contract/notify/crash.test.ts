import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { deliveryIdOf } from "../../../src/core/notify/notification.ts";
import type { RunId } from "../../../src/core/run/ids.ts";
import type { Notifications } from "../../../src/engine/ports/notifications.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { startReceiver } from "../../support/receiver.ts";
import { failed, teller } from "./given.ts";

const RUNS = 3;
const WRITES = ["enqueue", "take", "settle", "change"] as const satisfies readonly (keyof Notifications)[];

/** A store whose process dies at its n-th write: `before` it is kept, or `after`, when nobody heard of it. */
function dyingAt(store: Store, nth: number, when: "before" | "after"): { store: Store; hasDied(): boolean } {
  let count = 0;
  let isDead = false;
  const notifications = { ...store.notifications };
  for (const name of WRITES) {
    const write = store.notifications[name] as (...args: unknown[]) => Promise<unknown>;
    Object.assign(notifications, {
      [name]: async (...args: unknown[]) => {
        if (isDead) throw new Error("dead");
        count += 1;
        isDead = count === nth;
        if (!isDead) return write(...args);
        if (when === "after") await write(...args);
        throw new Error("dead");
      },
    });
  }
  return { store: { ...store, notifications }, hasDied: () => isDead };
}

it("whoever dies at any write, before or after it is kept, leaves nothing untold and tells nothing under two ids", async () => {
  const folder = mkdtempSync(join(tmpdir(), "station-notify-"));
  const receiver = await startReceiver();
  let points = 0;
  for (const when of ["before", "after"] as const)
    for (let nth = 1, died = true; died; nth++) {
      receiver.received.length = 0;
      // Some arrive, some are refused at first, one receiver is gone: every kind of write comes about.
      receiver.answers(({ path }) => ({
        status: path === "/gone" ? 410 : receiver.received.length % 3 === 1 ? 503 : 200,
      }));
      const first = await teller({ url: `file:${join(folder, `${when}-${nth}.db`)}` });
      await first.subscribed({ kind: "webhook", url: `${receiver.url}/ops` });
      await first.subscribed({ kind: "webhook", url: `${receiver.url}/gone` }, {}, "gone");
      const runs: string[] = [];
      for (let i = 0; i < RUNS; i++) runs.push(await first.happens(failed));
      const dying = dyingAt(first.ports.store, nth, when);
      const doomed = await teller({ store: dying.store });
      for (let turn = 0; turn < 6; turn++) {
        await doomed.noted().catch(() => {});
        await doomed.sent().catch(() => {});
        doomed.clock.at += 120_000;
      }
      died = dying.hasDied();
      points += died ? 1 : 0;
      // Another process takes over.
      first.clock.at = doomed.clock.at;
      for (let turn = 0; turn < 6; turn++) {
        await first.noted();
        await first.sent();
        first.clock.at += 3_600_000;
      }
      const ops = await first.subscription();
      const meant = runs.map((runId) =>
        deliveryIdOf({ subscriptionId: ops?.id ?? "", runId: runId as RunId, seq: 2, recipient: null }),
      );
      const told = receiver.received.filter(({ path }) => path === "/ops");
      expect(new Set(told.map(({ headers }) => headers["webhook-id"])), `${when}:${nth}`).toEqual(
        new Set(meant),
      );
      const all = await first.all();
      const statuses = (name: string) =>
        all.filter((one) => one.subscription === name).map((one) => one.standing.status);
      expect(statuses("ops"), `${when}:${nth}`).toEqual(Array(RUNS).fill("DELIVERED"));
      expect(await first.subscription("gone")).toMatchObject({ disabled: { because: "gone" } });
      await doomed.ports.expressions.close();
      await first.close();
    }
  expect(points).toBeGreaterThan(12);
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});
