import { expect, test } from "vitest";
import { createRole } from "./role.ts";

/** One role's lease, and how often it was asked for. */
function lease() {
  let held = { by: "", until: 0 };
  const asked: string[] = [];
  return {
    asked,
    async acquire(_role: string, holder: string, now: number, until: number) {
      asked.push(holder);
      if (held.by !== holder && held.until > now) return false;
      held = { by: holder, until };
      return true;
    },
  };
}

test("a role that another has is asked for ten times per lease, however often it would be used", async () => {
  const leases = lease();
  const clock = { at: 1_000_000, now: () => clock.at, random: () => 0.5 };
  const one = createRole({ store: { leases }, clock }, "publisher", "one", 5000);
  const other = createRole({ store: { leases }, clock }, "publisher", "other", 5000);
  const had = { one: 0, other: 0 };
  for (let tick = 0; tick < 50; tick++, clock.at += 100) {
    if (await one()) had.one++;
    if (await other()) had.other++;
  }
  expect(had).toEqual({ one: 50, other: 0 });
  expect(leases.asked.filter((holder) => holder === "other")).toHaveLength(10);
});

test("a role is taken over a tenth of a lease after its end at the latest", async () => {
  const leases = lease();
  const clock = { at: 1_000_000, now: () => clock.at, random: () => 0.5 };
  const one = createRole({ store: { leases }, clock }, "sealer", "one", 5000);
  const other = createRole({ store: { leases }, clock }, "sealer", "other", 5000);
  expect(await one()).toBe(true);
  const died = clock.at;
  while (!(await other())) clock.at += 100;
  expect(clock.at - died).toBeLessThanOrEqual(5500);
});

test("a clock that was put back does not keep a process from asking for a role", async () => {
  const leases = lease();
  const clock = { at: 1_000_000, now: () => clock.at, random: () => 0.5 };
  const one = createRole({ store: { leases }, clock }, "sealer", "one", 5000);
  const other = createRole({ store: { leases }, clock }, "sealer", "other", 5000);
  await one();
  await other();
  clock.at -= 60_000;
  await other();
  expect(leases.asked).toEqual(["one", "other", "other"]);
});

test("whose clock was put back learns that another has its role meanwhile", async () => {
  const leases = lease();
  const own = { at: 1_000_000, now: () => own.at, random: () => 0.5 };
  const others = { at: 1_000_000, now: () => others.at, random: () => 0.5 };
  const one = createRole({ store: { leases }, clock: own }, "notifier", "one", 5000);
  const other = createRole({ store: { leases }, clock: others }, "notifier", "other", 5000);
  expect(await one()).toBe(true);
  own.at -= 3_600_000;
  others.at += 6000;
  expect(await other()).toBe(true);
  expect(await one()).toBe(false);
});
