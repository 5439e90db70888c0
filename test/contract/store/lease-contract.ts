import { describe, expect, test } from "vitest";
import { type BranchPath, ROOT } from "../../../src/core/run/ids.ts";
import { AT, branch, committed, creating, on, startedRun, step, transition } from "./given.ts";
import { HIDE_MS, type Subject } from "./subject.ts";

/** Who may do what, and who is found when nobody does. */
export function leaseContract(subject: () => Subject): void {
  const store = () => subject().store;
  const due = async (now: number) =>
    (await store().outbox.takeDue(now, 100, HIDE_MS)).map(({ runId, target }) => `${runId}/${target}`);

  describe("a worker's sign of life", () => {
    test("tells it which of its steps are still its own", async () => {
      const check = await startedRun(store(), "run_a");
      await startedRun(store(), "run_b");
      await committed(
        store(),
        transition("run_b", {
          steps: [
            step("run_b", "", "check", {
              progress: { status: "RUNNING", lease: { worker: "w2", token: 2 } },
            }),
          ],
        }),
      );
      expect(await store().leases.renew("w1", AT + 1000)).toEqual(
        new Map([[check.id, { runId: "run_a", branch: "" }]]),
      );
      expect(await store().leases.renew("w3", AT + 1000)).toEqual(new Map());
    });
  });

  describe("a process that is silent", () => {
    const silent = (now: number) => store().leases.silent(now);

    test("is asked for from when it should have been heard of until its lease ends", async () => {
      await store().leases.renew("w1", AT + 1000, AT + 400);
      await store().leases.renew("w2", AT + 1000);
      expect([await silent(AT + 399), await silent(AT + 1000)]).toEqual([[], []]);
      expect(await silent(AT + 400)).toEqual([{ holder: "w1", since: AT + 400 }]);
      await store().leases.renew("w1", AT + 1500, AT + 900);
      expect(await silent(AT + 400)).toEqual([]);
    });

    test("leaves its steps to others before its lease ends when it is gone", async () => {
      await startedRun(store(), "run_a");
      await store().leases.renew("w1", AT + 1000, AT + 400);
      expect(await store().leases.end({ holder: "w1", since: AT + 400 })).toBe(true);
      expect(await store().leases.wakeOrphans(AT + 401)).toBe(1);
      expect(await store().leases.end({ holder: "w1", since: AT + 400 })).toBe(false);
    });

    test("keeps its steps when it was heard of while it was asked for", async () => {
      await startedRun(store(), "run_a");
      await store().leases.renew("w1", AT + 1000, AT + 400);
      await store().leases.renew("w1", AT + 1500, AT + 900);
      expect(await store().leases.end({ holder: "w1", since: AT + 400 })).toBe(false);
      expect(await store().leases.wakeOrphans(AT + 1001)).toBe(0);
    });
  });

  describe("the steps of a dead worker", () => {
    test("are woken when its lease has ended, once", async () => {
      await startedRun(store(), "run_a");
      await store().leases.renew("w1", AT + 1000);
      expect(await store().leases.wakeOrphans(AT + 999)).toBe(0);
      expect(await store().leases.wakeOrphans(AT + 1000)).toBe(1);
      expect(await due(AT + 1000)).toEqual(["run_a/"]);
      expect(await store().leases.wakeOrphans(AT + 1001)).toBe(0);
    });

    test("are woken although a timeout is set for later", async () => {
      await startedRun(store(), "run_a");
      await committed(
        store(),
        transition("run_a", {
          alarms: [{ change: "set", target: ROOT, kind: "resume", dueAt: AT + 90_000, seen: 0 }],
        }),
      );
      expect(await store().leases.wakeOrphans(AT + 5)).toBe(1);
      expect(await due(AT + 5)).toEqual(["run_a/"]);
    });

    test("are woken at once after an orderly end", async () => {
      await startedRun(store(), "run_a");
      await store().leases.renew("w1", AT + 1000);
      await store().leases.release("w1");
      expect(await store().leases.wakeOrphans(AT)).toBe(1);
    });

    test("are woken at the start of the process that owns the file now", async () => {
      await startedRun(store(), "run_a");
      await store().leases.renew("w1", AT + 1000);
      await store().leases.renew("w2", AT + 1000);
      await store().leases.forgetOthers("w2");
      expect(await store().leases.wakeOrphans(AT)).toBe(1);
    });
  });

  describe("a role", () => {
    test("is had by one process, until its lease ends", async () => {
      expect(await store().leases.acquire("sealer", "p1", AT, AT + 100)).toBe(true);
      expect(await store().leases.acquire("sealer", "p2", AT + 50, AT + 150)).toBe(false);
      expect(await store().leases.acquire("sealer", "p1", AT + 60, AT + 160)).toBe(true);
      expect(await store().leases.acquire("reconciler", "p2", AT, AT + 100)).toBe(true);
      expect(await store().leases.acquire("sealer", "p2", AT + 160, AT + 260)).toBe(true);
    });
  });

  describe("a branch that nothing would ever wake", () => {
    test("is found and woken", async () => {
      await startedRun(store(), "run_a");
      await committed(store(), transition("run_a", { branches: [branch("check/0")] }));
      expect(await store().leases.wakeStranded(AT)).toBe(1);
      expect(await due(AT)).toEqual(["run_a/check/0"]);
      expect(await store().leases.wakeStranded(AT)).toBe(0);
    });

    test("may be a run that never started", async () => {
      const { alarms: _, ...silent } = creating("run_a");
      await committed(store(), { ...silent, alarms: [] });
      expect(await store().leases.wakeStranded(AT)).toBe(1);
      expect(await due(AT)).toEqual(["run_a/"]);
    });

    test("is not one that has an alarm, a worker, an approval, a signal to wait for or open children", async () => {
      const check = await startedRun(store(), "run_a");
      const standing = (path: string, progress: typeof check.progress, visit = 1) => {
        const at = step("run_a", path, "check", { progress, visit });
        return { at, branch: branch(path, { position: on("check", at.id) }) };
      };
      const signal = standing("check/0", { status: "RUNNING", waiting: { for: "signal", name: "go" } });
      const parent = standing("check/1", { status: "RUNNING", waiting: { for: "children" } }, 2);
      const waiting = standing("check/1/check#2/0", {
        status: "WAITING_APPROVAL",
        approvalId: "apr_x" as never,
      });
      const all = [signal, parent, waiting];
      await committed(
        store(),
        transition("run_a", {
          branches: [...all.map((one) => one.branch), branch("check/2")],
          steps: all.map(({ at }) => at),
          alarms: [{ change: "wake", target: "check/2" as BranchPath, kind: "step", dueAt: AT + 50 }],
        }),
      );
      expect(await store().leases.wakeStranded(AT)).toBe(0);
    });

    test("is one that waits for a signal which is there", async () => {
      await startedRun(store(), "run_a");
      const received = { id: "sig_1", name: "go", payload: null, at: AT };
      const waiting = ["go", "stop"].map((name, visit) =>
        step("run_a", `check/${visit}`, "check", {
          progress: { status: "RUNNING", waiting: { for: "signal", name } },
        }),
      );
      await committed(
        store(),
        transition("run_a", {
          branches: waiting.map(({ branch: path, id }) => branch(path, { position: on("check", id) })),
          steps: waiting,
          signals: [{ change: "received", signal: received }],
        }),
      );
      expect(await store().leases.wakeStranded(AT)).toBe(1);
      expect(await due(AT)).toEqual(["run_a/check/0"]);
    });

    test("is a container whose children have all closed", async () => {
      await startedRun(store(), "run_a");
      const parent = step("run_a", "check/0", "check", {
        progress: { status: "RUNNING", waiting: { for: "children" } },
      });
      const outcome = { status: "CANCELLED" } as const;
      await committed(
        store(),
        transition("run_a", {
          branches: [
            branch("check/0", { position: on("check", parent.id) }),
            branch("check/0/check/0", { position: { at: "closed", closedAt: AT, outcome } }),
          ],
          steps: [parent],
        }),
      );
      expect(await store().leases.wakeStranded(AT)).toBe(1);
      expect(await due(AT)).toEqual(["run_a/check/0"]);
    });
  });
}
