import { describe, expect, test } from "vitest";
import { type AdminText, adminHash } from "../../../src/core/audit/admin-chain.ts";
import { chainStart } from "../../../src/core/audit/chain.ts";
import { definitionDigest } from "../../../src/core/definition/canonical.ts";
import { type BranchPath, ROOT, type RunId } from "../../../src/core/run/ids.ts";
import type { Lifecycle, Run, StepError, StepProgress } from "../../../src/core/run/run.ts";
import type { AdminEvent } from "../../../src/engine/ports/admin-events.ts";
import type { PlacedEvent } from "../../../src/engine/ports/queries.ts";
import type { Switch } from "../../../src/engine/ports/workflows.ts";
import { sealOnce } from "../../../src/engine/seal-events.ts";
import { by } from "../../support/people.ts";
import {
  AT,
  approval,
  branch,
  committed,
  creating,
  definition,
  on,
  recorded,
  startedRun,
  step,
  transition,
} from "./given.ts";
import type { Subject } from "./subject.ts";

/** What people are told, and what is kept of workflows. */
export function queryContract(subject: () => Subject): void {
  const store = () => subject().store;
  const view = async () => {
    const found = await store().queries.run("run_a" as RunId, AT);
    if (!found) throw new Error("no run");
    return found;
  };

  test.each([
    ["little", "w"],
    ["much", "w".repeat(300_000)],
  ])("what a run's output has against it is told with the run: %s", async (_name, message) => {
    const warnings = [{ code: "SCHEMA_VALIDATION_OUTPUT", errors: [{ pointer: "", message }] }];
    await startedRun(store(), "run_a");
    expect((await view()).warnings).toEqual([]);
    const run = (await store().runs.load("run_a" as RunId, ROOT))?.run as Run;
    const completed = { status: "COMPLETED", at: AT, output: 1 } as const;
    await committed(
      store(),
      transition("run_a", {
        expected: { epoch: 1, branches: [{ path: ROOT, version: 1 }] },
        run: { ...run, lifecycle: completed, epoch: 2 },
        events: [recorded({ type: "run.completed", output: 1, warnings })],
      }),
    );
    expect(await view()).toMatchObject({ status: "COMPLETED", output: 1, warnings });
  });

  describe("what a run is blocked on", () => {
    const standing = async (progress: StepProgress, attempt = 1) => {
      await startedRun(store(), "run_a");
      await committed(
        store(),
        transition("run_a", { steps: [step("run_a", "", "check", { progress, attempt })] }),
      );
      return (await view()).blockedOn;
    };
    const error = { code: "AGENT_ERROR", message: "down", type: "agent_error", retryable: true };

    test("a step in a worker's hands", async () => {
      await startedRun(store(), "run_a");
      expect((await view()).blockedOn).toBe("step check is running on worker w1, attempt 1");
    });
    test("a retry", async () => {
      expect(await standing({ status: "PENDING", dueAt: AT + 5000, error }, 2)).toBe(
        "retrying check, attempt 2 at 2027-01-15T08:00:05.000Z: down",
      );
    });
    test("a retry after an error that is kept elsewhere, because it is large", async () => {
      const large = { ...error, message: "m".repeat(300_000) };
      expect(await standing({ status: "PENDING", dueAt: AT + 5000, error: large }, 2)).toBe(
        "retrying check, attempt 2 at 2027-01-15T08:00:05.000Z",
      );
    });
    test("a worker to come", async () => {
      expect(await standing({ status: "PENDING", dueAt: AT }, 0)).toBe(
        "no worker has taken step check, due since 2027-01-15T08:00:00.000Z: 0 workers connected",
      );
    });
    test("a timer", async () => {
      expect(await standing({ status: "RUNNING", waiting: { for: "timer", dueAt: AT + 60_000 } })).toBe(
        "timer check until 2027-01-15T08:01:00.000Z",
      );
    });
    test("a signal", async () => {
      expect(await standing({ status: "RUNNING", waiting: { for: "signal", name: "go" } })).toBe(
        "waiting for signal go at check",
      );
    });
    test("an approval, before anything else that is open", async () => {
      await startedRun(store(), "run_a");
      const gate = step("run_a", "fan/0", "gate");
      const asked = approval(gate, { approvers: ["team:sre", "user:ben"] });
      await committed(
        store(),
        transition("run_a", {
          branches: [branch("fan/0", { position: on("gate", gate.id) })],
          steps: [{ ...gate, progress: { status: "WAITING_APPROVAL", approvalId: asked.id } }],
          approvals: [asked],
        }),
      );
      expect((await view()).blockedOn).toBe(
        "waiting for approval of gate in fan/0 by team:sre, user:ben (and 1 more)",
      );
    });
    test("whoever paused it", async () => {
      await startedRun(store(), "run_a");
      const run = creating("run_a").run as Run;
      const event = { type: "run.paused", reason: "change freeze" } as const;
      await committed(
        store(),
        transition("run_a", {
          events: [{ at: AT, ...by("user:ben"), event }],
          run: { ...run, startedAt: AT, epoch: 2, lifecycle: { status: "PAUSED", reason: "change freeze" } },
        }),
      );
      expect((await view()).blockedOn).toBe(
        `paused by user:ben since ${new Date(AT).toISOString()}: change freeze; 1 running step is finished first`,
      );
    });
    test("nobody having begun", async () => {
      await committed(store(), creating("run_a"));
      expect(await view()).toMatchObject({
        blockedOn: "no worker has taken it, queued since 2027-01-15T08:00:00.000Z: 0 workers connected",
        currentStates: [],
        seq: 1,
      });
    });
    test("nobody of those that could, while others that execute nothing are alive", async () => {
      await committed(store(), creating("run_a"));
      await store().leases.renew("host:1:api", AT + 1000);
      expect((await view()).blockedOn).toMatch(/: 0 workers connected$/);
      await store().leases.renew("host:2", AT + 1000);
      await store().leases.renew("host:3", AT - 1);
      expect((await view()).blockedOn).toMatch(/: 1 worker connected$/);
    });
  });

  test("a list says of each run what it waits for or what ended it, and nothing of one that is well", async () => {
    const error = { code: "E", message: "no answer", type: "engine", retryable: false, state: "check" };
    const ended = async (id: string, lifecycle: Run["lifecycle"]) => {
      await startedRun(store(), id);
      const run = creating(id).run as Run;
      await committed(
        store(),
        transition(id, { run: { ...run, startedAt: AT, epoch: 2, lifecycle }, closed: "cancelled" }),
      );
    };
    await ended("run_1", { status: "COMPLETED", at: AT, output: null });
    await ended("run_2", { status: "FAILED", at: AT, error });
    await ended("run_3", { status: "FAILED", at: AT, error: { ...error, details: "x".repeat(300_000) } });
    await ended("run_4", { status: "CANCELLED", at: AT, reason: "not needed" });
    await startedRun(store(), "run_5");
    await committed(store(), creating("run_6"));
    const runs = await store().queries.runs({}, { limit: 10 });
    expect(Object.fromEntries(await store().queries.whys(runs, AT))).toEqual({
      run_2: "check: no answer",
      run_3: "its error is too large to be shown here",
      run_4: "not needed",
      run_5: "step check is running on worker w1, attempt 1",
      run_6: "no worker has taken it, queued since 2027-01-15T08:00:00.000Z: 0 workers connected",
    });
  });

  test("how the states of a workflow did is counted over its newest runs", async () => {
    const figuresOf = (since: number, limit: number, id = "triage") =>
      store().queries.stepFigures({ environment: "default", id }, since, limit);
    expect(await figuresOf(0, 10)).toEqual({ runs: 0, states: [], ways: [] });
    const error = { code: "E", message: "x", type: "engine", retryable: false };
    for (const [index, ms] of [100, 300, 200, 400].entries()) {
      const id = `run_${index}`;
      await startedRun(store(), id);
      const progress: StepProgress =
        index === 3 ? { status: "FAILED", error } : { status: "SUCCEEDED", output: null };
      const change = { progress, finishedAt: AT + ms, attempt: index === 2 ? 2 : 1 };
      await committed(store(), transition(id, { steps: [step(id, "", "check", change)] }));
    }
    // It is at its first state still.
    await startedRun(store(), "run_9");
    const check = { state: "check", runs: 5, visits: 4, failed: 1, retried: 1, p50Ms: 200, p95Ms: 400 };
    expect(await figuresOf(0, 10)).toEqual({ runs: 5, states: [check], ways: [] });
    expect(await figuresOf(0, 2)).toMatchObject({
      runs: 2,
      states: [{ runs: 2, visits: 1, failed: 1, p50Ms: 400 }],
    });
    expect(await figuresOf(AT + 1, 10)).toEqual({ runs: 0, states: [], ways: [] });
    expect(await figuresOf(0, 10, "other")).toEqual({ runs: 0, states: [], ways: [] });
  });

  test("of a switch it is known how many runs went which way, however often each did", async () => {
    for (const [index, ways] of [["fix"], ["fix", "fix", "report"], []].entries()) {
      const id = `run_${index}`;
      await startedRun(store(), id);
      const steps = ways.map((next, visit) => {
        const progress: StepProgress = { status: "SUCCEEDED", output: next };
        const change = { type: "switch", action: null, progress, finishedAt: AT, visit: visit + 1 } as const;
        return step(id, "", "decide", change);
      });
      await committed(store(), transition(id, { steps }));
    }
    const { ways } = await store().queries.stepFigures({ environment: "default", id: "triage" }, 0, 10);
    expect(ways).toEqual([
      { state: "decide", next: "fix", runs: 2 },
      { state: "decide", next: "report", runs: 1 },
    ]);
  });

  describe("the list of runs", () => {
    const ids = async (filter: Parameters<ReturnType<typeof store>["queries"]["runs"]>[0], limit = 10) =>
      (await store().queries.runs(filter, { limit })).map(({ runId }) => runId as string);

    test("is read page by page without losing or repeating one, newest first", async () => {
      for (const id of ["run_1", "run_2", "run_3", "run_4", "run_5"]) await committed(store(), creating(id));
      const seen: string[] = [];
      let before: { at: number; id: string } | undefined;
      for (;;) {
        const page = await store().queries.runs({}, { limit: 2, ...(before ? { before } : {}) });
        seen.push(...page.map(({ runId }) => runId));
        const last = page.at(-1);
        if (!last) break;
        before = { at: last.createdAt, id: last.runId };
      }
      expect(seen).toEqual(["run_5", "run_4", "run_3", "run_2", "run_1"]);
    });

    test("can be narrowed down, and counted", async () => {
      await committed(store(), creating("run_1"));
      await startedRun(store(), "run_2");
      await startedRun(store(), "run_3");
      await committed(store(), transition("run_3", { waiting: { approvals: 1, signals: 0 } }));
      expect(await ids({ status: ["RUNNING", "WAITING_APPROVAL"] })).toEqual(["run_3", "run_2"]);
      expect(await ids({ workflowId: "triage", environments: ["default"] })).toHaveLength(3);
      expect(await ids({ environments: ["production", "default"] })).toHaveLength(3);
      expect(await ids({ environments: ["production"] })).toEqual([]);
      expect(await ids({ environments: [] })).toEqual([]);
      expect(await ids({ startedAfter: AT + 1 })).toEqual([]);
      const [{ startedBy = "" } = {}] = await store().queries.runs({}, { limit: 1 });
      expect(await ids({ startedBy })).toHaveLength(3);
      expect(await ids({ startedBy: startedBy.slice(0, startedBy.indexOf(":") + 1) })).toHaveLength(3);
      expect(await ids({ startedBy: "%" })).toEqual([]);
      expect(await ids({ q: "un_2" })).toEqual(["run_2"]);
      expect(await ids({ q: "%" })).toEqual([]);
      expect(await store().queries.counts({})).toMatchObject({
        PENDING: 1,
        RUNNING: 1,
        WAITING_APPROVAL: 1,
        FAILED: 0,
      });
    });

    test("are found by their error's text and by a value of their input, not by a name in it", async () => {
      const inputs = [
        { service: "checkout", limits: { rate: 0.083 }, tags: ["eu-1"] },
        { service: 'pay "later" 100%', checkout: true },
        { service: "x".repeat(17_000) },
      ];
      for (const [index, input] of inputs.entries())
        await committed(store(), creating(`run_${index}`, input));
      expect(await ids({ q: "CHECKOUT" })).toEqual(["run_0"]);
      expect(await ids({ q: "0.083" })).toEqual(["run_0"]);
      expect(await ids({ q: "eu-" })).toEqual(["run_0"]);
      expect(await ids({ q: 'y "later" 100%' })).toEqual(["run_1"]);
      expect(await ids({ q: "limits" })).toEqual([]);
      expect(await ids({ q: "xxx" })).toEqual([]);

      const error = { code: "VAULT_403", message: "permission denied", type: "agent_error", retryable: true };
      await startedRun(store(), "run_3");
      const lifecycle = { status: "FAILED", at: AT + 5, error } as const;
      const run = { ...(creating("run_3").run as Run), startedAt: AT, epoch: 2, lifecycle };
      await committed(store(), transition("run_3", { run, closed: "cancelled" }));
      expect(await ids({ q: "permission den" })).toEqual(["run_3"]);
      expect(await ids({ q: "vault_4" })).toEqual(["run_3"]);
      expect(await ids({ q: "agent_error" })).toEqual([]);
      // The other conditions hold with it, on every page and in the counts.
      expect(await ids({ q: "checkout", status: ["FAILED"] })).toEqual([]);
      expect(await ids({ q: "checkout", status: ["PENDING"], environments: ["default", "prod"] })).toEqual([
        "run_0",
      ]);
      const before = { at: AT, id: "run_1" };
      const page = await store().queries.runs({ q: "checkout", workflowId: "triage" }, { limit: 1, before });
      expect(page.map(({ runId }) => runId)).toEqual(["run_0"]);
      expect(await store().queries.counts({ q: "permission", environments: ["default"] })).toMatchObject({
        FAILED: 1,
        PENDING: 0,
      });
    });

    test("beyond the newest 2,000 are found by their names alone", async () => {
      const name = (index: number) => `run_${String(index).padStart(4, "0")}`;
      await Promise.all(
        Array.from({ length: 2001 }, (_, index) =>
          committed(store(), creating(name(index), { host: index < 2 ? "web-old" : "web-1" })),
        ),
      );
      expect(await ids({ q: "web-old" })).toEqual(["run_0001"]);
      expect(await ids({ q: "run_0000" })).toEqual(["run_0000"]);
    });

    test("are counted by the hour they began in, and the newest that failed are told with their error", async () => {
      const error = {
        code: "AGENT_ERROR",
        message: "down",
        type: "agent_error",
        retryable: true,
        state: "fix",
      };
      await startedRun(store(), "run_1");
      const lifecycle = { status: "FAILED", at: AT + 5, error } as const;
      const run = { ...(creating("run_1").run as Run), startedAt: AT, epoch: 2, lifecycle };
      await committed(store(), transition("run_1", { run, closed: "cancelled" }));
      await startedRun(store(), "run_2");
      await committed(store(), creating("run_3"));
      const asked = { since: AT - 130, until: AT + 170, bucketMs: 100 };
      const { buckets, failures } = await store().queries.activity(asked);
      expect(buckets).toEqual([
        { at: AT - 130, counts: {} },
        { at: AT - 30, counts: { FAILED: 1, PENDING: 1, RUNNING: 1 } },
        { at: AT + 70, counts: {} },
      ]);
      expect(failures).toEqual([
        {
          runId: "run_1",
          environment: "default",
          workflowId: "triage",
          finishedAt: AT + 5,
          state: "fix",
          code: "AGENT_ERROR",
          message: "down",
        },
      ]);
      const elsewhere = await store().queries.activity({ ...asked, environments: ["prod"] });
      expect([elsewhere.buckets.flatMap(({ counts }) => Object.keys(counts)), elsewhere.failures]).toEqual([
        [],
        [],
      ]);
    });

    test("a run is found by the beginning of its id", async () => {
      for (const id of ["run_01A", "run_01B", "run_02C"]) await committed(store(), creating(id));
      expect(await store().queries.runIdsByPrefix("run_01", 5)).toEqual(["run_01A", "run_01B"]);
    });
  });

  describe("approvals", () => {
    test("are listed by status, and found with the run they belong to", async () => {
      const check = await startedRun(store(), "run_a");
      const asked = approval(check, {
        quorum: { "team:sre": 2 },
        summary: { risk: "high" },
        title: "Restart",
      });
      await committed(store(), transition("run_a", { approvals: [asked] }));
      const of = { workflowId: "triage", workflowVersion: 1, environment: "default", startedBy: "user:ana" };
      const expected = { ...asked, runId: "run_a", ...of };
      expect(await store().queries.approval(asked.id)).toEqual(expected);
      expect(await store().queries.approvals({ status: ["PENDING"] }, { limit: 5 })).toEqual([expected]);
      expect(await store().queries.approvals({ runId: "run_a" as RunId }, { limit: 5 })).toHaveLength(1);
      expect(await store().queries.approvals({ status: ["APPROVED", "REJECTED"] }, { limit: 5 })).toEqual([]);
      const within = (environments: readonly string[]) =>
        store().queries.approvals({ environments }, { limit: 5 });
      expect(await within(["default"])).toEqual([expected]);
      expect([await within(["production"]), await within([])]).toEqual([[], []]);
      const decision = { decision: "approve", channel: "ui", by: "user:ben", at: AT, comment: null } as const;
      const decided = { ...asked, status: "APPROVED", decisions: [decision] } as const;
      await committed(store(), transition("run_a", { approvals: [decided] }));
      expect(await store().queries.approval(asked.id)).toMatchObject({
        status: "APPROVED",
        decisions: [decision],
      });
    });

    test("belong to the environment of their run", async () => {
      const asked = approval(await startedRun(store(), "run_a"));
      await committed(store(), transition("run_a", { approvals: [asked] }));
      const { environmentOf } = store().queries;
      expect(await environmentOf("run", "run_a")).toBe("default");
      expect(await environmentOf("approval", asked.id)).toBe("default");
      expect([await environmentOf("run", "run_b"), await environmentOf("approval", "run_a")]).toEqual([
        null,
        null,
      ]);
    });

    test("the one a branch waits for is read with it", async () => {
      const check = await startedRun(store(), "run_a");
      const asked = approval(check);
      const waiting = { ...check, progress: { status: "WAITING_APPROVAL", approvalId: asked.id } } as const;
      await committed(store(), transition("run_a", { steps: [waiting], approvals: [asked] }));
      expect((await store().runs.load("run_a" as RunId, ROOT))?.run.approvals).toEqual({ [asked.id]: asked });
    });
  });

  test("the outcomes of a state's children are told apart from their own children's", async () => {
    await startedRun(store(), "run_a");
    const outcome = (result: string) => ({ status: "SUCCEEDED", result, writes: {} }) as const;
    const closed = (path: string) =>
      branch(path, { position: { at: "closed", closedAt: AT, outcome: outcome(path) } });
    await committed(
      store(),
      transition("run_a", {
        branches: [
          closed("each/0"),
          closed("each/10"),
          closed("each/0/in/1"),
          closed("each2/0"),
          branch("each/3"),
        ],
      }),
    );
    expect(await store().runs.outcomes("run_a" as RunId, ROOT, "each")).toEqual(
      new Map([
        ["0", outcome("each/0")],
        ["10", outcome("each/10")],
      ]),
    );
    const below = await store().runs.outcomes("run_a" as RunId, "each/0" as BranchPath, "in");
    expect([...below.keys()]).toEqual(["1"]);
  });

  describe("the audit trail's hash chain", () => {
    test("is read the same however it was sealed, and not beyond the last seal", async () => {
      await startedRun(store(), "run_a");
      await startedRun(store(), "run_b");
      const { runs } = await store().seals.pending(3);
      await sealOnce({ store: store() }, 3);
      expect(runs.map(({ runId, events }) => [runId, events.length])).toEqual([
        ["run_a", 2],
        ["run_b", 1],
      ]);
      await committed(
        store(),
        transition("run_a", { events: [1, 2, 3].map((at) => recorded({ type: "run.resumed" }, at)) }),
      );
      await sealOnce({ store: store() }, 100);
      await committed(store(), transition("run_a"));
      const events = await store().queries.events("run_a" as RunId, 0, 100);
      expect(events.map(({ hash }) => typeof hash)).toEqual([...Array(5).fill("string"), "object"]);
      for (const after of [1, 2, 3, 4])
        expect(await store().queries.events("run_a" as RunId, after, 2)).toEqual(
          events.slice(after, after + 2),
        );
      expect(new Set(events.map(({ hash }) => hash)).size).toBe(6);
      expect(events[0]?.hash).not.toBe(chainStart("run_a"));
    });

    test("holds for what was changed about Station itself, event by event", async () => {
      const event = (id: string) => ({ ...{ id, at: AT, ...by("user:ana"), data: {} } });
      const { adminEvents, seals } = store();
      const append = (id: string) =>
        adminEvents.append({ ...event(id), action: "key.created", environment: null, subject: "key:*/ci" });
      await append("adm_a");
      await sealOnce({ store: store() }, 100);
      await append("adm_b");
      const { after, hash, events } = await seals.pendingAdmin(100);
      expect(events.map(({ id }) => id)).toEqual(["adm_b"]);
      const next = [{ position: events[0]?.position ?? 0, hash: adminHash(hash, events[0] as AdminText) }];
      expect(await seals.appendAdmin(after, next)).toBe(true);
      expect(await seals.appendAdmin(after, next)).toBe(false);
      expect(await seals.pendingAdmin(100)).toMatchObject({ hash: next[0]?.hash, events: [] });
    });

    test("is written by one of two sealers", async () => {
      await startedRun(store(), "run_a");
      const { from, to } = await store().seals.pending(10);
      expect(await store().seals.append({ from, to }, [])).toBe(true);
      expect(await store().seals.append({ from, to }, [])).toBe(false);
      expect((await store().seals.pending(10)).runs).toEqual([]);
    });
  });

  test("events of all runs are read in the order in which they were kept", async () => {
    await committed(store(), creating("run_b"));
    await committed(store(), creating("run_a"));
    await committed(store(), { ...transition("run_b"), expected: { epoch: 0, branches: [] } });
    const all = await store().queries.eventsSince(0, 10);
    expect(all.map(({ runId, seq }) => `${runId} ${seq}`)).toEqual(["run_b 1", "run_a 1", "run_b 2"]);
    expect(await store().queries.eventsSince(all[1]?.position ?? 0, 10)).toHaveLength(1);
  });

  test("whoever follows the trail while it grows gets what is in it, each event once", async () => {
    const followed: PlacedEvent[] = [];
    const follow = async () => {
      const page = await store().queries.eventsSince(followed.at(-1)?.position ?? 0, 2);
      followed.push(...page);
      return page.length;
    };
    await follow();
    await startedRun(store(), "run_a", { large: "x".repeat(300 * 1024) });
    await follow();
    const stale = { ...transition("run_a"), expected: { epoch: 7, branches: [] } };
    expect((await store().runs.commit(stale)).status).toBe("stale");
    // Two that share a transaction.
    await Promise.all([committed(store(), creating("run_b")), committed(store(), creating("run_c"))]);
    while ((await follow()) > 0);
    const kept = await Promise.all(
      ["run_a", "run_b", "run_c"].map((id) => store().queries.events(id as RunId, 0, 10)),
    );
    const ofRun = (id: string) =>
      followed.filter(({ runId }) => runId === id).map(({ position, runId, ...event }) => event);
    expect(["run_a", "run_b", "run_c"].map(ofRun)).toEqual(kept);
  });

  test("a healthy database has nothing to complain of, a worker's death shows", async () => {
    await startedRun(store(), "run_a");
    await store().leases.renew("w1", AT + 100);
    expect((await store().queries.doctor(AT)).filter(({ ok }) => !ok)).toEqual([]);
    const sick = (await store().queries.doctor(AT + 100)).filter(({ ok }) => !ok);
    expect(sick.map(({ check }) => check)).toEqual(["every running step has a living worker"]);
  });

  describe("publishing", () => {
    let told = 0;
    const event = (action: string): AdminEvent => ({
      ...{ id: `adm_${++told}`, at: AT, actor: "user:ana", channel: "api", action, environment: "default" },
      ...{ subject: "workflow:default/triage", data: {} },
    });
    const setEnabled = (id: string, change: Switch) =>
      store().workflows.setEnabled("default", id, change, event("workflow.switched"));
    const remove = (id: string) => store().workflows.remove("default", id, event("workflow.removed"));
    const actions = async () =>
      (await store().adminEvents.list(null, { limit: 9 })).map(({ action, data }) => [
        action,
        data["result"],
      ]);

    const publish = (change: object = {}, more: object = {}) =>
      store().workflows.publish({
        environment: "default",
        definition: { ...definition, ...change },
        source: "id: triage",
        sourceFormat: "yaml",
        origin: "api",
        at: AT + 1,
        by: "user:ana",
        channel: "api",
        eventId: `adm_${++told}`,
        ...more,
      });

    test("the same definition again makes no version, however its keys are ordered", async () => {
      const { id, ...rest } = definition;
      expect(await publish({ ...rest, id })).toMatchObject({ status: "unchanged", workflow: { version: 1 } });
      const { id: _, ...reordered } = definition;
      const result = await store().workflows.publish({
        environment: "default",
        definition: { ...reordered, id },
        source: "# a comment\nid: triage",
        sourceFormat: "yaml",
        origin: "workflows/triage.workflow.yaml",
        at: AT + 1,
        by: "sync",
        channel: "sync",
        eventId: "adm_sync",
      });
      expect(result).toMatchObject({
        status: "unchanged",
        workflow: { version: 1, source: "# a comment\nid: triage", origin: "workflows/triage.workflow.yaml" },
      });
    });

    test("a form that only a newer program gives it makes no version, and what is told of it is what is kept", async () => {
      expect(await publish({ form: 3 }, { source: "# why\nid: triage" })).toMatchObject({
        status: "unchanged",
        workflow: { version: 1, source: "# why\nid: triage" },
      });
      const [told] = await store().adminEvents.list(null, { limit: 1 });
      expect(told?.data).toMatchObject({ result: "unchanged", definition: definitionDigest(definition) });
      expect((await store().workflows.get("default", "triage"))?.definition).not.toHaveProperty("form");
    });

    test("a changed definition is a new version, and runs keep theirs", async () => {
      await startedRun(store(), "run_a");
      expect(await publish({ name: "Other" })).toMatchObject({ status: "updated", workflow: { version: 2 } });
      expect((await store().runs.load("run_a" as RunId, ROOT))?.run.definition.name).toBe("Incident triage");
      expect((await store().workflows.get("default", "triage", 1))?.definition.name).toBe("Incident triage");
      expect((await store().workflows.get("default", "triage"))?.definition.name).toBe("Other");
      expect(await store().workflows.versions("default", "triage")).toEqual([
        { version: 2, createdAt: AT + 1, createdBy: "user:ana", authorVersion: "1", restoredFrom: null },
        { version: 1, createdAt: AT, createdBy: "user:ana", authorVersion: "1", restoredFrom: null },
      ]);
    });

    test("is refused when what the author expects does not hold", async () => {
      expect(await publish({}, { expect: "absent" })).toEqual({ status: "exists" });
      expect(await publish({ id: "new" }, { expect: "present" })).toEqual({ status: "absent" });
      expect(await publish({}, { expect: { version: 4 } })).toEqual({
        status: "version-mismatch",
        current: 1,
      });
    });

    test("leaves an event with each change, and none when nothing changed", async () => {
      await publish();
      await publish({}, { source: "# why\nid: triage" });
      await publish({ name: "Other" }, { expect: { version: 7 } });
      await publish({ name: "Other" });
      await publish({}, { restores: 1 });
      const change = { enabled: false, because: "operator", by: "user:ana", at: AT } as const;
      for (const to of [
        change,
        change,
        { enabled: true, at: AT } as const,
        { enabled: true, at: AT } as const,
      ])
        await setEnabled("triage", to);
      await setEnabled("unknown", change);
      await remove("unknown");
      await publish({ id: "unused" });
      await remove("unused");
      expect(await actions()).toEqual([
        ["workflow.removed", undefined],
        ["workflow.published", "created"],
        ["workflow.switched", undefined],
        ["workflow.switched", undefined],
        ["workflow.rolled-back", "updated"],
        ["workflow.published", "updated"],
        ["workflow.published", "unchanged"],
        ["workflow.published", "created"],
      ]);
      const [, , , , rolledBack] = await store().adminEvents.list(null, { limit: 9 });
      expect(rolledBack).toMatchObject({
        actor: "user:ana",
        environment: "default",
        subject: "workflow:default/triage",
        data: { version: 3, restores: 1, definition: definitionDigest(definition), origin: "api" },
      });
    });

    test("two changes at the same time are two versions", async () => {
      const results = await Promise.all(["a", "b", "c"].map((name) => publish({ name })));
      expect(results.map((r) => "workflow" in r && r.workflow.version).length).toBe(3);
      expect(await store().workflows.versions("default", "triage")).toHaveLength(4);
    });

    describe("a disabled workflow", () => {
      const disable = (because: "operator" | "file-missing", by: string) =>
        setEnabled("triage", { enabled: false, because, by, at: AT + 7 });
      const enable = () => setEnabled("triage", { enabled: true, at: AT + 9 });
      const now = () => store().workflows.get("default", "triage");

      test("remembers who disabled it and why, until somebody enables it", async () => {
        expect(await disable("operator", "user:ana")).toBe(true);
        const disabled = { by: "user:ana", because: "operator" };
        expect(await now()).toMatchObject({ enabled: false, disabled, updatedAt: AT + 7 });
        expect((await store().workflows.list("default"))[0]).toMatchObject({ enabled: false, disabled });
        expect(await enable()).toBe(true);
        expect(await now()).toMatchObject({ enabled: true, disabled: null, updatedAt: AT + 9 });
        const change = { enabled: true, at: AT } as const;
        expect(await setEnabled("unknown", change)).toBe(false);
      });

      test("is enabled by publishing it again when its file was missing, changed or not", async () => {
        await disable("file-missing", "system:sync");
        expect(await publish()).toMatchObject({ status: "enabled", workflow: { enabled: true, version: 1 } });
        await disable("file-missing", "system:sync");
        expect(await publish({ name: "Other" })).toMatchObject({
          status: "updated",
          workflow: { enabled: true, disabled: null, version: 2 },
        });
      });

      test("stays so when a person disabled it, whatever is published", async () => {
        await disable("operator", "user:ana");
        expect(await publish()).toMatchObject({ status: "unchanged", workflow: { enabled: false } });
        expect(await publish({ name: "Other" })).toMatchObject({
          status: "updated",
          workflow: { enabled: false, disabled: { by: "user:ana" } },
        });
      });

      test("is a person's as soon as one says so, and not the file's afterwards", async () => {
        await disable("file-missing", "system:sync");
        await disable("operator", "user:ben");
        await disable("file-missing", "system:sync");
        await disable("operator", "user:ana");
        expect((await now())?.disabled).toEqual({ by: "user:ben", because: "operator" });
      });
    });

    test("a workflow stays its file's when it is changed over the API, unless the file is gone", async () => {
      const origin = "workflows/triage.workflow.yaml";
      const inFile = await publish({}, { origin });
      expect(inFile).toMatchObject({ workflow: { origin } });
      expect(await publish({ name: "Other" }, { origin: "api" })).toMatchObject({ workflow: { origin } });
      const gone = { enabled: false, because: "file-missing", by: "system:sync", at: AT } as const;
      await setEnabled("triage", gone);
      expect(await publish({ name: "Mine" }, { origin: "api" })).toMatchObject({
        workflow: { origin: "api", enabled: true },
      });
    });

    test("every workflow of an environment at its current version is answered at once", async () => {
      await publish({ name: "Other" });
      await publish({ id: "another" });
      const all = await store().workflows.current("default");
      expect(all.map(({ id, version }) => [id, version])).toEqual([
        ["another", 1],
        ["triage", 2],
      ]);
      expect(all[1]).toEqual(await store().workflows.get("default", "triage"));
      expect(await store().workflows.current("production")).toEqual([]);
    });

    test("a workflow with runs stays, one without goes", async () => {
      await publish({ id: "unused" });
      await committed(store(), creating("run_a"));
      expect(await remove("triage")).toBe("has-runs");
      expect(await remove("unused")).toBe("removed");
      expect(await remove("unused")).toBe("unknown");
      await publish({ id: "unused" });
      expect(await store().workflows.versions("default", "unused")).toMatchObject([{ version: 2 }]);
      expect(await store().workflows.removed("default")).toEqual(new Map([["unused", 1]]));
      expect(await store().workflows.removed("production")).toEqual(new Map());
    });

    test("the list tells how the runs went lately", async () => {
      subject().clock.at = AT + 5000;
      for (const [index, ms] of [100, 300].entries()) await finishedRun(`run_${index}`, ms);
      await finishedRun("run_2", 200, "agent_error");
      await finishedRun("run_3", 50, "rejected");
      await committed(store(), creating("run_9"));
      const { workflows } = store();
      const [row] = await workflows.withFigures(await workflows.list("default"));
      expect(row).toMatchObject({
        id: "triage",
        name: "Incident triage",
        p50Ms: 100,
        ended30d: { completed: 2, failed: 1, rejected: 1, cancelled: 0 },
      });
      expect(row?.lastRuns.map(({ runId, status }) => [runId, status])).toEqual([
        ["run_9", "PENDING"],
        ["run_3", "FAILED"],
        ["run_2", "FAILED"],
        ["run_1", "COMPLETED"],
        ["run_0", "COMPLETED"],
      ]);
      expect(row?.lastRuns.at(-1)).toMatchObject({ createdAt: AT, finishedAt: AT + 100 });
      expect(await workflows.withFigures(await workflows.list("production"))).toEqual([]);
    });

    async function finishedRun(id: string, ms: number, failure?: StepError["type"]): Promise<void> {
      await startedRun(store(), id);
      const run = creating(id).run as Run;
      const lifecycle: Lifecycle = failure
        ? {
            status: "FAILED",
            at: AT + ms,
            error: { code: "E", message: "x", type: failure, retryable: false },
          }
        : { status: "COMPLETED", at: AT + ms, output: null };
      await committed(
        store(),
        transition(id, { run: { ...run, startedAt: AT, epoch: 2, lifecycle }, closed: "cancelled" }),
      );
    }
  });
}
