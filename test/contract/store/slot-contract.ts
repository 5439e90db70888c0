import { beforeEach, describe, expect, test } from "vitest";
import type { Concurrency, Definition } from "../../../src/core/definition/types.ts";
import { create } from "../../../src/core/run/decide.ts";
import { ROOT, type RunId } from "../../../src/core/run/ids.ts";
import { apply, decideWithAnswers } from "../../../src/engine/apply.ts";
import { cancelRun, pauseRun } from "../../../src/engine/control-run.ts";
import type { Expressions } from "../../../src/engine/ports/expressions.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { type StartRequest, startRun } from "../../../src/engine/start-run.ts";
import { by } from "../../support/people.ts";
import { AT, committed, transition } from "./given.ts";
import type { Subject } from "./subject.ts";

/** No workflow here has an expression. */
const expressions: Expressions = {
  evaluate: async () => [],
  describe: async () => [],
  close: async () => {},
};

const limited = (limit: number, onConflict: Concurrency["onConflict"] = "queue"): Definition => ({
  id: "limited",
  version: "1",
  name: "limited",
  concurrency: { key: "prod", limit, onConflict },
  start: "wait",
  states: [{ type: "signal", name: "wait", signal: "go", transition: { end: true } }],
});

/** A workflow that does nothing but call another. */
const calling = (id: string, workflow: string, concurrency?: Concurrency): Definition => ({
  ...{ id, version: "1", name: id, ...(concurrency && { concurrency }), start: "call" },
  states: [
    { type: "operation", action: "workflow.run", name: "call", workflow, transition: { end: true } },
  ] as never,
});

const KEYS = "concurrency keys are held by no more runs than may";

/** Only so many runs hold a slot under one key, whoever asks and when; the others wait for their turn. */
export function slotContract(subject: () => Subject): void {
  const portsOf = (store: Store) => ({
    store,
    queue: { announce() {} } as never,
    clock: { now: () => subject().clock.at, random: () => 0.5 },
    schemas: {} as never,
    log: { info() {}, warn() {}, error() {} },
    expressions,
  });
  const ports = () => portsOf(subject().store);
  const id = (name: string) => `run_${name}` as RunId;

  async function publish(definition: Definition): Promise<void> {
    const result = await subject().store.workflows.publish({
      ...{ environment: "default", definition, source: JSON.stringify(definition), sourceFormat: "json" },
      ...{ origin: "api", at: AT, by: "user:ana", channel: "api", eventId: `adm_${Math.random()}` },
    });
    expect(result).toHaveProperty("workflow");
  }
  const start = (name: string, more: Partial<StartRequest> = {}) =>
    startRun(ports(), {
      ...{ environment: "default", workflowId: "limited", input: {}, by: by("user:ana"), runId: id(name) },
      ...more,
    });
  const look = (name: string, store = subject().store) =>
    apply(portsOf(store), id(name), ROOT, by("worker:w1", "worker"), () => ADVANCE);
  const ADVANCE = { type: "advance", branch: ROOT, starter: null, isOrphaned: false } as const;
  /** Starts the run that a run has called, as whoever moves that one on would; its name. */
  async function call(name: string): Promise<string> {
    const loaded = await subject().store.runs.load(id(name), ROOT);
    const [step] = Object.values(loaded?.run.steps ?? {});
    if (!loaded || !step?.calledRunId) throw new Error(`${name} has called nobody`);
    const { run } = loaded;
    const within = run.calledBy ? [...run.calledBy.within, run.calledBy.runId] : [];
    const result = await startRun(ports(), {
      ...{ environment: "default", input: {}, by: by("user:ana"), runId: step.calledRunId },
      workflowId: String((step.input as { workflow: string }).workflow),
      calledBy: { runId: run.id, branch: ROOT, stepId: step.id, attempt: step.attempt, within },
    });
    expect(result.status).toBe("started");
    return step.calledRunId.slice(4);
  }
  const end = (name: string) => cancelRun(ports(), id(name), by("user:eve"), null);
  const statusOf = async (...names: readonly string[]) =>
    Promise.all(names.map((name) => subject().store.queries.status(id(name))));
  const blocked = async (name: string) =>
    (await subject().store.queries.run(id(name), subject().clock.at))?.blockedOn;
  const alarms = async () =>
    (await subject().store.outbox.takeDue(AT + 1e9, 100, 1)).map(({ runId, target }) => `${runId}${target}`);

  describe("runs under one key", () => {
    beforeEach(() => publish(limited(2)));

    test("never hold more slots than there are, though all look at the same moment", async () => {
      const names = ["a", "b", "c", "d", "e", "f"];
      for (const name of names) await start(name);
      const other = (await subject().other?.()) ?? subject().store;
      await Promise.all(names.map((name, i) => look(name, i % 2 ? other : subject().store)));
      if (other !== subject().store) await other.close();
      expect(await statusOf(...names)).toEqual([
        ...["WAITING_SIGNAL", "WAITING_SIGNAL", "PENDING", "PENDING", "PENDING", "PENDING"],
      ]);
      expect(await blocked("d")).toBe(
        'waits for run run_a or 1 more, which hold the concurrency key "prod"; 1 run before it',
      );
    });

    test("two that were decided for the same slot do not both get it", async () => {
      await start("a");
      await start("b");
      await look("a");
      const decided = await Promise.all(
        ["b", "b"].map(async (name) => {
          const loaded = await subject().store.runs.load(id(name), ROOT);
          if (!loaded) throw new Error("no such run");
          return decideWithAnswers(ports(), loaded.run, ADVANCE, by("worker:w1", "worker"), loaded);
        }),
      );
      await start("c");
      await subject().store.runs.commit(stolen("c"));
      const results = await Promise.all(
        decided.map((one) => {
          if (one.kind !== "decided" || !one.transition) throw new Error(one.kind);
          return subject().store.runs.commit(one.transition);
        }),
      );
      expect(results.map(({ status }) => status)).toEqual(["stale", "stale"]);
    });

    /** A run that starts although it is not its turn: what another version's greater limit may let it do. */
    const stolen = (name: string) => {
      const { run } = create(
        {
          runId: id(name),
          workflow: { id: "limited", version: 1, environment: "default" },
          definition: limited(9),
          input: {},
          labels: {},
        },
        AT,
        by("user:ana"),
      );
      return {
        ...{ runId: run.id, expected: { epoch: 0, branches: [] }, events: [], simulated: false },
        run: { ...run, lifecycle: { status: "RUNNING" as const }, epoch: 1, startedAt: AT },
        waiting: { approvals: 0, signals: 0 },
        ...{ branches: [], countersReset: [], childrenClosed: [], steps: [], approvals: [], signals: [] },
        ...{ cancelled: [], closed: false as const, alarms: [] },
      };
    };

    test("go on in the order they came, each woken by the end of one before it", async () => {
      for (const name of ["a", "b", "c", "d"]) {
        await start(name);
        await look(name);
      }
      expect(await alarms()).toEqual([]);
      subject().sent.length = 0;
      await end("b");
      expect(subject().sent.map(({ runId, target }) => `${runId}${target}`)).toEqual(["run_c"]);
      await look("d");
      await look("c");
      expect(await statusOf("a", "b", "c", "d")).toEqual([
        ...["WAITING_SIGNAL", "CANCELLED", "WAITING_SIGNAL", "PENDING"],
      ]);
      await end("a");
      await end("c");
      await look("d");
      expect(await statusOf("d")).toEqual(["WAITING_SIGNAL"]);
    });

    test("of runs of different versions each is woken that its own limit lets go on", async () => {
      for (const [name, limit] of [
        ["a", 1],
        ["b", 1],
        ["c", 3],
        ["d", 1],
      ] as const) {
        await publish(limited(limit));
        await start(name);
      }
      await look("a");
      await alarms();
      subject().sent.length = 0;
      await end("a");
      expect(subject().sent.map(({ runId }) => runId)).toEqual(["run_b", "run_c"]);
      for (const name of ["b", "c"]) await look(name);
      expect(await statusOf("b", "c", "d")).toEqual(["WAITING_SIGNAL", "WAITING_SIGNAL", "PENDING"]);
    });

    test("a slot that becomes free while a run finds none wakes it all the same", async () => {
      for (const name of ["a", "b", "c"]) await start(name);
      await look("a");
      await look("b");
      const loaded = await subject().store.runs.load(id("c"), ROOT);
      if (!loaded) throw new Error("no such run");
      const decided = await decideWithAnswers(
        ports(),
        loaded.run,
        ADVANCE,
        by("worker:w1", "worker"),
        loaded,
      );
      await end("a");
      if (decided.kind !== "decided" || !decided.transition) throw new Error("nothing was decided");
      await subject().store.runs.commit(decided.transition);
      expect(await alarms()).toContain("run_c");
    });

    test("a paused run keeps its slot, and one that waits can be cancelled: the next moves up", async () => {
      for (const name of ["a", "b", "c", "d"]) {
        await start(name);
        await look(name);
      }
      await pauseRun(ports(), id("a"), by("user:eve"), null);
      expect(await pauseRun(ports(), id("c"), by("user:eve"), null)).toMatchObject({ status: "refused" });
      await end("c");
      expect(await statusOf("c")).toEqual(["CANCELLED"]);
      await look("d");
      expect(await statusOf("a", "d")).toEqual(["PAUSED", "PENDING"]);
      await end("b");
      await look("d");
      expect(await statusOf("d")).toEqual(["WAITING_SIGNAL"]);
    });

    test("the reconciler leaves those alone that wait rightly, and finds one that nothing would wake", async () => {
      for (const name of ["a", "b", "c", "d"]) {
        await start(name);
        await look(name);
      }
      expect(await subject().store.leases.wakeStranded(AT)).toBe(0);
      // Ended by somebody who knew nothing of slots.
      const { store } = subject();
      const loaded = await store.runs.load(id("a"), ROOT);
      if (!loaded) throw new Error("no such run");
      const cancel = { type: "cancel", reason: null } as const;
      const decided = await decideWithAnswers(ports(), loaded.run, cancel, by("user:eve"), loaded);
      if (decided.kind !== "decided" || !decided.transition) throw new Error("nothing was decided");
      await store.runs.commit({ ...decided.transition, alarms: [] });
      expect(await store.leases.wakeStranded(AT)).toBe(1);
      expect(await alarms()).toEqual(["run_c"]);
    });

    test("woken twice within a millisecond, a run keeps the later alarm from who has seen the earlier one", async () => {
      const { store } = subject();
      for (const name of ["a", "b", "c"]) {
        await start(name);
        await look(name);
      }
      const alarm = async () => (await store.runs.load(id("c"), ROOT))?.alarm ?? 0;
      await end("a");
      const seen = await alarm();
      const looked = transition("run_c", {
        expected: { epoch: 0, branches: [] },
        alarms: [{ change: "clear", target: ROOT, seen }],
      });
      await committed(store, looked);
      expect(await alarm()).toBe(0);
      await end("b");
      await committed(store, looked);
      expect(await alarm()).toBeGreaterThan(seen);
    });

    test("another workflow's key of the same name is another key", async () => {
      await publish({ ...limited(1), id: "other" });
      for (const name of ["a", "b"]) await start(name);
      await start("x", { workflowId: "other" });
      for (const name of ["a", "b", "x"]) await look(name);
      expect(await statusOf("a", "b", "x")).toEqual(["WAITING_SIGNAL", "WAITING_SIGNAL", "WAITING_SIGNAL"]);
    });
  });

  test("a called run goes on within a caller's slot, through others and beside its like, and leaves that to its caller", async () => {
    await publish(calling("limited", "between", { key: "prod", limit: 2, onConflict: "queue" }));
    await publish(calling("between", "limited"));
    for (const name of ["a", "b", "c"]) {
      await start(name);
      await look(name);
    }
    const [above, beside] = [await call("a"), await call("b")];
    await look(above);
    await look(beside);
    const [deep, other] = [await call(above), await call(beside)];
    await look(deep);
    await look(other);
    expect(await statusOf("a", "b", "c", deep, other)).toEqual([
      ...["RUNNING", "RUNNING", "PENDING", "RUNNING", "RUNNING"],
    ]);
    await alarms();
    subject().sent.length = 0;
    await end(deep);
    expect(subject().sent.map(({ runId }) => runId)).not.toContain("run_c");
    await look("c");
    expect(await statusOf("c")).toEqual(["PENDING"]);
    await end("b");
    await look("c");
    expect(await statusOf("c")).toEqual(["RUNNING"]);
    const findings = await subject().store.queries.doctor(AT);
    expect(findings).toContainEqual({ check: KEYS, ok: true, detail: "none found" });
  });

  test("a called run whose key nobody above it holds needs a slot as any other", async () => {
    await publish(calling("between", "limited"));
    await publish(limited(1));
    await start("a");
    await look("a");
    await start("x", { workflowId: "between" });
    await look("x");
    const queued = await call("x");
    await look(queued);
    expect(await statusOf(queued)).toEqual(["PENDING"]);
    await end("a");
    await look(queued);
    expect(await statusOf(queued)).toEqual(["WAITING_SIGNAL"]);
  });

  test("a workflow that refuses begins no more runs than may go on, and names one of them", async () => {
    await publish(limited(1, "reject"));
    const results = await Promise.all(["a", "b", "c"].map((name) => start(name)));
    const began = results.filter(({ status }) => status === "started");
    expect(began).toHaveLength(1);
    const holder = (began[0] as { runId: RunId }).runId;
    for (const result of results.filter(({ status }) => status !== "started"))
      expect(result).toMatchObject({ status: "refused", refusal: { code: "concurrency-limit", holder } });
    const once = { principal: "user:ana", key: "k", requestHash: "h" };
    expect(await start(holder.slice(4), { once })).toMatchObject({ status: "started", replayed: true });
    await end(holder.slice(4));
    expect(await start("d")).toMatchObject({ status: "started", replayed: false });
  });

  test("a rejected start whose first try was kept, and nobody heard, is the same run again", async () => {
    await publish(limited(1, "reject"));
    const once = { principal: "user:ana", key: "k", requestHash: "h" };
    const request = {
      ...{ environment: "default", workflowId: "limited", input: {}, by: by("user:ana") },
      once,
    };
    const first = await startRun(ports(), request);
    expect(await startRun(ports(), request)).toEqual({ ...first, replayed: true });
  });
}
