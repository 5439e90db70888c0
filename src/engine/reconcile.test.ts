import { expect, test, vi } from "vitest";
import { reconcile } from "./reconcile.ts";

test("a clock that was put back keeps nobody from looking for what is stranded", async () => {
  const clock = { at: 7_200_000, now: () => clock.at, random: () => 0.5 };
  const wakeStranded = vi.fn(async () => 0);
  const wakeOrphans = vi.fn(async () => 0);
  const leases = { silent: async () => [], end: async () => true, wakeOrphans, wakeStranded };
  const store = { leases, agents: { sweep: async () => 0 } };
  const quiet = () => {};
  const ports = { store, queue: {}, clock, log: { info: quiet, warn: quiet, error: quiet } };
  const stop = new AbortController();
  const given = ports as unknown as Parameters<typeof reconcile>[0];
  const ended = reconcile(given, { orphansEveryMs: 1, strandedEveryMs: 60_000 }, quiet, stop.signal);
  const rounds = async (count: number) => {
    const target = wakeOrphans.mock.calls.length + count;
    await vi.waitFor(() => expect(wakeOrphans.mock.calls.length).toBeGreaterThanOrEqual(target));
  };
  await rounds(3);
  expect(wakeStranded).not.toHaveBeenCalled();
  clock.at -= 3_600_000;
  await rounds(3);
  expect(wakeStranded.mock.calls).toEqual([[3_600_000]]);
  clock.at += 60_000;
  await rounds(3);
  expect(wakeStranded).toHaveBeenCalledTimes(2);
  stop.abort();
  await ended;
});
