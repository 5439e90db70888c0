import { describe, expect, it } from "vitest";
import { byAge, byDeadline } from "./deadline-groups.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const asked = (name: string, inMinutes: number | null, agoMinutes = 1) => ({
  name,
  status: "PENDING",
  requestedAt: new Date(now - agoMinutes * 60_000).toISOString(),
  expiresAt: inMinutes === null ? null : new Date(now + inMinutes * 60_000).toISOString(),
});
const shown = (groups: ReturnType<typeof byDeadline<ReturnType<typeof asked>>>) =>
  groups.map(({ title, rows }) => [title, ...rows.map(({ name }) => name)]);

describe("the inbox", () => {
  it("puts what runs out first on top, and what has no deadline last", () => {
    const rows = [
      asked("never", null),
      asked("week", 10_000),
      asked("soon", 14),
      asked("today", 300),
      asked("sooner", 3),
      asked("hour", 15),
    ];
    expect(shown(byDeadline(rows, now))).toEqual([
      ["15 minutes left", "sooner", "soon"],
      ["Within the hour", "hour"],
      ["Within a day", "today"],
      ["Later", "week"],
      ["No deadline", "never"],
    ]);
  });

  it("shows of two with the same deadline the one that has waited longer first", () => {
    const rows = [asked("younger", 30, 1), asked("older", 30, 20), asked("a", null, 2), asked("b", null, 9)];
    expect(shown(byDeadline(rows, now))).toEqual([
      ["Within the hour", "older", "younger"],
      ["No deadline", "b", "a"],
    ]);
  });

  it("keeps what is over in the order it was asked", () => {
    const rows = [asked("new", 1, 5), asked("old", 1, 2000)];
    expect(shown(byAge(rows, now))).toEqual([
      ["Asked in the last 24 hours", "new"],
      ["Earlier", "old"],
    ]);
  });
});
