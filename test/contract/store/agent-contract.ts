import { describe, expect, test } from "vitest";
import { createVault } from "../../../src/adapters/vault/vault.ts";
import type { AgentChange, Call, Turn } from "../../../src/core/agent/agent-run.ts";
import { callsOf, evolveAgent, NO_USAGE } from "../../../src/core/agent/agent-run.ts";
import { hidingValues, redacting } from "../../../src/core/agent/redact.ts";
import { ROOT, type RunId } from "../../../src/core/run/ids.ts";
import type { Step } from "../../../src/core/run/run.ts";
import { confidentialStore } from "../../../src/engine/agent/confidential-store.ts";
import type { NewAgentRun } from "../../../src/engine/ports/agents.ts";
import type { Vault } from "../../../src/engine/ports/vault.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { AT, committed, startedRun, transition } from "./given.ts";
import type { Subject } from "./subject.ts";

const HOLD = { worker: "w1", token: 1 };

/** What a store promises about agents: nothing finished is lost, and a stale holder changes nothing. */
export function agentContract(current: () => Subject): void {
  describe("agent runs", () => {
    test("what was committed is what whoever continues reads", async () => {
      const { store } = current();
      const { run, step } = await opened(store, "ar_1");
      const changes = workOf();
      expect(await store.agents.commit("ar_1", HOLD, changes, AT)).toBe(true);
      const kept = changes.reduce(evolveAgent, run);
      expect(await store.agents.run("ar_1")).toEqual(kept);
      await taken(store, step, 2);
      const again = await store.agents.open(newRun("ar_1", step), { worker: "w2", token: 2 }, []);
      expect(again).toEqual({ status: "open", run: kept });
    });

    test("one that is to be told more than the database takes is refused for good, or begins", async () => {
      const { store } = current();
      const step = await startedRun(store, "run_1");
      const large = { ...newRun("ar_1", step), input: { task: "x".repeat(6_000_000) } };
      const open = await store.agents.open(large, HOLD, []);
      expect(open.status).toMatch(/^(too-large|open)$/);
      await store.ping();
      expect(await store.agents.open(newRun("ar_2", step), HOLD, [])).toMatchObject({ status: "open" });
    });

    test("a change that is kept twice is kept once", async () => {
      const { store } = current();
      const { run } = await opened(store, "ar_1");
      const changes = workOf();
      for (const _ of [1, 2]) expect(await store.agents.commit("ar_1", HOLD, changes, AT)).toBe(true);
      expect(await store.agents.run("ar_1")).toEqual(changes.reduce(evolveAgent, run));
    });

    test("an answer whose keeping nobody heard of is kept, and can be said again", async () => {
      const { store } = current();
      await opened(store, "ar_1");
      for (const _ of [1, 2]) expect(await store.agents.commit("ar_1", HOLD, [completed()], AT)).toBe(true);
      expect(await store.agents.run("ar_1")).toMatchObject({ status: { status: "completed" } });
    });

    test("a finished call is never started again by what comes late", async () => {
      const { store } = current();
      await opened(store, "ar_1");
      await store.agents.commit("ar_1", HOLD, workOf(), AT);
      const [call] = (await store.agents.run("ar_1"))?.calls ?? [];
      if (!call) throw new Error("there is no call");
      await store.agents.commit(
        "ar_1",
        HOLD,
        [{ type: "call", call: { ...call, tries: 2, progress: { status: "started", at: AT } } }],
        AT,
      );
      expect((await store.agents.run("ar_1"))?.calls[0]).toEqual(call);
    });

    test.each([
      ["another token", { worker: "w1", token: 2 }],
      ["another worker", { worker: "w2", token: 1 }],
    ])("whoever comes with %s writes nothing", async (_name, hold) => {
      const { store } = current();
      const { run, step } = await opened(store, "ar_1");
      expect(await store.agents.commit("ar_1", hold, workOf(), AT)).toBe(false);
      expect(await store.agents.run("ar_1")).toEqual(run);
      expect(await store.agents.open(newRun("ar_2", step), hold, [])).toEqual({ status: "lost" });
      expect(await store.agents.run("ar_2")).toBeNull();
    });

    test("who lost the step writes nothing any more, neither turn nor answer", async () => {
      const { store } = current();
      const { run, step } = await opened(store, "ar_1");
      await taken(store, step, 2);
      expect(await store.agents.commit("ar_1", HOLD, workOf(), AT)).toBe(false);
      expect(await store.agents.commit("ar_1", HOLD, [completed()], AT)).toBe(false);
      expect(await store.agents.run("ar_1")).toEqual(run);
    });

    test("a cancelled run's agent writes nothing any more and is ended by the sweeper", async () => {
      const { store } = current();
      await opened(store, "ar_1");
      await cancel(store, "run_1");
      expect(await store.agents.commit("ar_1", HOLD, [completed()], AT)).toBe(false);
      expect(await store.agents.sweep(AT + 5)).toBe(1);
      expect(await store.agents.run("ar_1")).toMatchObject({ status: { status: "cancelled", at: AT + 5 } });
      expect(await store.agents.sweep(AT + 6)).toBe(0);
    });

    test("the sweeper leaves alone who is at work", async () => {
      const { store } = current();
      await opened(store, "ar_1");
      expect(await store.agents.sweep(AT)).toBe(0);
    });

    test("giving up ends the whole family, and what another holder took over it leaves alone", async () => {
      const { store } = current();
      const { step } = await opened(store, "ar_1");
      const child = newRun("ar_2", step, { rootId: "ar_1", parentId: "ar_1", parentCallId: "c" });
      await store.agents.open(child, HOLD, []);
      await store.agents.abandon("ar_1", HOLD, "cancelled", AT);
      for (const id of ["ar_1", "ar_2"])
        expect(await store.agents.run(id)).toMatchObject({
          status: { status: "cancelled", reason: "cancelled" },
        });
      const other = await startedRun(store, "run_2");
      await store.agents.open(newRun("ar_3", other), HOLD, []);
      await taken(store, other, 2, "run_2");
      await store.agents.open(newRun("ar_3", other), { worker: "w2", token: 2 }, []);
      await store.agents.abandon("ar_3", HOLD, "late", AT);
      expect(await store.agents.run("ar_3")).toMatchObject({ status: { status: "running" } });
    });

    test("giving up leaves alone what another worker has taken over and not begun with yet", async () => {
      const { store } = current();
      const { step } = await opened(store, "ar_1");
      await taken(store, step, 2);
      await store.agents.abandon("ar_1", HOLD, "late", AT);
      const next = await store.agents.open(newRun("ar_1", step), { worker: "w2", token: 2 }, []);
      expect(next).toMatchObject({ status: "open", run: { status: { status: "running" } } });
    });

    test.each([
      ["failed", failedWith(true), ["ar_1"]],
      ["failed, whatever became of those that never began", failedWith(true), ["ar_9", "ar_1", "ar_0"]],
      ["was completed, and nobody heard", completed(), ["ar_1"]],
    ])("another attempt goes on with what one had finished that %s", async (_name, end, earlier) => {
      const { store } = current();
      const { step } = await opened(store, "ar_1");
      await store.agents.commit("ar_1", HOLD, [...workOf(), end], AT);
      const before = await store.agents.run("ar_1");
      await taken(store, step, 1, "run_1", { attempt: 2 });
      const second = newRun("ar_2", { ...step, attempt: 2 });
      const next = await store.agents.open(second, { worker: "w2", token: 1 }, earlier);
      expect(next).toMatchObject({
        status: "open",
        run: { resumedFrom: "ar_1", turns: before?.turns, calls: before?.calls },
      });
    });

    test("a called agent goes on where it failed for good, and so fails again, if nobody heard of it", async () => {
      const { store } = current();
      const { step } = await opened(store, "ar_1");
      const family = { parentId: "ar_1", parentCallId: "c2" };
      await store.agents.open(newRun("ar_2", step, { ...family, rootId: "ar_1" }), HOLD, []);
      await store.agents.commit("ar_2", HOLD, [...workOf(), failedWith(false)], AT);
      await taken(store, step, 1, "run_1", { attempt: 2 });
      const second = { ...step, attempt: 2 };
      const hold = { worker: "w2", token: 1 };
      await store.agents.open(newRun("ar_4", second), hold, ["ar_1"]);
      const child = newRun("ar_5", second, { parentId: "ar_4", parentCallId: "c2", rootId: "ar_4" });
      const next = await store.agents.open(child, hold, ["ar_2"]);
      expect(next).toMatchObject({ run: { resumedFrom: "ar_2", turns: [{}], calls: [{}, {}] } });
    });

    test.each([
      ["failed for good", failedWith(false), {}],
      ["failed as another text of the agent", failedWith(true), { checksum: "other" }],
      ["failed with another input", failedWith(true), { input: { other: true } }],
    ])("an attempt begins afresh after one that %s", async (_name, end, change) => {
      const { store } = current();
      const { step } = await opened(store, "ar_1");
      await store.agents.commit("ar_1", HOLD, [...workOf(), end], AT);
      await taken(store, step, 1, "run_1", { attempt: 2 });
      const second = { ...newRun("ar_2", { ...step, attempt: 2 }), ...change };
      const next = await store.agents.open(second, { worker: "w2", token: 1 }, ["ar_1"]);
      expect(next).toMatchObject({ status: "open", run: { resumedFrom: null, turns: [], calls: [] } });
    });

    test("of many agents, those that kept something are found with one question", async () => {
      const { store } = current();
      await opened(store, "ar_1");
      expect(await store.agents.known(["ar_1", "ar_9"])).toEqual(new Set(["ar_1"]));
      expect(await store.agents.known([])).toEqual(new Set());
    });

    describe("what agents are told, say and call", () => {
      const SECRET = "sk-abcdefghijklmnopqrst";
      const KEY = "k".repeat(32);
      const confidence = (vault: Vault | undefined, known: readonly string[] = []) => ({
        redact: redacting([], known),
        hideKnown: hidingValues(known),
        vault,
      });
      const told = (step: Step) => ({
        ...newRun("ar_1", step),
        prompt: [{ role: "user", text: `use ${SECRET}` }] as const,
      });
      const work = () =>
        workOf().map((change) =>
          change.type === "call" && change.call.id === "c2"
            ? { ...change, call: { ...change.call, args: { key: SECRET } } }
            : change,
        );

      test("is kept without secrets; whoever continues knows them, until the step is over", async () => {
        const { store } = current();
        const agents = confidentialStore(store.agents, confidence(createVault([KEY])));
        const step = await startedRun(store, "run_1");
        const begun = await agents.open(told(step), HOLD, []);
        if (begun.status !== "open") throw new Error("expected the run to be open");
        expect(begun.run.prompt).toEqual(told(step).prompt);
        await agents.commit("ar_1", HOLD, work(), AT);
        expect(JSON.stringify(await store.agents.run("ar_1"))).not.toContain("sk-");
        await taken(store, step, 2);
        const other = { worker: "w2", token: 2 };
        const sealed = await store.agents.open(newRun("ar_1", step), other, []);
        expect(JSON.stringify(sealed)).not.toContain("sk-");
        const again = await agents.open(told(step), other, []);
        expect(again).toEqual({ status: "open", run: work().reduce(evolveAgent, begun.run) });
        await agents.commit("ar_1", other, [failedWith(true)], AT);
        await taken(store, step, 3, "run_1", { attempt: 2 });
        const third = { worker: "w2", token: 3 };
        const second = { ...told({ ...step, attempt: 2 }), id: "ar_2", idempotencyKey: "key ar_2" };
        const rooted = { ...second, family: { ...second.family, rootId: "ar_2" } };
        const next = await agents.open(rooted, third, ["ar_1"]);
        expect(next).toMatchObject({ run: { resumedFrom: "ar_1", calls: [{}, { args: { key: SECRET } }] } });
        await agents.sweep(AT);
        expect(await store.agents.open(rooted, third, [])).toHaveProperty("exact");
        await cancel(store, "run_1");
        await agents.sweep(AT);
        expect(await store.agents.open(rooted, third, [])).not.toHaveProperty("exact");
      });

      test("keeps no value that is known to be secret where there is no key to seal it: its call is not made again", async () => {
        const { store } = current();
        const agents = confidentialStore(store.agents, confidence(undefined, [SECRET]));
        const step = await startedRun(store, "run_1");
        await agents.open(told(step), HOLD, []);
        await agents.commit("ar_1", HOLD, work(), AT);
        const kept = await store.agents.open(newRun("ar_1", step), HOLD, []);
        expect(JSON.stringify(kept)).not.toContain("sk-");
        const again = await agents.open(told(step), HOLD, []);
        expect(again).toMatchObject({ run: { calls: [{ id: "c1" }, { id: "c2", isLost: true }] } });
      });

      test("is known to whoever continues without a key too, where it only looks like a secret", async () => {
        const { store } = current();
        const agents = confidentialStore(store.agents, confidence(undefined));
        const step = await startedRun(store, "run_1");
        await agents.open(told(step), HOLD, []);
        await agents.commit("ar_1", HOLD, work(), AT);
        expect(JSON.stringify(await store.agents.run("ar_1"))).not.toContain("sk-");
        const again = await agents.open(told(step), HOLD, []);
        expect(again).toMatchObject({ run: { calls: [{}, { args: { key: SECRET } }] } });
      });
    });

    test("a run lists its agents' runs with what they used", async () => {
      const { store } = current();
      const { run } = await opened(store, "ar_1");
      await store.agents.commit("ar_1", HOLD, workOf(), AT);
      expect(await store.agents.list("run_1" as RunId)).toEqual([
        {
          id: "ar_1",
          agent: "a",
          model: "m",
          simulated: false,
          place: run.place,
          family: run.family,
          createdAt: AT,
          status: "running",
          finishedAt: null,
          turns: 1,
          calls: 2,
          usage: { ...NO_USAGE, inputTokens: 7 },
        },
      ]);
      expect(await store.agents.list("run_9" as RunId)).toEqual([]);
      expect(await store.agents.list("run_1" as RunId, run.place.stepId)).toHaveLength(1);
      expect(await store.agents.list("run_1" as RunId, "another-step")).toEqual([]);
    });

    test("how an agent did, and what it used up, is counted over its newest runs", async () => {
      const { store } = current();
      const { step } = await opened(store, "ar_1");
      await store.agents.commit("ar_1", HOLD, [...workOf(), completed()], AT + 100);
      await store.agents.open({ ...newRun("ar_2", step), createdAt: AT - 40 }, HOLD, []);
      await store.agents.commit("ar_2", HOLD, [...workOf(), failedWith(false)], AT);
      await store.agents.open({ ...newRun("ar_4", step), agent: "b", createdAt: AT + 2 }, HOLD, []);
      const ofA = { agent: "a", p50Ms: 0, p95Ms: 40, inputTokens: 14, outputTokens: 0, costUsd: 0 };
      const ofB = { ...ofA, agent: "b", runs: 1, lastAt: AT + 2, inputTokens: 0, completed: 0, failed: 0 };
      expect(await store.queries.agentFigures("default", 0, 10)).toEqual([
        { ...ofA, runs: 2, completed: 1, failed: 1, lastAt: AT },
        { ...ofB, p50Ms: null, p95Ms: null },
      ]);
      expect(await store.queries.agentFigures("default", 0, 2)).toMatchObject([
        { agent: "a", runs: 1, completed: 1, failed: 0, inputTokens: 7 },
        { agent: "b" },
      ]);
      expect(await store.queries.agentFigures("default", AT + 2, 10)).toMatchObject([{ agent: "b" }]);
      expect(await store.queries.agentFigures("elsewhere", 0, 10)).toEqual([]);
    });

    test("what an earlier attempt had used up is counted there, and not again by the one that goes on with it", async () => {
      const { store } = current();
      const { step } = await opened(store, "ar_1");
      await store.agents.commit("ar_1", HOLD, [...workOf(), failedWith(true)], AT);
      await taken(store, step, 1, "run_1", { attempt: 2 });
      const hold = { worker: "w2", token: 1 };
      const next = await store.agents.open(newRun("ar_2", { ...step, attempt: 2 }), hold, ["ar_1"]);
      const [turn] = next.status === "open" ? next.run.turns : [];
      if (!turn) throw new Error("there is no turn");
      await store.agents.commit("ar_2", hold, [{ type: "turn", turn: { ...turn, seq: 2 }, calls: [] }], AT);
      const usages = (await store.agents.list("run_1" as RunId)).map(({ turns, usage }) => [
        turns,
        usage.inputTokens,
      ]);
      expect(usages).toEqual([
        [1, 7],
        [2, 7],
      ]);
      expect(await store.queries.agentFigures("default", 0, 10)).toMatchObject([
        { runs: 2, inputTokens: 14 },
      ]);
    });

    test("the newest runs that asked an agent are found by its transcripts, and by its workflows' states", async () => {
      const { store } = current();
      const usesOf = async (agent: string, names: readonly string[] = [], limit = 10) => {
        const states = names.length > 0 ? [{ workflowId: "triage", names }] : [];
        const found = await store.queries.agentUses({ environment: "default", agent, states }, limit);
        return found.map(({ run, ...use }) => ({ runId: run.runId as string, ...use }));
      };
      expect(await usesOf("a", ["check"])).toEqual([]);
      const { step } = await opened(store, "ar_1");
      const use = { state: "check", stepId: step.id, steps: 1, failed: 0 };
      // A child, or whom only the run could tell: nothing but the transcript knows of it.
      expect(await usesOf("a")).toEqual([{ runId: "run_1", ...use }]);
      const later = await startedRun(store, "run_2");
      const error = { code: "E", message: "x", type: "engine", retryable: false };
      const failed = { ...later, progress: { status: "FAILED", error } as const, finishedAt: AT };
      await committed(store, transition("run_2", { steps: [failed] }));
      // A script leaves no transcript: its workflow names it.
      expect(await usesOf("a", ["check"])).toEqual([
        { runId: "run_2", ...use, stepId: later.id, failed: 1 },
        { runId: "run_1", ...use },
      ]);
      expect(await usesOf("a", ["check"], 1)).toMatchObject([{ runId: "run_2" }]);
      expect(await usesOf("a", ["another"])).toEqual([{ runId: "run_1", ...use }]);
      expect(await usesOf("b", ["another"])).toEqual([]);
    });
  });
}

function newRun(
  id: string,
  { id: stepId, branch, attempt }: Step,
  family: Partial<NewAgentRun["family"]> = {},
): NewAgentRun {
  return {
    id,
    idempotencyKey: `key ${id}`,
    environment: "default",
    agent: "a",
    checksum: "c",
    model: "m",
    simulated: false,
    input: { task: "look" },
    prompt: [{ role: "user", text: "look" }],
    place: { runId: runIdOf(id), branch, stepId, attempt },
    family: { rootId: id, parentId: null, parentCallId: null, chain: ["agents/a.prompt"], ...family },
    createdAt: AT,
  };
}

function runIdOf(id: string): RunId {
  return (id === "ar_3" ? "run_2" : "run_1") as RunId;
}

async function opened(store: Store, id: string) {
  const step = await startedRun(store, "run_1");
  const answer = await store.agents.open(newRun(id, step), HOLD, []);
  if (answer.status !== "open") throw new Error("expected the run to be open");
  return { run: answer.run, step };
}

/** A turn that asked for two calls, of which one is done and one is under way. */
function workOf(): readonly AgentChange[] {
  const turn: Turn = {
    seq: 1,
    kind: "answer",
    ask: null,
    reply: {
      text: "let me see",
      calls: [
        { id: "c1", tool: "look", args: { at: 1 } },
        { id: "c2", tool: "touch", args: {} },
      ],
      finish: "tool-calls",
      usage: { ...NO_USAGE, inputTokens: 7 },
      raw: { signature: "x" },
      modelId: "m",
    },
    tries: 1,
    startedAt: AT,
    endedAt: AT,
  };
  const calls = callsOf(turn, []);
  const [first, second] = calls as [Call, Call];
  return [
    { type: "turn", turn, calls },
    {
      type: "call",
      call: {
        ...first,
        tries: 1,
        decision: { approved: true, by: "user:ana", comment: null, originalArgs: { at: 0 } },
        progress: { status: "done", at: AT, startedAt: AT, text: "seen", isError: false },
      },
    },
    { type: "call", call: { ...second, tries: 1, progress: { status: "started", at: AT } } },
  ];
}

function completed(): AgentChange {
  return { type: "status", status: { status: "completed", at: AT, answer: { output: "ok", text: "ok" } } };
}

function failedWith(retryable: boolean): AgentChange {
  const error = { type: "agent_error", code: "x", message: "x", retryable };
  return { type: "status", status: { status: "failed", at: AT, error } };
}

/** Another worker takes the step over. */
async function taken(
  store: Store,
  step: Step,
  token: number,
  runId = "run_1",
  change: Partial<Step> = {},
): Promise<void> {
  const held: Step = { ...step, ...change, progress: { status: "RUNNING", lease: { worker: "w2", token } } };
  await committed(store, transition(runId, { steps: [held] }));
}

async function cancel(store: Store, runId: string): Promise<void> {
  const loaded = await store.runs.load(runId as RunId, ROOT);
  if (!loaded) throw new Error(`there is no run ${runId}`);
  const lifecycle = { status: "CANCELLED", at: AT, reason: null } as const;
  await committed(
    store,
    transition(runId, {
      run: { ...loaded.run, lifecycle, epoch: loaded.run.epoch + 1 },
      closed: "cancelled",
    }),
  );
}
