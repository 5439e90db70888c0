import { callsIn } from "../definition/calls.ts";
import type { State } from "../definition/types.ts";
import { nextLookAt } from "./approvals/schedule.ts";
import { blockAt, stateIn } from "./blocks.ts";
import type { Command } from "./commands.ts";
import { isTerminalEvent, type RunEvent } from "./events.ts";
import { type BranchPath, parentOf, ROOT } from "./ids.ts";
import { isTerminal, type Run } from "./run.ts";
import { slotOf } from "./slot.ts";
import { isToBeKept } from "./states/call.ts";
import { hasMoreToOpen } from "./states/foreach.ts";
import type { Alarm, AlarmTarget, TaskKind } from "./transition.ts";
import type { Turn } from "./turn.ts";

/** What was read beside the run: the revision of the alarm that a decision answers to; 0 for none. */
export type Seen = { readonly alarm: number };

/** Whom a decision wakes, and when its own branch must be looked at again. */
export function alarmsOf(turn: Turn, command: Command, seen: Seen): readonly Alarm[] {
  const { before, run, now } = turn;
  const alarms: Alarm[] = [];
  const slot = slotOf(run);
  for (const { event } of turn.events) {
    if (slot && isTerminalEvent(event)) alarms.push({ change: "wake-queued", dueAt: now });
    if (run.calledBy && isTerminalEvent(event)) {
      const { runId, branch: target } = run.calledBy;
      alarms.push({ change: "wake-caller", runId, target, dueAt: now });
    }
    if (mayGiveUpCalls(event) && callsIn(run.definition).length > 0)
      alarms.push({ change: "wake-called", dueAt: now });
    if (event.type === "branch.opened")
      alarms.push({ change: "wake", target: event.branch, kind: "step", dueAt: now });
    if (event.type === "branch.closed") {
      const parent = parentOf(event.branch);
      if (parent !== null) alarms.push({ change: "wake", target: parent, kind: "resume", dueAt: now });
    }
    if (event.type === "run.started" && event.deadline !== null)
      alarms.push({ change: "wake", target: "!run", kind: "resume", dueAt: event.deadline });
    if (event.type === "run.resumed") alarms.push({ change: "wake-all", dueAt: now });
    if (event.type === "signal.received")
      alarms.push({ change: "wake-waiting", signal: event.name, dueAt: now });
    if (event.type === "approval.approved" || event.type === "approval.rejected")
      alarms.push({ change: "wake", target: event.branch, kind: "resume", dueAt: now });
  }
  switch (command.type) {
    case "complete-step":
      // A result that comes again, or too late, has looked at nothing: whatever wakes the branch stays.
      if (!turn.events.some(({ event }) => event.type !== "step.result_discarded")) break;
      alarms.push(...own(command.branch, nextLook(turn, command), seen));
      break;
    case "advance":
      alarms.push(...own(command.branch, nextLook(turn, command), seen));
      break;
    case "expire":
      alarms.push(...own("!run", deadlineOf(run), seen));
      break;
    case "pause":
    case "resume":
    case "cancel":
    case "decide-approval":
    case "delegate-approval":
    case "signal":
      break;
  }
  return run.lifecycle.status === "PAUSED" && before.lifecycle.status !== "PAUSED" ? [] : alarms;
}

/** Whatever it waited for is not waited for any more; what has ended by itself is not in need of it. */
function mayGiveUpCalls({ type }: RunEvent): boolean {
  return (
    type === "run.cancelled" ||
    type === "run.timed_out" ||
    type === "children.cancelled" ||
    type === "step.timed_out"
  );
}

function own(target: AlarmTarget, look: Look | null, seen: Seen): readonly Alarm[] {
  if (look) return [{ change: "set", target, ...look, seen: seen.alarm }];
  return seen.alarm > 0 ? [{ change: "clear", target, seen: seen.alarm }] : [];
}

function deadlineOf(run: Run): Look | null {
  return run.deadline === null || isTerminal(run) ? null : { dueAt: run.deadline, kind: "resume" };
}

type Look = { readonly dueAt: number; readonly kind: TaskKind };

/** When somebody must look at a branch again though nothing wakes it; `null` when never. */
function nextLook(turn: Turn, command: Extract<Command, { branch: BranchPath }>): Look | null {
  const { run, now, before } = turn;
  const path = command.branch;
  const branch = run.branches[path];
  if (!branch || isTerminal(run) || run.lifecycle.status === "PAUSED") return null;
  // It waits for a slot: whoever gives one up wakes it.
  if (run.lifecycle.status === "PENDING") return null;
  const { position } = branch;
  if (position.at === "closed") return null;
  if (position.at === "before") return { dueAt: now, kind: path === ROOT ? "run" : "step" };
  const step = run.steps[position.stepId];
  if (!step) return null;
  const { progress } = step;
  const late: Look | null = step.deadline === null ? null : { dueAt: step.deadline, kind: "resume" };
  switch (progress.status) {
    case "PENDING":
      return { dueAt: progress.dueAt, kind: "step" };
    case "WAITING_APPROVAL": {
      const approval = run.approvals[progress.approvalId];
      const dueAt = approval?.status === "PENDING" ? nextLookAt(approval) : step.deadline;
      return dueAt === null ? null : { dueAt, kind: "resume" };
    }
    case "RUNNING":
      // Nobody took over what a dead worker left: look again.
      if ("lease" in progress)
        return command.type === "advance" && command.isOrphaned && before.steps[step.id] === step
          ? { dueAt: now, kind: "step" }
          : null;
      if (progress.waiting.for === "timer") return { dueAt: progress.waiting.dueAt, kind: "resume" };
      if (progress.waiting.for === "signal") return late;
      if (progress.waiting.for === "run") return isToBeKept(turn, step) ? { dueAt: now, kind: "step" } : late;
      return isOpening(turn, path, step.state) ? { dueAt: now, kind: "resume" } : late;
    // Left undone by the limit of moves.
    case "SUCCEEDED":
    case "FAILED":
    case "TIMED_OUT":
      return { dueAt: now, kind: "resume" };
    case "CANCELLED":
      return null;
  }
}

function isOpening(turn: Turn, path: BranchPath, name: string): boolean {
  const state: State = stateIn(blockAt(turn.run.definition, path), name, path);
  const position = turn.branch(path).position;
  const step = position.at === "in" ? turn.run.steps[position.stepId] : undefined;
  return state.type === "foreach" && step !== undefined && hasMoreToOpen(turn, path, state, step);
}
