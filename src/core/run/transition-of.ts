import { alarmsOf, type Seen } from "./alarms-of.ts";
import type { Command } from "./commands.ts";
import type { Recorded, RunEvent } from "./events.ts";
import { type ApprovalId, type BranchPath, parentOf, ROOT, type StepId } from "./ids.ts";
import { type Approval, isTerminal, type Run, type Step, tokenOf } from "./run.ts";
import { slotOf, slotToBegin } from "./slot.ts";
import type { Alarm, Expected, Transition } from "./transition.ts";
import type { Turn } from "./turn.ts";

const NOTHING = {
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
} as const;

/** The rows of a run's first events, and the alarms that let it go on. */
export function beginning(run: Run, facts: readonly Recorded[]): Transition {
  const { deadline } = run;
  const slot = slotToBegin(run);
  return {
    ...NOTHING,
    runId: run.id,
    expected: { epoch: -1, branches: [], ...(slot && { slot }) },
    events: facts,
    run,
    branches: Object.values(run.branches),
    steps: Object.values(run.steps),
    alarms: [
      { change: "wake", target: ROOT, kind: "run", dueAt: run.createdAt },
      ...(deadline === null
        ? []
        : [{ change: "wake", target: "!run", kind: "resume", dueAt: deadline } as const]),
    ],
  };
}

/** What a decision leaves to be kept; `null` when nothing happened and no alarm has to move. */
export function transitionOf(turn: Turn, command: Command, seen: Seen): Transition | null {
  const { before, run } = turn;
  const events = turn.events;
  const alarms = alarmsOf(turn, command, seen);
  if (events.length === 0 && alarms.length === 0) return null;
  const touched = touchedBy(events);
  const isOver = isTerminal(run) && !isTerminal(before);
  const closed = isOver ? howItEnded(run) : false;
  // What is given up is counted by the store: a decision sees only a part of it, and people go on deciding meanwhile.
  const countsAnew = closed === "cancelled" || touched.cancelled.length > 0;
  return {
    ...NOTHING,
    runId: run.id,
    expected: expectedBy(turn, command, touched),
    events,
    run: run.epoch === before.epoch ? null : run,
    waiting: countsAnew
      ? NOTHING.waiting
      : {
          approvals: run.openApprovals - before.openApprovals,
          signals: run.openSignals - before.openSignals,
        },
    simulated: run.simulated && !before.simulated,
    branches: [...touched.branches]
      .map((path) => run.branches[path])
      .filter((branch) => branch !== undefined),
    countersReset: [...touched.entered],
    childrenClosed: touched.closed,
    steps: [...touched.steps].map((id) => run.steps[id]).filter((step) => step !== undefined),
    approvals: [...touched.approvals]
      .map((id) => run.approvals[id])
      .filter((approval) => approval !== undefined),
    signals: touched.signals(run),
    cancelled: touched.cancelled,
    closed,
    alarms: isOver ? alarms.filter(isAboutOthers) : alarms,
  };
}

function isAboutOthers({ change }: Alarm): boolean {
  return change === "wake-queued" || change === "wake-caller" || change === "wake-called";
}

function howItEnded({ lifecycle }: Run): "cancelled" | "ended" {
  return lifecycle.status === "COMPLETED" || lifecycle.status === "FAILED" ? "ended" : "cancelled";
}

function touchedBy(events: readonly Recorded[]) {
  const branches = new Set<BranchPath>();
  const entered = new Set<BranchPath>();
  const steps = new Set<StepId>();
  const approvals = new Set<ApprovalId>();
  const closed: { parent: BranchPath; status: "succeeded" | "failed" }[] = [];
  const cancelled: { branch: BranchPath; segment: string }[] = [];
  const signalEvents: Extract<RunEvent, { type: "signal.received" | "signal.consumed" }>[] = [];
  for (const { event } of events) {
    switch (event.type) {
      case "run.started":
      case "run.completed":
      case "run.failed":
        branches.add(ROOT);
        break;
      case "branch.opened": {
        branches.add(event.branch);
        const parent = parentOf(event.branch);
        if (parent !== null) branches.add(parent);
        break;
      }
      case "branch.closed": {
        branches.add(event.branch);
        const parent = parentOf(event.branch);
        if (parent !== null && event.outcome.status !== "CANCELLED")
          closed.push({ parent, status: event.outcome.status === "SUCCEEDED" ? "succeeded" : "failed" });
        break;
      }
      case "children.cancelled":
        cancelled.push({ branch: event.branch, segment: event.segment });
        break;
      case "state.entered":
        branches.add(event.branch);
        entered.add(event.branch);
        steps.add(event.stepId);
        break;
      case "state.exited":
      case "state.reused":
        branches.add(event.branch);
        steps.add(event.stepId);
        break;
      case "signal.received":
        signalEvents.push(event);
        break;
      case "signal.consumed":
        signalEvents.push(event);
        break;
      case "approval.requested":
        steps.add(event.stepId);
        approvals.add(event.approval.id);
        break;
      case "approval.voted":
      case "approval.approved":
      case "approval.rejected":
      case "approval.vote_voided":
      case "approval.delegated":
      case "approval.reminded":
      case "approval.escalated":
      case "approval.expired":
        approvals.add(event.approvalId);
        break;
      case "step.scheduled":
      case "step.started":
      case "step.called":
      case "step.resumed":
      case "step.reclaimed":
      case "step.succeeded":
      case "step.failed":
      case "step.timed_out":
        steps.add(event.stepId);
        break;
      case "run.created":
      case "run.cancelled":
      case "run.timed_out":
      case "run.paused":
      case "run.resumed":
      case "step.result_discarded":
        break;
    }
  }
  const signals = (run: Run): Transition["signals"] =>
    signalEvents.map((event) =>
      event.type === "signal.consumed"
        ? { change: "consumed", signalId: event.signalId, stepId: event.stepId }
        : {
            change: "received",
            signal: {
              id: event.signalId,
              name: event.name,
              payload: event.payload,
              at: run.mailbox.find(({ id }) => id === event.signalId)?.at ?? 0,
            },
          },
    );
  return { branches, entered, steps, approvals, closed, cancelled, signals };
}

/** The rows a decision read and relied on; their change since makes it void. */
function expectedBy(turn: Turn, command: Command, touched: ReturnType<typeof touchedBy>): Expected {
  const { before, run } = turn;
  const branches = [...touched.branches]
    .map((path) => before.branches[path])
    .filter((branch) => branch !== undefined)
    .map(({ path, version }) => ({ path, version }));
  const base = { epoch: before.epoch, branches };
  switch (command.type) {
    case "advance":
    case "complete-step": {
      const position = before.branches[command.branch]?.position;
      const stepId =
        command.type === "complete-step" ? command.stepId : position?.at === "in" ? position.stepId : null;
      const step = stepId === null ? undefined : before.steps[stepId];
      const signalsPending = turn.events.flatMap(({ event }) =>
        event.type === "signal.consumed" ? [event.signalId] : [],
      );
      const waiting = waitingForSignal(run, command.branch);
      const waitsAnew = waiting !== null && waiting !== waitingForSignal(before, command.branch);
      const slot = before.startedAt === null && run.startedAt !== null ? slotOf(run) : null;
      return {
        ...base,
        branches: withOwn(branches, before, command.branch),
        ...(step
          ? {
              step: {
                id: step.id,
                branch: step.branch,
                status: step.progress.status,
                attempt: step.attempt,
                token: tokenOf(step),
              },
            }
          : {}),
        ...approvalRead(before, step),
        ...(waitsAnew ? { mailboxVersion: before.mailboxVersion } : {}),
        ...(signalsPending.length > 0 && { signalsPending }),
        ...(slot && { slot }),
      };
    }
    case "decide-approval":
    case "delegate-approval":
      return { ...base, ...approvalClaim(before.approvals[command.approvalId]) };
    case "expire":
    case "pause":
    case "resume":
    case "cancel":
    case "signal":
      return base;
  }
}

/** The step with which a branch waits for a signal. */
function waitingForSignal({ branches, steps }: Run, path: BranchPath): StepId | null {
  const position = branches[path]?.position;
  const step = position?.at === "in" ? steps[position.stepId] : undefined;
  if (step?.progress.status !== "RUNNING" || !("waiting" in step.progress)) return null;
  return step.progress.waiting.for === "signal" ? step.id : null;
}

/** A person may decide at the very moment in which a worker finds the time to be over: one of the two must lose. */
function approvalRead(before: Run, step: Step | undefined): Pick<Expected, "approval"> {
  return step?.progress.status === "WAITING_APPROVAL"
    ? approvalClaim(before.approvals[step.progress.approvalId])
    : {};
}

function approvalClaim(approval: Approval | undefined): Pick<Expected, "approval"> {
  if (!approval) return {};
  const { id, status, revision } = approval;
  return { approval: { id, status, revision } };
}

function withOwn(branches: Expected["branches"], before: Run, path: BranchPath): Expected["branches"] {
  const own = before.branches[path];
  if (!own || branches.some((branch) => branch.path === path)) return branches;
  return [...branches, { path, version: own.version }];
}
