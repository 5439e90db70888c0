import { expect, test } from "vitest";
import type { RunEvent } from "../../../core/run/events.ts";
import type { BranchPath, StepId } from "../../../core/run/ids.ts";
import { ROOT } from "../../../core/run/ids.ts";
import type { Step } from "../../../core/run/run.ts";
import { barsOf } from "./bars.ts";
import { TrailIndex } from "./index-events.ts";

const id = "s1" as StepId;
const of = { stepId: id, branch: ROOT as BranchPath, state: "work" };

/** The trail of events, one a second, and the step they leave behind. */
function played(events: readonly object[], status: string, more: object = {}) {
  const index = new TrailIndex();
  index.take(1, { at: 0, actor: "a", channel: "worker", event: { type: "run.started", deadline: null } });
  events.forEach((event, i) => {
    index.take(i + 2, {
      at: (i + 1) * 1000,
      actor: "a",
      channel: "worker",
      event: { ...of, ...event } as unknown as RunEvent,
    });
  });
  const trail = index.steps.get(id);
  if (!trail) throw new Error("the step has no trail");
  const step = { reusedFrom: null, finishedAt: null, progress: { status }, ...more } as unknown as Step;
  return { trail, step };
}

const entered = { type: "state.entered", stateType: "operation", action: "agent.run", visit: 1 };
const started = { type: "step.started", attempt: 1, lease: { worker: "w" }, agentRunId: "ar" };
const asked = { type: "approval.requested" };
const approved = { type: "approval.approved" };
const succeeded = { type: "step.succeeded", attempt: 1 };

const kinds = ({ trail, step }: ReturnType<typeof played>, n = 99, now = 20_000) =>
  barsOf(trail, step, n, now).map(({ kind, from, to }) => [kind, from / 1000, to / 1000]);

test("an agent that asks people works, waits and works again", () => {
  const trail = played([entered, started, asked, approved, asked, approved, succeeded], "SUCCEEDED");
  expect(kinds(trail)).toEqual([
    ["queued", 1, 2],
    ["run", 2, 3],
    ["person", 3, 4],
    ["run", 4, 5],
    ["person", 5, 6],
    ["run", 6, 7],
  ]);
});

test("what is waited for goes on up to now, and is not there before it was asked", () => {
  const trail = played([entered, started, asked], "WAITING_APPROVAL");
  expect(kinds(trail)).toEqual([
    ["queued", 1, 2],
    ["run", 2, 3],
    ["person", 3, 20],
  ]);
  expect(kinds(trail, 3, 2500)).toEqual([
    ["queued", 1, 2],
    ["run", 2, 2.5],
  ]);
});

test("what was taken over from another run took no time", () => {
  const reused = {
    type: "state.reused",
    from: "s0",
    stateType: "operation",
    action: "agent.run",
    visit: 1,
    outcome: { status: "SUCCEEDED", output: null },
    next: "on",
  };
  const trail = played([reused], "SUCCEEDED", { reusedFrom: "s0", finishedAt: 1000 });
  expect(kinds(trail)).toEqual([["run", 1, 1]]);
  expect(trail.trail.exit).toEqual({ seq: 2, next: "on" });
});
