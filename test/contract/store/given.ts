import type { Definition } from "../../../src/core/definition/types.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { NO_TERMS } from "../../../src/core/run/approvals/evolve-approval.ts";
import { create } from "../../../src/core/run/decide.ts";
import type { RunEvent } from "../../../src/core/run/events.ts";
import { type BranchPath, ROOT, type RunId, type StepId } from "../../../src/core/run/ids.ts";
import type { Approval, Branch, Run, Step, StepProgress } from "../../../src/core/run/run.ts";
import { approvalIdOf, stepId } from "../../../src/core/run/step-id.ts";
import type { Transition } from "../../../src/core/run/transition.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { by } from "../../support/people.ts";

export const AT = 1_800_000_000_000;

export const definition: Definition = {
  id: "triage",
  version: "1",
  name: "Incident triage",
  start: "check",
  states: [
    {
      type: "operation",
      action: "agent.run",
      name: "check",
      agent: "checker",
      resultPath: "found",
      transition: { next: "fix" },
    },
    { type: "operation", action: "agent.run", name: "fix", agent: "fixer", transition: { end: true } },
  ],
};

/** Publishes the definition that the runs below belong to. */
export async function published(store: Store, author = "user:ana"): Promise<void> {
  await store.workflows.publish({
    environment: "default",
    definition,
    source: "id: triage",
    sourceFormat: "yaml",
    origin: "api",
    at: AT,
    by: author,
    channel: "api",
    eventId: "adm_given",
  });
}

/** The transition that creates a run. */
export function creating(runId: string, input: JsonObject = { host: "web-1" }): Transition {
  return create(
    {
      runId: runId as RunId,
      workflow: { id: "triage", version: 1, environment: "default" },
      definition,
      input,
      labels: {},
    },
    AT,
    by("user:ana"),
  ).transition;
}

/** A transition in which nothing happens but a note in the trail; `change` says what does. */
export function transition(runId: string, change: Partial<Transition> = {}): Transition {
  return {
    runId: runId as RunId,
    expected: { epoch: 1, branches: [] },
    events: [recorded({ type: "run.resumed" })],
    run: null,
    waiting: { approvals: 0, signals: 0 },
    simulated: false,
    branches: [],
    countersReset: [],
    childrenClosed: [],
    steps: [],
    approvals: [],
    signals: [],
    cancelled: [],
    closed: false,
    alarms: [],
    ...change,
  };
}

export function recorded(event: RunEvent, at = AT) {
  return { at, ...by("worker:w1", "worker"), event };
}

/** A branch that stands before `check`. */
export function branch(path: string, change: Partial<Branch> = {}): Branch {
  return {
    path: path as BranchPath,
    vars: {},
    own: {},
    whole: [],
    results: {},
    previous: undefined,
    visits: {},
    version: 1,
    openedAt: AT,
    position: { at: "before", state: "check" },
    children: { opened: 0, succeeded: 0, failed: 0 },
    ...change,
  };
}

/** A step of `state` that a worker holds. */
export function step(runId: string, path: string, state: string, change: Partial<Step> = {}): Step {
  return {
    id: stepId(runId as RunId, path as BranchPath, state, change.visit ?? 1),
    branch: path as BranchPath,
    state,
    type: "operation",
    action: "agent.run",
    visit: 1,
    enteredAt: AT,
    startedAt: AT,
    finishedAt: null,
    attempt: 1,
    input: { task: "look" },
    deadline: null,
    progress: { status: "RUNNING", lease: { worker: "w1", token: 1 } },
    agentRunId: null,
    calledRunId: null,
    validation: undefined,
    exit: null,
    reusedFrom: null,
    ...change,
  };
}

export function on(state: string, id: StepId): Branch["position"] {
  return { at: "in", state, stepId: id };
}

export const succeeded = (output: JsonValue): StepProgress => ({ status: "SUCCEEDED", output });

/** The approval a step waits for. */
export function approval(of: Step, change: Partial<Approval> = {}): Approval {
  return {
    id: approvalIdOf(of.id),
    stepId: of.id,
    branch: of.branch,
    state: of.state,
    message: "Restart the database?",
    title: null,
    summary: null,
    approvers: ["team:sre"],
    quorum: 1,
    excludeStarter: false,
    requestedAt: AT,
    expiresAt: null,
    digest: "d".repeat(64),
    terms: NO_TERMS,
    decisions: [],
    delegations: [],
    remindedAt: null,
    escalations: 0,
    escalatedTo: [],
    revision: 0,
    status: "PENDING",
    ...change,
  };
}

/** Creates a run and starts it: its root branch stands on `check`, held by worker `w1` with token 1. */
export async function startedRun(store: Store, runId: string, input?: JsonObject): Promise<Step> {
  const created = creating(runId, input);
  await committed(store, created);
  const check = step(runId, ROOT, "check");
  await committed(store, {
    ...transition(runId, {
      expected: { epoch: 0, branches: [] },
      run: { ...(created.run as Run), lifecycle: { status: "RUNNING" }, epoch: 1, startedAt: AT },
      branches: [
        branch(ROOT, {
          own: input ?? { host: "web-1" },
          visits: { check: 1 },
          position: on("check", check.id),
        }),
      ],
      steps: [check],
      alarms: [{ change: "clear", target: ROOT, seen: 1 }],
    }),
  });
  return check;
}

/** Commits and insists that it was kept; answers the last event's number. */
export async function committed(store: Store, change: Transition): Promise<number> {
  const result = await store.runs.commit(change);
  if (result.status !== "committed") throw new Error(`expected to be kept, but was ${result.status}`);
  return result.lastSeq;
}
