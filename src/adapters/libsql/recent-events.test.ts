import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Recorded } from "../../core/run/events.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { EventRow } from "./prepare.ts";
import { RecentEvents } from "./recent-events.ts";

const runId = "run_a" as RunId;

/** Events of one commit, at one moment each. */
function events(count: number, at = 0): readonly Recorded[] {
  return Array.from({ length: count }, (_, index) => ({
    at: at + index,
    actor: "user:ana",
    channel: "api",
    event: { type: "run.resumed" },
  }));
}

/** Keeps what one commit left: its events, as they are and as they were written; `last` has the last one's numbers. */
function keep(
  recent: RecentEvents,
  committed: readonly Recorded[],
  last: { readonly seq: number; readonly position: number },
  characters = 10,
): void {
  const written = committed.map(
    ({ at, actor, channel, event }): EventRow => [
      at,
      actor,
      channel,
      event.type,
      JSON.stringify(event),
      null,
    ],
  );
  recent.add({ runId, events: committed }, written, last, characters);
}

/** What is followed from its first event on. */
function followed(): RecentEvents {
  const recent = new RecentEvents();
  expect(recent.since(0, 1)).toBe(null);
  return recent;
}

describe("the newest events", () => {
  it("come with their own numbers, from wherever somebody stands", () => {
    const recent = followed();
    keep(recent, events(2, 100), { seq: 2, position: 12 });
    keep(recent, events(1, 200), { seq: 3, position: 13 });
    const common = { runId, actor: "user:ana", channel: "api", event: { type: "run.resumed" }, hash: null };
    expect(recent.since(11, 10)).toEqual([
      { ...common, position: 12, seq: 2, at: 101 },
      { ...common, position: 13, seq: 3, at: 200 },
    ]);
    expect(recent.since(10, 1)).toEqual([{ ...common, position: 11, seq: 1, at: 100 }]);
  });

  it("come as they were written, for whoever seals them", () => {
    const recent = followed();
    keep(recent, events(2, 100), { seq: 2, position: 12 });
    const written = { runId, actor: "user:ana", channel: "api", spilled: null };
    const text = { type: "run.resumed", data: '{"type":"run.resumed"}' };
    expect(recent.textsSince(11, 10)).toEqual([{ ...written, ...text, position: 12, seq: 2, at: 101 }]);
    expect(recent.textsSince(12, 10)).toBe(null);
  });

  it("are not here for whoever stands before them, or has had them all", () => {
    const recent = followed();
    keep(recent, events(2), { seq: 2, position: 12 });
    expect(recent.since(9, 10)).toBe(null);
    expect(recent.since(12, 10)).toBe(null);
  });

  it("are kept for nobody as long as nobody asks", () => {
    const recent = new RecentEvents();
    keep(recent, events(2), { seq: 2, position: 2 });
    expect(recent.since(0, 10)).toBe(null);
  });

  it("do not reach over what somebody else may have committed", () => {
    const recent = followed();
    keep(recent, events(2), { seq: 2, position: 2 });
    keep(recent, events(2), { seq: 5, position: 5 });
    expect(recent.since(0, 10)).toBe(null);
    expect(recent.since(2, 10)).toBe(null);
    expect(recent.since(3, 10)?.map(({ position }) => position)).toEqual([4, 5]);
  });

  it.each([
    ["in number", 4_000, 10],
    ["in size", 10, 2_000_000],
  ])("are limited %s: the oldest go", (_, count, characters) => {
    const recent = followed();
    for (let commit = 1; commit <= 20; commit++)
      keep(recent, events(count), { seq: commit * count, position: commit * count }, characters);
    expect(recent.since(0, 10)).toBe(null);
    expect(recent.since(19 * count, count)).toHaveLength(count);
  });

  it("leave out none, whatever was committed and however it is asked for", () => {
    const commit = fc.record({ count: fc.nat(4), lost: fc.oneof(fc.constant(0), fc.nat(3)) });
    fc.assert(
      fc.property(fc.array(commit), fc.nat(40), fc.integer({ min: 1, max: 10 }), (commits, after, limit) => {
        const recent = followed();
        let position = 0;
        const known = new Set<number>();
        for (const { count, lost } of commits) {
          position += lost + count;
          for (let at = position - count + 1; at <= position; at++) known.add(at);
          keep(recent, events(count), { seq: position, position }, 1);
        }
        const found = recent.since(after, limit)?.map((event) => event.position) ?? [];
        expect(found).toEqual(found.map((_, index) => after + 1 + index));
        expect(found.filter((at) => !known.has(at))).toEqual([]);
      }),
    );
  });
});
