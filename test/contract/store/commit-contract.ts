import { describe, expect, test } from "vitest";
import { ROOT, type RunId } from "../../../src/core/run/ids.ts";
import type { Step } from "../../../src/core/run/run.ts";
import type { Expected, Transition } from "../../../src/core/run/transition.ts";
import type { CommitResult } from "../../../src/engine/ports/runs.ts";
import { by } from "../../support/people.ts";
import {
  AT,
  approval,
  branch,
  committed,
  creating,
  on,
  recorded,
  startedRun,
  step,
  succeeded,
  transition,
} from "./given.ts";
import type { Subject } from "./subject.ts";

/** What `commit` and `load` promise, whatever the database. */
export function commitContract(subject: () => Subject): void {
  const store = () => subject().store;
  const load = async (runId: string, path = "") => {
    const loaded = await store().runs.load(runId as RunId, path as typeof ROOT);
    if (!loaded) throw new Error(`no run ${runId}`);
    return loaded;
  };

  describe("a decision is kept whole", () => {
    test("a created run is there, before it has started", async () => {
      expect(await store().runs.commit(creating("run_a"))).toEqual({ status: "committed", lastSeq: 1 });
      const { run, alarm } = await load("run_a");
      expect(run).toMatchObject({
        id: "run_a",
        workflow: { id: "triage", version: 1, environment: "default" },
        input: { host: "web-1" },
        startedBy: "user:ana",
        createdAt: AT,
        lifecycle: { status: "PENDING" },
        branches: {},
        mailbox: [],
      });
      expect(run.definition.states).toHaveLength(2);
      expect(alarm).toBeGreaterThan(0);
    });

    test("a run that is created twice is created once", async () => {
      await committed(store(), creating("run_a"));
      expect(await store().runs.commit(creating("run_a"))).toEqual({ status: "stale" });
      expect(await store().queries.events("run_a" as RunId, 0, 10)).toHaveLength(1);
    });

    test("an unknown run and an unknown branch are not there", async () => {
      await startedRun(store(), "run_a");
      expect(await store().runs.load("run_b" as RunId, ROOT)).toBeNull();
      expect(await store().runs.load("run_a" as RunId, "check/0" as typeof ROOT)).toBeNull();
    });

    test("a step that a worker holds is read as it was written, with its worker's lease", async () => {
      const check = await startedRun(store(), "run_a");
      await store().leases.renew("w1", AT + 10_000);
      const { run, leaseUntil } = await load("run_a");
      expect(run.steps).toEqual({ [check.id]: check });
      expect(run.branches[ROOT]).toEqual(
        branch("", { own: { host: "web-1" }, visits: { check: 1 }, position: on("check", check.id) }),
      );
      expect(leaseUntil).toBe(AT + 10_000);
    });

    test("a left state's result is in the context, also for a process that did not write it", async () => {
      const check = await startedRun(store(), "run_a");
      await committed(store(), leaving("run_a", check));
      const expected = branch("", {
        version: 3,
        own: { host: "web-1", noted: { by: "a block" }, found: { pods: 3 } },
        whole: [["noted"], ["found"]],
        results: { inner: "done", check: { pods: 3 } },
        previous: { pods: 3 },
        visits: { check: 1 },
        position: { at: "before", state: "fix" },
      });
      expect((await load("run_a")).run.branches[ROOT]).toEqual(expected);
      const other = await subject().other?.();
      if (!other) return;
      expect((await other.runs.load("run_a" as RunId, ROOT))?.run.branches[ROOT]).toEqual(expected);
      await other.close();
    });

    test("a child reads its ancestors, and an unread parent costs no more than what it did since", async () => {
      const check = await startedRun(store(), "run_a");
      await committed(store(), leaving("run_a", check));
      const child = branch("fix/0", { vars: { item: { name: "web" } } });
      await committed(
        store(),
        transition("run_a", { branches: [child], events: [opened("fix/0", child.vars)] }),
      );
      const { run } = await load("run_a", "fix/0");
      expect(Object.keys(run.branches).sort()).toEqual(["", "fix/0"]);
      expect(run.branches["fix/0" as typeof ROOT]).toEqual(child);
      expect(run.branches[ROOT]?.own).toMatchObject({ host: "web-1", found: { pods: 3 } });
    });
  });

  describe("a decision that read something old drops out", () => {
    const stale: readonly [string, (runId: string) => Partial<Expected>][] = [
      ["the run's lifecycle changed", () => ({ epoch: 0 })],
      ["the branch moved", () => ({ branches: [{ path: ROOT, version: 7 }] })],
      ["another branch it read is not there", () => ({ branches: [at(ROOT, 1), at("x/0", 1)] })],
      ["the step is done", (run) => ({ step: { ...claim(run), status: "SUCCEEDED" } })],
      ["the step is in a later attempt", (run) => ({ step: { ...claim(run), attempt: 2 } })],
      ["another worker took the step over", (run) => ({ step: { ...claim(run), token: 2 } })],
      ["a signal arrived", () => ({ mailboxVersion: 1 })],
      ["the approval is decided", (run) => ({ approval: decided(run) })],
      ["somebody voted meanwhile", (run) => ({ approval: { ...decided(run), status: "PENDING" } })],
      ["the signal was consumed", () => ({ signalsPending: ["sig_1"] })],
    ];
    test.each(stale)("because %s", async (_, change) => {
      await startedRun(store(), "run_a");
      const held = step("run_a", "", "check");
      await committed(store(), transition("run_a", { approvals: [approval(held)] }));
      const before = await load("run_a");
      const result = await store().runs.commit(
        transition("run_a", {
          expected: { epoch: 1, branches: [at(ROOT, 1)], ...change("run_a") },
          branches: [branch("", { version: 9 })],
          alarms: [{ change: "wake", target: ROOT, kind: "resume", dueAt: AT + 5 }],
        }),
      );
      expect(result).toEqual({ status: "stale" });
      expect(await load("run_a")).toEqual(before);
    });

    test("and leaves the others of its group alone", async () => {
      const runs = Array.from({ length: 40 }, (_, i) => `run_${i}`);
      await Promise.all(runs.map((id) => startedRun(store(), id)));
      const results = await Promise.all(
        runs.map((id, i) =>
          store().runs.commit(transition(id, { expected: { epoch: i % 3 === 0 ? 5 : 1, branches: [] } })),
        ),
      );
      expect(results).toEqual(
        runs.map((_, i) => (i % 3 === 0 ? { status: "stale" } : { status: "committed", lastSeq: 3 })),
      );
    });

    test("two workers that read the same branch: one wins", async () => {
      const check = await startedRun(store(), "run_a");
      const results = await Promise.all([1, 2, 3].map(() => store().runs.commit(leaving("run_a", check))));
      expect(results.map(({ status }) => status).sort()).toEqual(["committed", "stale", "stale"]);
      expect(await store().queries.events("run_a" as RunId, 0, 10)).toHaveLength(4);
    });

    test("a decision that was kept but not heard of is not kept twice", async () => {
      const check = await startedRun(store(), "run_a");
      await committed(store(), leaving("run_a", check));
      expect(await store().runs.commit(leaving("run_a", check))).toEqual({ status: "stale" });
      expect(await store().queries.steps("run_a" as RunId)).toHaveLength(1);
    });
  });

  describe("a transition that the database refuses", () => {
    test("fails alone, its neighbours are kept", async () => {
      await Promise.all(["run_a", "run_b", "run_c"].map((id) => startedRun(store(), id)));
      const impossible = transition("run_b", { waiting: { approvals: -1, signals: 0 } });
      const results = await Promise.allSettled([
        store().runs.commit(transition("run_a")),
        store().runs.commit(impossible),
        store().runs.commit(transition("run_c")),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect((await load("run_b")).run.openApprovals).toBe(0);
      expect(await store().queries.events("run_b" as RunId, 0, 10)).toHaveLength(2);
    });

    test("does not take its neighbours with it where a server takes no value of its length", async () => {
      const ids = ["run_a", "run_b", "run_c"];
      const [, check] = await Promise.all(ids.map((id) => startedRun(store(), id)));
      const long = approval(check as Step, { message: "x".repeat(6_000_000) });
      const [before, , after] = await Promise.allSettled([
        store().runs.commit(transition("run_a")),
        store().runs.commit(transition("run_b", { approvals: [long] })),
        store().runs.commit(transition("run_c")),
      ]);
      expect([before.status, after.status]).toEqual(["fulfilled", "fulfilled"]);
    });
  });

  describe("events", () => {
    test("are numbered without gaps while fifty branches of one run report at once", async () => {
      await startedRun(store(), "run_a");
      const paths = Array.from({ length: 50 }, (_, i) => `check/${i}`);
      await committed(
        store(),
        transition("run_a", {
          branches: paths.map((path) => branch(path)),
          events: paths.map((path) => opened(path, {})),
        }),
      );
      const results = await Promise.all(
        paths.map((path, i) => store().runs.commit(closing("run_a", path, i % 4 === 3))),
      );
      expect(results.every(({ status }) => status === "committed")).toBe(true);
      const events = await store().queries.events("run_a" as RunId, 0, 1000);
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 152 }, (_, i) => i + 1));
      expect(new Set(results.map(lastSeqOf)).size).toBe(50);
      expect((await load("run_a")).run.branches[ROOT]?.children).toEqual({
        opened: 0,
        succeeded: 38,
        failed: 12,
      });
    });

    test("carry when they happened and on whose behalf", async () => {
      await startedRun(store(), "run_a");
      const event = { type: "run.paused", reason: "night" } as const;
      await committed(
        store(),
        transition("run_a", { events: [{ at: AT + 7, ...by("user:ben", "ui"), event }] }),
      );
      const [last] = await store().queries.events("run_a" as RunId, 2, 10);
      expect(last).toEqual({ seq: 3, at: AT + 7, ...by("user:ben", "ui"), event, hash: null });
    });
  });

  describe("counters", () => {
    test("a branch that enters a new container starts counting its children anew", async () => {
      await startedRun(store(), "run_a");
      await committed(store(), transition("run_a", { childrenClosed: [child(ROOT), child(ROOT)] }));
      const children = { opened: 4, succeeded: 0, failed: 0 };
      const counted = {
        expected: { epoch: 1, branches: [at(ROOT, 1)] },
        branches: [branch("", { children, version: 2 })],
      };
      await committed(store(), transition("run_a", counted));
      expect((await load("run_a")).run.branches[ROOT]?.children).toEqual({
        opened: 4,
        succeeded: 2,
        failed: 0,
      });
      await committed(
        store(),
        transition("run_a", {
          expected: { epoch: 1, branches: [at(ROOT, 2)] },
          branches: [branch("", { children, version: 3 })],
          countersReset: [ROOT],
        }),
      );
      expect((await load("run_a")).run.branches[ROOT]?.children).toEqual(children);
    });

    test("the status people see follows what is open", async () => {
      await startedRun(store(), "run_a");
      const status = async () => (await store().queries.run("run_a" as RunId, AT))?.status;
      await committed(store(), transition("run_a", { waiting: { approvals: 1, signals: 1 } }));
      expect(await status()).toBe("WAITING_APPROVAL");
      await committed(store(), transition("run_a", { waiting: { approvals: -1, signals: 0 } }));
      expect(await status()).toBe("WAITING_SIGNAL");
      await committed(store(), transition("run_a", { waiting: { approvals: 0, signals: -1 } }));
      expect(await status()).toBe("RUNNING");
    });
  });

  describe("signals", () => {
    const receive = (id: string) =>
      transition("run_a", {
        events: [recorded({ type: "signal.received", signalId: id, name: "go", payload: { id } })],
        signals: [{ change: "received", signal: { id, name: "go", payload: { id }, at: AT } }],
      });

    test("wait in the mailbox in the order in which they came, until one is consumed", async () => {
      const check = await startedRun(store(), "run_a");
      await committed(store(), receive("sig_2"));
      await committed(store(), receive("sig_1"));
      const { run } = await load("run_a");
      expect(run.mailboxVersion).toBe(2);
      expect(run.mailbox.map(({ id }) => id)).toEqual(["sig_2", "sig_1"]);
      const consume = transition("run_a", {
        expected: { epoch: 1, branches: [], signalsPending: ["sig_2"] },
        signals: [{ change: "consumed", signalId: "sig_2", stepId: check.id }],
      });
      await committed(store(), consume);
      expect((await load("run_a")).run.mailbox.map(({ id }) => id)).toEqual(["sig_1"]);
      expect(await store().runs.commit(consume)).toEqual({ status: "stale" });
    });

    test("are consumed once, also by a decision that takes several", async () => {
      const check = await startedRun(store(), "run_a");
      for (const id of ["sig_1", "sig_2", "sig_3"]) await committed(store(), receive(id));
      const consume = (...ids: readonly string[]) =>
        store().runs.commit(
          transition("run_a", {
            expected: { epoch: 1, branches: [], signalsPending: ids },
            signals: ids.map((signalId) => ({ change: "consumed", signalId, stepId: check.id })),
          }),
        );
      expect(await consume("sig_2")).toMatchObject({ status: "committed" });
      expect(await consume("sig_1", "sig_2")).toEqual({ status: "stale" });
      expect(await consume("sig_1", "sig_3")).toMatchObject({ status: "committed" });
      expect((await load("run_a")).run.mailbox).toEqual([]);
    });
  });

  describe("text", () => {
    test("comes back as it was written, and half a character as the sign for one that is missing", async () => {
      await startedRun(store(), "run_a");
      const ids = ["é😀\u2028", 'a"b\\u0000', "{}", "\ud800half"];
      for (const id of ids)
        await committed(
          store(),
          transition("run_a", {
            events: [recorded({ type: "signal.received", signalId: id, name: "go", payload: id })],
            signals: [{ change: "received", signal: { id, name: "go", payload: id, at: AT } }],
          }),
        );
      const { mailbox } = (await load("run_a")).run;
      expect(mailbox.map(({ id }) => id)).toEqual([...ids.slice(0, 3), "\ufffdhalf"]);
      expect(mailbox.map(({ payload }) => payload)).toEqual(ids);
    });
  });

  describe("an idempotency key", () => {
    const once = (requestHash: string) => ({
      principal: "user:ana",
      route: "POST /workflow-runs",
      key: "k1",
      requestHash,
      answer: { runId: "run_a" },
      expiresAt: AT + 1000,
    });

    test("gives a repeated request its first answer, and nothing happens again", async () => {
      await store().runs.commit(creating("run_a"), once("h1"));
      const replayed = { status: "replayed", requestHash: "h1", answer: { runId: "run_a" } };
      expect(await store().runs.commit(creating("run_b"), once("h2"))).toEqual(replayed);
      expect(await store().runs.load("run_b" as RunId, ROOT)).toBeNull();
    });

    test("counts once for two requests that arrive together", async () => {
      const results = await Promise.all(
        ["run_a", "run_b"].map((id) => store().runs.commit(creating(id), once("h1"))),
      );
      expect(results.map(({ status }) => status)).toEqual(["committed", "replayed"]);
    });

    test("is not used up by a request that came too late", async () => {
      await startedRun(store(), "run_a");
      expect(await store().runs.commit(creating("run_a"), once("h1"))).toEqual({ status: "stale" });
      expect(await store().runs.commit(creating("run_b"), once("h1"))).toMatchObject({ status: "committed" });
    });

    test("is forgotten when it has expired", async () => {
      await store().runs.commit(creating("run_a"), once("h1"));
      subject().clock.at = AT + 1001;
      expect(await store().runs.commit(creating("run_b"), once("h2"))).toMatchObject({ status: "committed" });
    });
  });

  describe("large values", () => {
    const large = { text: "x".repeat(300 * 1024), unicode: "ü€😀" };

    test("are read as they were written, wherever they are", async () => {
      const check = await startedRun(store(), "run_a", large);
      await committed(store(), leaving("run_a", check, large));
      await committed(
        store(),
        transition("run_a", {
          branches: [branch("fix/0", { vars: { item: large } })],
          events: [opened("fix/0", { item: large })],
        }),
      );
      const { run } = await load("run_a", "fix/0");
      expect(run.input).toEqual(large);
      expect(run.branches[ROOT]?.previous).toEqual(large);
      expect(run.branches["fix/0" as typeof ROOT]?.vars).toEqual({ item: large });
      const [view] = await store().queries.steps("run_a" as RunId);
      expect(view?.output).toEqual(large);
      const events = await store().queries.events("run_a" as RunId, 0, 10);
      expect(events[0]?.event).toMatchObject({ input: large });
      expect(events[2]?.event).toMatchObject({ output: large });
      const all = await store().queries.eventsSince(0, 10);
      expect(all.map(({ event }) => event)).toEqual(events.map(({ event }) => event));
    });

    test("one that is longer than a server takes as one is kept, and read as it was written", async () => {
      const longest = { text: "\u{1f600}".repeat(1_500_000) };
      const check = await startedRun(store(), "run_a");
      await committed(store(), leaving("run_a", check, longest));
      expect((await load("run_a", ROOT)).run.branches[ROOT]?.previous).toEqual(longest);
      const [view] = await store().queries.steps("run_a" as RunId);
      expect(view?.output).toEqual(longest);
      const events = await store().queries.events("run_a" as RunId, 2, 10);
      expect(events[0]?.event).toMatchObject({ output: longest });
    });

    test("many of one transition are kept, also where no statement may be as long as all of them", async () => {
      await startedRun(store(), "run_a");
      const events = Array.from({ length: 30 }, (_, index) =>
        opened(`fix/${index}`, { item: `${index}`.repeat(100_000) }),
      );
      const lastSeq = await committed(store(), transition("run_a", { events }));
      const kept = await store().queries.events("run_a" as RunId, lastSeq - 30, 30);
      expect(kept.map(({ event }) => event)).toEqual(events.map(({ event }) => event));
    });
  });
}

const at = (path: string, version: number) => ({ path: path as typeof ROOT, version });
const claim = (runId: string) => ({
  id: step(runId, "", "check").id,
  branch: ROOT,
  status: "RUNNING" as const,
  attempt: 1,
  token: 1,
});
const decided = (runId: string) => ({
  id: approval(step(runId, "", "check")).id,
  status: "APPROVED" as const,
  revision: 1,
});
const child = (parent: typeof ROOT) => ({ parent, status: "succeeded" as const });
const lastSeqOf = (result: CommitResult) => (result.status === "committed" ? result.lastSeq : 0);

function opened(path: string, vars: { readonly [key: string]: never } | object) {
  return recorded({
    type: "branch.opened",
    branch: path as typeof ROOT,
    start: "check",
    vars: vars as never,
  });
}

/** The root leaves `check` with success. */
function leaving(runId: string, check: ReturnType<typeof step>, output: object = { pods: 3 }): Transition {
  const named = { branch: ROOT, state: "check", stepId: check.id } as const;
  const merge = { noted: { by: "a block" }, steps: { inner: "done" } };
  const whole = [["noted"], ["steps", "inner"]];
  const exit = { order: 2, resultPath: "found", merge, whole, result: undefined };
  const value = output as never;
  return transition(runId, {
    expected: { epoch: 1, branches: [at(ROOT, 1)], step: claim(runId) },
    events: [
      recorded({ type: "step.succeeded", ...named, attempt: 1, output: value }),
      recorded({ type: "state.exited", ...named, next: "fix", resultPath: "found", merge, whole }),
    ],
    branches: [
      branch("", {
        version: 3,
        own: { host: "web-1", noted: merge.noted, found: value },
        whole: [["noted"], ["found"]],
        results: { inner: "done", check: value },
        previous: value,
        visits: { check: 1 },
        position: { at: "before", state: "fix" },
      }),
    ],
    steps: [{ ...check, finishedAt: AT, progress: succeeded(value), exit }],
  });
}

function closing(runId: string, path: string, fails: boolean): Transition {
  const error = { code: "E", message: "broken", type: "agent_error", retryable: false };
  const outcome = fails
    ? ({ status: "FAILED", error, writes: {} } as const)
    : ({ status: "SUCCEEDED", result: path, writes: {} } as const);
  return transition(runId, {
    expected: { epoch: 1, branches: [at(path, 1)] },
    events: [
      recorded({ type: "branch.closed", branch: path as typeof ROOT, outcome }),
      recorded({ type: "run.resumed" }),
    ],
    branches: [branch(path, { version: 2, position: { at: "closed", closedAt: AT, outcome } })],
    childrenClosed: [{ parent: ROOT, status: fails ? "failed" : "succeeded" }],
  });
}
