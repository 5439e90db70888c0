import { describe, expect, test } from "vitest";
import { type BranchPath, ROOT, type RunId } from "../../../src/core/run/ids.ts";
import type { Run, StepProgress } from "../../../src/core/run/run.ts";
import type { Transition } from "../../../src/core/run/transition.ts";
import { AT, approval, branch, committed, creating, on, startedRun, step, transition } from "./given.ts";
import type { Subject } from "./subject.ts";

const paths = ["fan_out/a", "fan_out/a/each/0", "fan_out#2/a", "fanXout/a", "fan_out_more/a", "other/a"];

/** What giving up a part of a run, and ending it, leaves behind. */
export function cancelContract(subject: () => Subject): void {
  const store = () => subject().store;

  async function runWithBranches(): Promise<void> {
    await startedRun(store(), "run_a");
    const steps = paths.map((path, i) => {
      const waits: StepProgress =
        i % 2 === 0
          ? { status: "WAITING_APPROVAL", approvalId: approval(step("run_a", path, "check")).id }
          : { status: "RUNNING", waiting: { for: "signal", name: "go" } };
      return step("run_a", path, "check", { progress: waits });
    });
    await committed(
      store(),
      transition("run_a", {
        waiting: { approvals: 3, signals: 3 },
        branches: steps.map(({ branch: path, id }) => branch(path, { position: on("check", id) })),
        steps,
        approvals: steps.filter((_, i) => i % 2 === 0).map((of) => approval(of)),
        alarms: paths.map((path) => ({
          change: "wake" as const,
          target: path as BranchPath,
          kind: "resume" as const,
          dueAt: AT + 100,
        })),
      }),
    );
  }

  const openPaths = async () =>
    (await store().queries.run("run_a" as RunId, AT))?.currentStates.map((s) => s.branch as string);

  test("giving up a state's children leaves everything else as it is", async () => {
    await runWithBranches();
    await committed(store(), transition("run_a", { cancelled: [{ branch: ROOT, segment: "fan_out" }] }));
    expect(await openPaths()).toEqual(["", "fanXout/a", "fan_out#2/a", "fan_out_more/a", "other/a"].sort());
    const steps = await store().queries.steps("run_a" as RunId);
    const given = steps.filter(({ status }) => status === "CANCELLED").map((s) => s.branch as string);
    expect(given.sort()).toEqual(["fan_out/a", "fan_out/a/each/0"]);
    expect(
      (await store().queries.approvals({ status: ["CANCELLED"] }, { limit: 9 })).map((a) => a.branch),
    ).toEqual(["fan_out/a"]);
    const { run } = (await store().runs.load("run_a" as RunId, ROOT)) ?? {};
    expect([run?.openApprovals, run?.openSignals]).toEqual([2, 2]);
    const rings = (await store().outbox.takeDue(AT + 100, 99, 1000)).map(({ target }) => target as string);
    expect(rings.sort()).toEqual(["fanXout/a", "fan_out#2/a", "fan_out_more/a", "other/a"].sort());
  });

  test("a decision about a branch that was given up meanwhile drops out", async () => {
    await runWithBranches();
    const path = "fan_out/a" as BranchPath;
    const late = transition("run_a", { expected: { epoch: 1, branches: [{ path, version: 1 }] } });
    await committed(store(), transition("run_a", { cancelled: [{ branch: ROOT, segment: "fan_out" }] }));
    expect(await store().runs.commit(late)).toEqual({ status: "stale" });
  });

  test("a block that is opened in the same decision is not given up with its siblings", async () => {
    await runWithBranches();
    await committed(
      store(),
      transition("run_a", {
        cancelled: [{ branch: ROOT, segment: "fan_out" }],
        branches: [branch("fan_out/catch")],
        alarms: [{ change: "wake", target: "fan_out/catch" as BranchPath, kind: "step", dueAt: AT + 100 }],
      }),
    );
    expect(await openPaths()).toContain("fan_out/catch");
    expect(
      (await store().outbox.takeDue(AT + 100, 99, 1000)).map(({ target }) => target as string),
    ).toContain("fan_out/catch");
  });

  test("cancelled branches are reported to nobody as outcomes of their own making", async () => {
    await runWithBranches();
    await committed(store(), transition("run_a", { cancelled: [{ branch: ROOT, segment: "fan_out" }] }));
    const outcomes = await store().runs.outcomes("run_a" as RunId, ROOT, "fan_out");
    expect(outcomes).toEqual(new Map([["a", { status: "CANCELLED" }]]));
  });

  describe("a run that is over", () => {
    const ending = (): Transition => {
      const run = creating("run_a").run as Run;
      return transition("run_a", {
        run: {
          ...run,
          startedAt: AT,
          epoch: 2,
          lifecycle: { status: "CANCELLED", at: AT + 9, reason: "mistake" },
        },
        closed: "cancelled",
      });
    };

    test("has nothing open and rings no more", async () => {
      await runWithBranches();
      await committed(store(), ending());
      expect(await openPaths()).toEqual([]);
      expect(
        (await store().queries.steps("run_a" as RunId)).every(({ status }) => status === "CANCELLED"),
      ).toBe(true);
      expect(await store().outbox.nextDueAt()).toBeNull();
      const view = await store().queries.run("run_a" as RunId, AT);
      expect(view).toMatchObject({
        status: "CANCELLED",
        finishedAt: AT + 9,
        reason: "mistake",
        blockedOn: null,
      });
      const { run } = (await store().runs.load("run_a" as RunId, ROOT)) ?? {};
      expect([run?.openApprovals, run?.openSignals]).toEqual([0, 0]);
    });

    test("is touched by nothing that was decided before", async () => {
      await runWithBranches();
      await committed(store(), ending());
      expect(await store().runs.commit(transition("run_a"))).toEqual({ status: "stale" });
    });

    test("keeps its last results", async () => {
      const check = await startedRun(store(), "run_a");
      const run = creating("run_a").run as Run;
      const outcome = { status: "SUCCEEDED", result: { ok: true }, writes: {} } as const;
      const exit = { order: 2, resultPath: null, merge: null, whole: [], result: undefined };
      await committed(
        store(),
        transition("run_a", {
          expected: { epoch: 1, branches: [{ path: ROOT, version: 1 }] },
          run: {
            ...run,
            startedAt: AT,
            epoch: 2,
            lifecycle: { status: "COMPLETED", at: AT, output: { ok: true } },
          },
          branches: [branch("", { version: 4, position: { at: "closed", closedAt: AT, outcome } })],
          steps: [
            { ...check, finishedAt: AT, progress: { status: "SUCCEEDED", output: { ok: true } }, exit },
          ],
          closed: "cancelled",
        }),
      );
      expect(await store().queries.run("run_a" as RunId, AT)).toMatchObject({
        status: "COMPLETED",
        output: { ok: true },
        context: { host: "web-1", steps: { check: { ok: true } } },
      });
      expect((await store().queries.steps("run_a" as RunId)).map(({ status }) => status)).toEqual([
        "SUCCEEDED",
      ]);
    });
  });
}
