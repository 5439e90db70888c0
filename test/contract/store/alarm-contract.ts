import { describe, expect, test } from "vitest";
import { ROOT, type RunId } from "../../../src/core/run/ids.ts";
import type { Alarm } from "../../../src/core/run/transition.ts";
import { AT, branch, committed, creating, on, startedRun, step, transition } from "./given.ts";
import { HIDE_MS, type Subject } from "./subject.ts";

/** What the outbox promises: an alarm is never lost, at worst it rings twice. */
export function alarmContract(subject: () => Subject): void {
  const store = () => subject().store;
  const set = (dueAt: number, seen: number): Alarm => ({
    change: "set",
    target: ROOT,
    kind: "step",
    dueAt,
    seen,
  });
  const wake = (dueAt: number): Alarm => ({ change: "wake", target: ROOT, kind: "resume", dueAt });
  const clear = (seen: number): Alarm => ({ change: "clear", target: ROOT, seen });
  const commit = (...alarms: readonly Alarm[]) => committed(store(), transition("run_a", { alarms }));
  const revision = async () => (await store().runs.load("run_a" as RunId, ROOT))?.alarm ?? -1;
  const due = (now: number) => store().outbox.takeDue(now, 100, HIDE_MS);

  describe("an alarm that is due at once", () => {
    test("is handed over with the commit, and is not due again before its time", async () => {
      await committed(store(), creating("run_a"));
      expect(subject().sent).toEqual([
        expect.objectContaining({ runId: "run_a", target: ROOT, kind: "run", sends: 1, stepId: null }),
      ]);
      expect(await due(AT + HIDE_MS - 1)).toEqual([]);
      expect(await due(AT + HIDE_MS)).toHaveLength(1);
    });

    test("names the step and the attempt it is about", async () => {
      const check = await startedRun(store(), "run_a");
      subject().sent.length = 0;
      await commit(wake(AT));
      await committed(
        store(),
        transition("run_a", {
          branches: [branch("", { version: 2, position: on("check", check.id) })],
          alarms: [wake(AT)],
        }),
      );
      expect(subject().sent.map(({ stepId }) => stepId)).toEqual([null, check.id]);
      expect(subject().sent[1]?.idempotencyKey).toBe(`run_a:${check.id}:1`);
    });

    test("is one message for all that ring for the same branch together", async () => {
      await startedRun(store(), "run_a");
      subject().sent.length = 0;
      await Promise.all(Array.from({ length: 10 }, () => commit(wake(AT))));
      expect(subject().sent.length).toBeLessThanOrEqual(2);
      expect(subject().sent.at(-1)?.revision).toBe(await revision());
    });

    test("is never taken for an earlier one, also where several rang together", async () => {
      await startedRun(store(), "run_a");
      subject().sent.length = 0;
      await Promise.all([commit(wake(AT)), commit(wake(AT))]);
      // Whoever looks in vain leaves no event behind.
      await committed(store(), transition("run_a", { events: [], alarms: [clear(await revision())] }));
      await commit(wake(AT));
      const sent = subject().sent.map(({ revision, sends }) => `${revision}:${sends}`);
      expect(new Set(sent).size).toBe(sent.length);
    });

    test("is kept as handed over and not sent when whoever commits goes on with it", async () => {
      await startedRun(store(), "run_a");
      subject().sent.length = 0;
      await commit({ ...wake(AT), taken: true } as Alarm);
      expect(subject().sent).toEqual([]);
      expect(await due(AT + HIDE_MS - 1)).toEqual([]);
      expect(await due(AT + HIDE_MS)).toHaveLength(1);
    });
  });

  describe("an alarm for later", () => {
    test("is not handed over before its time", async () => {
      await startedRun(store(), "run_a");
      subject().sent.length = 0;
      await commit(set(AT + 500, 0));
      expect(subject().sent).toEqual([]);
      expect(await store().outbox.nextDueAt()).toBe(AT + 500);
      expect(await due(AT + 499)).toEqual([]);
      expect(await due(AT + 500)).toEqual([
        expect.objectContaining({ runId: "run_a", kind: "step", sends: 1 }),
      ]);
    });

    test("is hidden twice as long each time nobody answers, at most five minutes", async () => {
      await startedRun(store(), "run_a");
      await commit(set(AT + 1, 0));
      let now = AT + 1;
      const waits: number[] = [];
      for (let sends = 1; sends <= 6; sends++) {
        expect(await due(now)).toEqual([expect.objectContaining({ sends })]);
        const next = (await store().outbox.nextDueAt()) ?? 0;
        waits.push(next - now);
        now = next;
      }
      expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
    });

    test("is taken by one of two that look at the same time", async () => {
      await startedRun(store(), "run_a");
      await commit(set(AT + 1, 0));
      const taken = await Promise.all([due(AT + 1), due(AT + 1)]);
      expect(taken.flat()).toHaveLength(1);
    });

    test("is taken in order of time, as many as asked for", async () => {
      for (const [index, id] of ["run_x", "run_y", "run_z"].entries()) {
        await startedRun(store(), id);
        await committed(store(), transition(id, { alarms: [set(AT + 30 - index, 0)] }));
      }
      expect((await store().outbox.takeDue(AT + 99, 2, HIDE_MS)).map(({ runId }) => runId).sort()).toEqual([
        "run_y",
        "run_z",
      ]);
      expect((await due(AT + 99)).map(({ runId }) => runId)).toEqual(["run_x"]);
    });
  });

  describe("a wake-up between looking and deciding is never lost", () => {
    test("when the decision sets its own alarm", async () => {
      await startedRun(store(), "run_a");
      await commit(set(AT + 900, 0));
      const seen = await revision();
      await commit(wake(AT + 5));
      await commit(set(AT + 800, seen));
      expect(await store().outbox.nextDueAt()).toBe(AT + 5);
      expect(await revision()).toBeGreaterThan(seen);
    });

    test("when the decision wants none", async () => {
      await startedRun(store(), "run_a");
      await commit(set(AT + 900, 0));
      const seen = await revision();
      await commit(wake(AT + 5));
      await commit(clear(seen));
      expect(await store().outbox.nextDueAt()).toBe(AT + 5);
    });

    test("when there was no alarm to be seen", async () => {
      await startedRun(store(), "run_a");
      await commit(wake(AT + 5));
      await commit(clear(0));
      await commit(set(AT + 900, 0));
      expect(await store().outbox.nextDueAt()).toBe(AT + 5);
    });

    test("an earlier own alarm moves a newer one forward", async () => {
      await startedRun(store(), "run_a");
      await commit(wake(AT + 50));
      await commit(set(AT + 20, 0));
      expect(await store().outbox.nextDueAt()).toBe(AT + 20);
    });
  });

  test("a decision replaces the alarm it saw, also by a later one", async () => {
    await startedRun(store(), "run_a");
    await commit(set(AT + 5, 0));
    await commit(set(AT + 900, await revision()));
    expect(await store().outbox.nextDueAt()).toBe(AT + 900);
    await commit(clear(await revision()));
    expect(await store().outbox.nextDueAt()).toBeNull();
    expect(await revision()).toBe(0);
  });

  test("a wake-up never moves an alarm back", async () => {
    await startedRun(store(), "run_a");
    await commit(set(AT + 5, 0));
    await commit(wake(AT + 900));
    expect(await store().outbox.nextDueAt()).toBe(AT + 5);
  });

  test("an alarm that comes after one was cleared is a new message to the queue", async () => {
    await startedRun(store(), "run_a");
    subject().sent.length = 0;
    for (let i = 0; i < 3; i++) {
      await commit(wake(AT));
      await commit(clear(await revision()));
    }
    const ids = subject().sent.map(({ revision, sends }) => `${revision}/${sends}`);
    expect(new Set(ids).size).toBe(3);
  });

  test("after a queue lost its messages all that were handed over are due again, and only they", async () => {
    await startedRun(store(), "run_a");
    await startedRun(store(), "run_b");
    await commit(wake(AT));
    await committed(store(), transition("run_b", { alarms: [set(AT + 900, 0)] }));
    expect(await store().outbox.resend(AT + 1)).toBe(1);
    expect(await due(AT + 1)).toEqual([expect.objectContaining({ runId: "run_a", sends: 2 })]);
  });

  test("after a pause every open branch of the run is woken, and no closed one", async () => {
    await startedRun(store(), "run_a");
    const outcome = { status: "SUCCEEDED", result: 1, writes: {} } as const;
    const closed = branch("check/2", { position: { at: "closed", closedAt: AT, outcome } });
    await committed(
      store(),
      transition("run_a", { branches: [branch("check/0"), branch("check/1"), closed] }),
    );
    subject().sent.length = 0;
    await commit({ change: "wake-all", dueAt: AT });
    expect(
      subject()
        .sent.map(({ target }) => target)
        .sort(),
    ).toEqual(["", "check/0", "check/1"]);
  });

  test("a signal wakes the branches that wait for it, and no others", async () => {
    await startedRun(store(), "run_a");
    const waiting = (path: string, name: string) =>
      step("run_a", path, "check", { progress: { status: "RUNNING", waiting: { for: "signal", name } } });
    const steps = [waiting("check/0", "go"), waiting("check/1", "stop")];
    await committed(
      store(),
      transition("run_a", {
        branches: steps.map(({ branch: path, id }) => branch(path, { position: on("check", id) })),
        steps,
      }),
    );
    subject().sent.length = 0;
    await commit({ change: "wake-waiting", signal: "go", dueAt: AT });
    expect(subject().sent.map(({ target }) => target)).toEqual(["check/0"]);
  });

  test("the run's own timeout is an alarm beside those of its branches", async () => {
    await startedRun(store(), "run_a");
    await commit({ change: "wake", target: "!run", kind: "resume", dueAt: AT + 60 });
    await commit(set(AT + 50, 0));
    expect((await due(AT + 60)).map(({ target }) => target).sort()).toEqual(["", "!run"]);
  });
}
