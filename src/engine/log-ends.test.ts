import { describe, expect, it } from "vitest";
import { AT, creating, definition, step as stepOf, transition } from "../../test/contract/store/given.ts";
import { openAt } from "../../test/contract/store/subject.ts";
import { by } from "../../test/support/people.ts";
import { createSchemas } from "../adapters/json-schema/schemas.ts";
import { createLocalQueue } from "../adapters/local-queue/queue.ts";
import { createStarlark } from "../adapters/starlark/starlark.ts";
import type { Definition, State } from "../core/definition/types.ts";
import type { RunEvent } from "../core/run/events.ts";
import { ROOT, type RunId } from "../core/run/ids.ts";
import type { Run } from "../core/run/run.ts";
import { traceOf } from "../core/trace/context.ts";
import { cancelRun } from "./control-run.ts";
import { logEnds, logExecuted } from "./log-ends.ts";
import type { AgentResult } from "./ports/agent-runner.ts";
import type { Ports } from "./ports.ts";
import { startRun } from "./start-run.ts";
import { createWorker } from "./worker.ts";

/** A run whose agent may try three times. */
const retry = { maxAttempts: 3, backoffSeconds: 1, multiplier: 1, maxBackoffSeconds: 1, jitter: false };
const states = definition.states.map((state) => ({ ...state, retry }));
const given: Run = { ...(creating("run_a").run as Run), definition: { ...definition, states } as Definition };

describe("the log line of an attempt that was made here", () => {
  const told = (result: AgentResult, { attempt = 2, isCommitted = true } = {}) => {
    const lines: unknown[] = [];
    const log = { info: (...line: unknown[]) => lines.push(line), warn() {}, error() {} };
    const step = stepOf("run_a", ROOT, "check", { attempt, startedAt: AT - 3_600_000 });
    const executed = { step, result, durationMs: 250, isLogged: false };
    const at = { branch: ROOT, state: "check", stepId: step.id, attempt };
    const event: RunEvent =
      result.status === "completed"
        ? { type: "step.succeeded", ...at, output: result.output }
        : { type: "step.failed", ...at, error: (result as Extract<AgentResult, { status: "failed" }>).error };
    const events = [{ at: AT, actor: "worker:w1", channel: "worker", event } as const];
    if (isCommitted) logEnds(log, given, transition("run_a", { events, steps: [step] }), executed);
    logExecuted(log, given, executed);
    const common = { run_id: "run_a", step_id: step.id, attempt, executor: "agent.run", duration_ms: 250 };
    return { lines, common: { ...common, trace_id: traceOf(given).traceId } };
  };
  const failing = (more: object = {}): AgentResult => ({
    status: "failed",
    error: { type: "agent_error", code: "llm_unavailable", message: "busy", retryable: true, ...more },
  });

  it.each([true, false])(
    "says once which, how long it took and how it went, committed or not: %s",
    (isCommitted) => {
      const { lines, common } = told({ status: "completed", output: 1, simulated: false }, { isCommitted });
      expect(lines).toEqual([["step executed", { ...common, status: "completed" }]]);
    },
  );

  it.each([
    ["what kind of failure it was", 2, { type: "validation", code: "SCHEMA_VALIDATION_INPUT" }, "validation"],
    ["that the last of several was in vain", 3, {}, "retry_exhausted"],
    ["that no other would have helped, also the last", 3, { retryable: false }, "agent_error"],
    ["that another follows", 2, {}, "agent_error"],
  ])("says %s", (_, attempt, error, error_type) => {
    const { lines, common } = told(failing(error), { attempt });
    const error_code = (error as { code?: string }).code ?? "llm_unavailable";
    expect(lines).toEqual([["step executed", { ...common, status: "failed", error_type, error_code }]]);
  });
});

/** Runs a workflow to its end on a real store, time passing as it is waited for; answers what the log was told. */
async function logged(
  change: Partial<Definition>,
  and: (ports: Ports, runId: RunId) => Promise<unknown> = async () => {},
) {
  const clock = { at: AT };
  const store = await openAt(":memory:", clock);
  const expressions = createStarlark();
  const lines: unknown[] = [];
  const write = (message: string, facts = {}) => void lines.push([message, facts]);
  const log = { info: write, warn: write, error: write };
  const ports = {
    ...{ store, expressions, log, schemas: createSchemas(), queue: createLocalQueue({ log }) },
    clock: { now: () => clock.at, random: () => 0.5 },
    agents: { run: async () => ({ status: "completed", output: 1, simulated: false }) },
  } as unknown as Ports;
  const [first] = change.states ?? [];
  const wanted: Definition = {
    id: "w",
    version: "1",
    name: "w",
    start: first?.name ?? "",
    states: [],
    ...change,
  };
  await store.workflows.publish({
    ...{ environment: "default", definition: wanted, source: "id: w", sourceFormat: "yaml", origin: "api" },
    ...{ at: AT, by: "user:ana", channel: "api", eventId: "adm_w" },
  });
  const started = await startRun(ports, {
    environment: "default",
    workflowId: "w",
    input: {},
    by: by("user:ana"),
  });
  if (started.status !== "started") throw new Error(started.status);
  const { runId } = started;
  const worker = createWorker(
    ports,
    { id: "w1", maxInlineSteps: 64, maxInlineMs: 5000, sleep: async () => {} },
    () => 0,
  );
  await and(ports, runId);
  for (;;) {
    for (const message of await store.outbox.takeDue(clock.at, 64, 1000)) {
      await worker.handle(message);
      // It comes again where nobody heard that it was done.
      await worker.handle(message);
    }
    const next = await store.outbox.nextDueAt();
    if (next === null) break;
    clock.at = Math.max(clock.at, next);
  }
  await expressions.close();
  await store.close();
  return { lines, runId };
}

const end = { end: true } as const;
const approval: State = {
  ...{
    type: "operation",
    action: "human.approval",
    name: "ask",
    message: "May I?",
    approvers: [],
    quorum: 1,
  },
  ...{ timeoutSeconds: 60, escalate: [], excludeStarter: false, transition: end },
  ...{ onReject: "fail", onTimeout: "fail" },
};
const inject: State = { type: "inject", name: "set", data: { n: 1 }, transition: { next: "ask" } };

describe("what ends is told once", () => {
  const step = (facts: object) => ["step executed", expect.objectContaining(facts)];
  const ended = (facts: object) => [
    "run ended",
    expect.objectContaining({ workflow_id: "w", environment: "default", ...facts }),
  ];

  it("an approval that nobody decided, the state before it and the run", async () => {
    const { lines, runId } = await logged({ states: [inject, approval] });
    const timeout = { duration_ms: 60_000, status: "failed", error_type: "timeout" };
    expect(lines).toEqual([
      step({ run_id: runId, attempt: 0, executor: "inject", duration_ms: 0, status: "completed" }),
      step({ run_id: runId, executor: "human.approval", ...timeout }),
      ended({ run_id: runId, status: "failed", duration_ms: 60_000, error_type: "timeout" }),
    ]);
  });

  it("a run that times out", async () => {
    const { lines } = await logged({ states: [inject, approval], timeoutSeconds: 30 });
    expect(lines.slice(1)).toEqual([
      ended({ status: "timed_out", duration_ms: 30_000, error_type: "timeout" }),
    ]);
  });

  it("a step that an expression failed", async () => {
    const broken: State = { type: "transform", name: "sum", expression: "nothing + 1", transition: end };
    const { lines } = await logged({ states: [broken] });
    const error = { status: "failed", error_type: "expression" };
    expect(lines).toEqual([step({ executor: "transform", ...error }), ended(error)]);
  });

  it("a step of an agent", async () => {
    const agent: State = { type: "operation", action: "agent.run", name: "do", agent: "a", transition: end };
    const { lines } = await logged({ states: [agent] });
    expect(lines).toEqual([
      step({ executor: "agent.run", attempt: 1, status: "completed" }),
      ended({ status: "completed" }),
    ]);
  });

  it("a run that is cancelled, twice", async () => {
    const { lines } = await logged({ states: [inject, approval] }, async (ports, runId) => {
      for (const _ of [1, 2]) await cancelRun(ports, runId, by("user:ana"), null);
    });
    expect(lines).toEqual([ended({ status: "cancelled" })]);
  });
});
