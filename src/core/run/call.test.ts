import { expect, test } from "vitest";
import { block, call, Drive, workflow } from "../../../test/support/drive.ts";
import { by } from "../../../test/support/people.ts";
import type { State } from "../definition/types.ts";
import type { JsonValue } from "../json.ts";
import { create } from "./decide.ts";
import { type BranchPath, ROOT, type RunId, type StepId } from "./ids.ts";
import type { CallStanding, RunCall } from "./questions.ts";
import type { CalledBy } from "./run.ts";

const completed = (output: JsonValue): CallStanding => ({
  status: "over",
  lifecycle: { status: "COMPLETED", at: 1, output },
});
const failed: CallStanding = {
  status: "over",
  lifecycle: {
    status: "FAILED",
    at: 1,
    error: { type: "agent_error", code: "BOOM", message: "no pods", retryable: false, state: "look" },
  },
};

const calledBy: CalledBy = {
  runId: "run_parent" as RunId,
  branch: ROOT,
  stepId: "s1" as StepId,
  attempt: 1,
  within: [],
};

function calling(extra: object = {}, more: readonly State[] = []): Drive {
  return new Drive(workflow([call("restart", more[0]?.name, extra), ...more]), {
    input: { service: "shop" },
  });
}

/** The call that was asked for last. */
function last({ calls }: Drive): RunCall {
  const call = calls.at(-1);
  if (!call) throw new Error("nothing was called");
  return call;
}

test("a step calls a run in one decision and has it started in the next, so that no run starts for a call nobody kept", () => {
  const drive = calling({ variables: { name: "{{ input.service }}" }, version: 3 });
  drive.send({ type: "advance", branch: ROOT, starter: { worker: "w1" }, isOrphaned: false });
  expect(drive.events()).toEqual([
    "run.created",
    "run.started",
    "state.entered restart",
    "step.called restart",
  ]);
  expect(drive.calls).toEqual([]);
  expect(drive.kept?.alarms).toEqual([
    { change: "set", target: ROOT, kind: "step", dueAt: drive.now, seen: 1 },
  ]);
  drive.settle();
  const { id, calledRunId, progress } = drive.step("restart");
  expect(progress).toEqual({ status: "RUNNING", waiting: { for: "run", runId: calledRunId } });
  expect(drive.calls).toEqual([
    {
      runId: calledRunId,
      workflow: "child",
      version: 3,
      input: { name: "shop" },
      calledBy: { runId: "run_1", branch: ROOT, stepId: id, attempt: 1, within: [] },
      until: null,
    },
  ]);
  expect(drive.run.lifecycle.status).toBe("RUNNING");
});

test("what the called run answers is the step's result, however often its end is told", () => {
  const drive = calling().settle();
  const asked = last(drive);
  drive.ended(asked, completed({ restarted: 2 }));
  expect(drive.run.lifecycle).toMatchObject({ status: "COMPLETED", output: { restarted: 2 } });
  const before = drive.log.length;
  drive.ended(asked, completed({ restarted: 3 }));
  expect(drive.log).toHaveLength(before);
});

test("a called run that fails fails the step, which says where and why", () => {
  const drive = calling().settle();
  const { runId } = last(drive);
  drive.ended(last(drive), failed);
  expect(drive.run.lifecycle).toMatchObject({
    status: "FAILED",
    error: {
      type: "run",
      code: "RUN_FAILED",
      message: `run ${runId} of workflow "child" failed: no pods`,
      state: "restart",
      details: { runId, status: "FAILED", error: { code: "BOOM", state: "look" } },
    },
  });
});

test("a further attempt is another run; one that was cancelled is not tried again", () => {
  const retry = { maxAttempts: 3, backoffSeconds: 5, multiplier: 1, maxBackoffSeconds: 5, jitter: false };
  const drive = calling({ retry }).settle();
  const first = last(drive);
  drive.ended(first, failed);
  expect(drive.step("restart").progress).toMatchObject({ status: "PENDING", error: { code: "RUN_FAILED" } });
  drive.pass(5000);
  const second = last(drive);
  expect(second.runId).not.toBe(first.runId);
  expect(second.calledBy.attempt).toBe(2);
  drive.ended(second, {
    status: "over",
    lifecycle: { status: "CANCELLED", at: 1, reason: "not on a Friday" },
  });
  expect(drive.run.lifecycle).toMatchObject({
    status: "FAILED",
    error: {
      code: "RUN_CANCELLED",
      message: `run ${second.runId} of workflow "child" was cancelled: not on a Friday`,
      attempt: 2,
    },
  });
});

test("a called run that takes too long is not waited for, and is told so", () => {
  const drive = calling({ timeoutSeconds: 60, continueOnError: true }).settle();
  drive.pass(59_000);
  expect(drive.step("restart").progress.status).toBe("RUNNING");
  drive.pass(1000);
  expect(drive.step("restart").progress).toMatchObject({ status: "TIMED_OUT", error: { code: "TIMEOUT" } });
  expect(drive.log.map(({ event }) => event.type)).toContain("step.timed_out");
  expect(drive.kept?.alarms).toContainEqual({ change: "wake-called", dueAt: drive.now });
});

test("a run that has ended just in time counts, however late that is looked at", () => {
  const drive = calling({ timeoutSeconds: 60 }).settle();
  drive.standings.set(last(drive).runId, completed("done"));
  drive.pass(61_000);
  expect(drive.run.lifecycle).toMatchObject({ status: "COMPLETED", output: "done" });
});

test("a run that cannot be started fails the step", () => {
  const drive = calling();
  const error = {
    type: "validation",
    code: "WORKFLOW_NOT_FOUND",
    message: "no such thing",
    retryable: false,
  };
  drive.send({ type: "advance", branch: ROOT, starter: null, isOrphaned: false });
  drive.standings.set(drive.step("restart").calledRunId ?? ("" as RunId), { status: "refused", error });
  drive.settle();
  expect(drive.run.lifecycle).toMatchObject({ status: "FAILED", error: { code: "WORKFLOW_NOT_FOUND" } });
});

test.each([
  ["cancelled", (drive: Drive) => drive.send({ type: "cancel", reason: null })],
  [
    "over its time",
    (drive: Drive) => {
      drive.now += 3_600_000;
      drive.send({ type: "expire" });
    },
  ],
])("a run that is %s has those it called look whether anybody still waits for them", (_, end) => {
  const drive = new Drive(workflow([call("restart")], { timeoutSeconds: 3600 })).settle();
  end(drive);
  expect(drive.kept?.alarms).toEqual([{ change: "wake-called", dueAt: drive.now }]);
});

test("a branch that is given up gives up the run it called", () => {
  const parallel: State = {
    type: "parallel",
    name: "both",
    branches: [block("slow", [call("restart")]), block("quick", [call("look")])],
    join: "any",
    onBranchFailure: "cancel",
    transition: { end: true },
  };
  const drive = new Drive(workflow([parallel])).settle();
  const quick = drive.calls.find(({ calledBy }) => calledBy.branch.endsWith("quick"));
  if (!quick) throw new Error("the quick branch has called nothing");
  drive.ended(quick, completed(1));
  drive.send({ type: "advance", branch: ROOT, starter: null, isOrphaned: false });
  expect(drive.run.lifecycle.status).toBe("COMPLETED");
  expect(drive.kept?.alarms).toContainEqual({ change: "wake-called", dueAt: drive.now });
});

test("a paused run starts no run it has called, and takes what ended meanwhile when it goes on", () => {
  const drive = calling();
  drive.send({ type: "advance", branch: ROOT, starter: null, isOrphaned: false });
  drive.send({ type: "pause", reason: null });
  drive.settle();
  expect(drive.calls).toEqual([]);
  drive.send({ type: "resume" });
  drive.settle();
  expect(drive.calls).toHaveLength(1);
  drive.send({ type: "pause", reason: null });
  drive.ended(last(drive), completed("done"));
  expect(drive.run.lifecycle.status).toBe("PAUSED");
  drive.send({ type: "resume" });
  drive.settle();
  expect(drive.run.lifecycle).toMatchObject({ status: "COMPLETED", output: "done" });
});

test("the end of a called run wakes the branch that waits for it, whatever the end is", () => {
  const drive = new Drive(workflow([{ type: "inject", name: "set", data: {}, transition: { end: true } }]), {
    calledBy: { ...calledBy, branch: "both/slow" as BranchPath },
  });
  drive.settle();
  const wake = { change: "wake-caller", runId: "run_parent", target: "both/slow", dueAt: drive.now };
  expect(drive.run.lifecycle.status).toBe("COMPLETED");
  expect(drive.kept?.alarms).toEqual([wake]);
  const waiting = new Drive(workflow([call("deeper")]), { calledBy });
  waiting.send({ type: "cancel", reason: null });
  expect(waiting.kept?.alarms).toContainEqual({ ...wake, target: ROOT });
});

test("a called run that nobody waits for any more does not begin, and one that has begun ends", () => {
  const forsaken = new Drive(workflow([call("deeper")]), { calledBy });
  forsaken.isAwaited = false;
  forsaken.settle();
  expect(forsaken.events()).toEqual(["run.created", "run.cancelled"]);
  const begun = new Drive(workflow([call("deeper")]), { calledBy }).settle();
  begun.send({ type: "expire" });
  expect(begun.run.lifecycle.status).toBe("RUNNING");
  begun.isAwaited = false;
  begun.send({ type: "expire" });
  expect(begun.run.lifecycle).toMatchObject({
    status: "CANCELLED",
    reason: "run run_parent, which started it, does not wait for it any more",
  });
});

test("runs that call one another without an end are stopped, and who began it is named", () => {
  const within = Array.from({ length: 13 }, (_, index) => `run_${index}` as RunId);
  const allowed = new Drive(workflow([call("again")]), { calledBy: { ...calledBy, within } }).settle();
  expect(last(allowed).calledBy.within).toEqual([...within, "run_parent"]);
  const tooDeep = new Drive(workflow([call("again")]), {
    calledBy: { ...calledBy, within: [...within, "run_13" as RunId] },
  }).settle();
  expect(tooDeep.calls).toEqual([]);
  expect(tooDeep.run.lifecycle).toMatchObject({
    status: "FAILED",
    error: { code: "CALL_DEPTH", message: expect.stringContaining("beginning with run_0") },
  });
});

test("two decisions about one call never name one run for two attempts", () => {
  const request = { runId: "run_2" as RunId, workflow: { id: "w", version: 1, environment: "e" } };
  const definition = workflow([call("restart")]);
  const of = (runId: string) =>
    new Drive(definition, {
      begun: create(
        { ...request, runId: runId as RunId, definition, input: {}, labels: {} },
        1_700_000_000_000,
        by("user:ana"),
      ),
    }).settle();
  expect(last(of("run_2")).runId).toMatch(/^run_[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(last(of("run_2")).runId).toBe(last(of("run_2")).runId);
  expect(last(of("run_2")).runId).not.toBe(last(of("run_3")).runId);
});
