import { describe, expect, it } from "vitest";
import { ADMIN_CHAIN_START, type AdminText, adminHash } from "./admin-chain.ts";
import { chainHash, chainStart, purged, type SealedText } from "./chain.ts";
import { differencesFrom, markOf, marksIn } from "./marks.ts";

const event: SealedText = {
  runId: "run_1",
  seq: 3,
  type: "step.succeeded",
  at: 1_800_000_000_000,
  actor: "worker:w1",
  channel: "worker",
  data: '{"type":"step.succeeded","output":"@abc"}',
  spilled: "output",
};

/** One edit of every field that is kept. */
const EDITS: readonly Partial<SealedText>[] = [
  { type: "step.failed" },
  { at: event.at + 1 },
  { actor: "worker:w2" },
  { channel: "api" },
  { spilled: null },
  { data: event.data.replace("abc", "abd") },
];

describe("a run's chain", () => {
  const start = chainStart("run_1");

  it("changes with every field of an event, its place, its run and what came before", () => {
    const others = [...EDITS, { seq: 4 }, { runId: "run_2" }].map((edit) => ({ ...event, ...edit }));
    const hashes = [event, ...others].map((one) => chainHash(start, one));
    hashes.push(chainHash(chainStart("run_2"), event));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("holds with the digest of data that was purged, in place of the data", () => {
    const gone = { ...event, data: purged(event.data) };
    expect(chainHash(start, gone)).toBe(chainHash(start, event));
    expect(purged(gone.data)).toBe(gone.data);
    expect(gone.data).not.toContain("abc");
  });

  it("is written in one way for ever", () => {
    expect(chainHash(start, event)).toBe("46d6d4e71d37eff66a24528c83c7a5eb4fd7f5a998ef4c7a8adbb66365eeba94");
  });
});

describe("a mark", () => {
  it("tells which field of an event was changed", () => {
    const mark = markOf(event);
    expect(EDITS.map((edit) => differencesFrom(mark, { ...event, ...edit }))).toEqual([
      ["type"],
      ["at"],
      ["actor"],
      ["channel"],
      ["spilled"],
      ["data"],
    ]);
    expect(differencesFrom(mark, event)).toEqual([]);
    expect(differencesFrom(mark, { ...event, data: purged(event.data) })).toEqual([]);
  });

  it("is found again among those of other events", () => {
    const marks = EDITS.map((edit) => markOf({ ...event, ...edit }));
    expect(marksIn(marks.join(""))).toEqual(marks);
  });
});

describe("the chain of what was changed about Station itself", () => {
  it("changes with every field of an event", () => {
    const one: AdminText = {
      position: 1,
      id: "adm_1",
      at: 1,
      actor: "user:ana",
      channel: "api",
      action: "key.created",
      environment: "prod",
      subject: "key:prod/ci",
      data: "{}",
    };
    const edits: readonly Partial<AdminText>[] = [
      ...[{}, { position: 2 }, { id: "adm_2" }, { at: 2 }, { actor: "user:ben" }, { channel: "sync" }],
      ...[{ action: "key.revoked" }, { environment: null }, { subject: "key:prod/cd" }, { data: "[]" }],
    ];
    const hashes = edits.map((edit) => adminHash(ADMIN_CHAIN_START, { ...one, ...edit }));
    expect(new Set(hashes).size).toBe(edits.length);
  });
});
