import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { LibsqlStore } from "../../../src/adapters/libsql/store.ts";
import { openTracedStore } from "../../../src/adapters/libsql/traced-store.ts";
import type { Run } from "../../../src/core/run/run.ts";
import type { TracedStore } from "../../../src/engine/ports/spans.ts";
import { purgeRun } from "../../../src/engine/retention.ts";
import { sealOnce } from "../../../src/engine/seal-events.ts";
import { by } from "../../support/people.ts";
import { AT, committed, creating, recorded, transition } from "../store/given.ts";
import { openAt } from "../store/subject.ts";

let store: LibsqlStore;
let borrowed: TracedStore & { close(): Promise<void> };
let underWay: Int32Array<SharedArrayBuffer>;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "station-lent-"));
  store = await openAt(`file:${join(folder, "station.db")}`);
  const { port1, port2 } = new MessageChannel();
  underWay = new Int32Array(new SharedArrayBuffer(4));
  store.lend(port1, underWay);
  borrowed = openTracedStore({ port: port2, underWay });
  onTestFinished(async () => {
    await borrowed.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
});

/** A run and two more of its events, the last with a note of so many characters. */
async function aRun(runId: string, characters = 10): Promise<void> {
  await committed(store, creating(runId, { note: "x".repeat(characters) }));
  const events = [recorded({ type: "run.resumed" }), recorded({ type: "run.resumed" }, AT + 1)];
  await committed(store, transition(runId, { expected: { epoch: 0, branches: [] }, events }));
}

/** The whole trail, as the borrower follows it: page by page, asking again where it stands. */
async function followed(limit: number) {
  const all = [];
  for (let after = 0; ; ) {
    const page = await borrowed.queries.eventsSince(after, limit);
    all.push(...page);
    if (page.length === 0) return all;
    after = page.at(-1)?.position ?? after;
  }
}

describe("a file that is lent to another thread", () => {
  it("is followed event by event, told or asked for, the large ones too", async () => {
    expect(await followed(2)).toEqual([]);
    for (const [index, characters] of [10, 400_000, 10, 10].entries()) await aRun(`run_${index}`, characters);
    const expected = await store.queries.eventsSince(0, 100);
    expect(expected).toHaveLength(12);
    expect(await followed(2)).toEqual(expected);
    await aRun("run_later");
    expect(await followed(5)).toEqual(await store.queries.eventsSince(0, 100));
  });

  it("leaves out nothing when the borrower did not keep up", async () => {
    await followed(2);
    await aRun("run_a");
    underWay[0] = 2 ** 30;
    await aRun("run_b");
    underWay[0] = 0;
    await aRun("run_c");
    expect(await followed(2)).toEqual(await store.queries.eventsSince(0, 100));
  });

  it("shows nothing of what was purged", async () => {
    await followed(2);
    const secret = "ana@example.com";
    const created = creating("run_a", { secret });
    await committed(store, created);
    const output = { secret };
    await committed(
      store,
      transition("run_a", {
        expected: { epoch: 0, branches: [] },
        events: [recorded({ type: "run.completed", output }, AT + 1)],
        run: {
          ...(created.run as Run),
          ...{ lifecycle: { status: "COMPLETED", at: AT + 1, output }, epoch: 1, startedAt: AT },
        },
        closed: "ended",
      }),
    );
    const ports = { store, clock: { now: () => AT + 2, random: Math.random } };
    await sealOnce(ports, 100);
    expect(await purgeRun(ports, "run_a", "article 17", by("user:dpo"))).toBe("purged");
    const seen = await followed(5);
    expect(JSON.stringify(seen)).not.toContain(secret);
    expect(seen).toEqual(await store.queries.eventsSince(0, 100));
  });

  it("answers that it is away when it is closed", async () => {
    await borrowed.close();
    await expect(borrowed.queries.lastPosition()).rejects.toThrow("the lender is gone");
  });
});
