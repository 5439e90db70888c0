import type { Definition } from "../definition/types.ts";
import { evolveApproval, requestedBy } from "./approvals/evolve-approval.ts";
import { applyExit, ownAtStart } from "./context.ts";
import { errorNames } from "./errors.ts";
import type { Recorded, RunEvent } from "./events.ts";
import { cancelBelow, closed } from "./give-up.ts";
import { type BranchPath, childBranch, parentOf, ROOT, type StepId } from "./ids.ts";
import {
  type Branch,
  type Children,
  type Lifecycle,
  type Run,
  type Step,
  type StepProgress,
  tokenOf,
} from "./run.ts";
import {
  approvalOf,
  branchOf,
  movedTo,
  owned,
  stepOf,
  withApproval,
  withBranch,
  withStep,
} from "./tables.ts";

/** A run that was just created: the first event of every trail. */
export function begin(
  definition: Definition,
  { at, actor, event }: Recorded & { readonly event: Extract<RunEvent, { type: "run.created" }> },
): Run {
  return {
    id: event.runId,
    workflow: event.workflow,
    definition,
    input: event.input,
    labels: event.labels,
    traceparent: event.traceparent ?? null,
    startedBy: actor,
    rerunOf: event.rerunOf ?? null,
    calledBy: event.calledBy ?? null,
    concurrencyKey: event.concurrencyKey ?? null,
    createdAt: at,
    startedAt: null,
    deadline: null,
    lifecycle: { status: "PENDING" },
    epoch: 0,
    mailboxVersion: 0,
    openApprovals: 0,
    openSignals: 0,
    simulated: false,
    branches: {},
    steps: {},
    approvals: {},
    mailbox: [],
  };
}

/** Applies one fact to a run. No rules here: what was decided is simply written down. */
export function evolve(run: Run, { at, actor, channel, event }: Recorded): Run {
  switch (event.type) {
    case "run.created":
      return run;
    case "run.started":
      return withRoot({ ...moved(run, { status: "RUNNING" }), startedAt: at, deadline: event.deadline }, at);
    case "run.paused":
      return moved(run, { status: "PAUSED", reason: event.reason });
    case "run.resumed":
      return moved(run, { status: "RUNNING" });
    case "run.completed":
      return closed(moved(run, { status: "COMPLETED", at, output: event.output }), at, {
        status: "SUCCEEDED",
        result: event.output,
        writes: {},
      });
    case "run.failed":
      return closed(moved(run, { status: "FAILED", at, error: event.error }), at, {
        status: "FAILED",
        error: event.error,
        writes: {},
      });
    case "run.cancelled":
      return closed(moved(run, { status: "CANCELLED", at, reason: event.reason }), at);
    case "run.timed_out":
      return closed(moved(run, { status: "TIMED_OUT", at, error: event.error }), at);
    case "branch.opened":
      return countChild(
        withBranch(run, opened(event.branch, event.start, event.vars, {}, at)),
        event.branch,
        "opened",
      );
    case "branch.closed": {
      const { outcome } = event;
      const branch = branchOf(run, event.branch);
      const done = withBranch(run, movedTo(branch, { at: "closed", closedAt: at, outcome }));
      if (outcome.status === "CANCELLED") return done;
      return countChild(done, event.branch, outcome.status === "SUCCEEDED" ? "succeeded" : "failed");
    }
    case "children.cancelled":
      return cancelBelow(run, childBranch(event.branch, event.segment, ""), at);
    case "state.entered": {
      const branch = branchOf(run, event.branch);
      const waiting = waitingOf(event.waiting);
      const progress: StepProgress = waiting
        ? { status: "RUNNING", waiting }
        : { status: "PENDING", dueAt: at };
      const entered: Step = {
        id: event.stepId,
        branch: event.branch,
        state: event.state,
        type: event.stateType,
        action: event.action ?? null,
        visit: event.visit,
        enteredAt: at,
        startedAt: null,
        finishedAt: null,
        attempt: 0,
        input: event.input,
        deadline: event.deadline ?? null,
        progress,
        agentRunId: null,
        calledRunId: null,
        validation: undefined,
        exit: null,
        reusedFrom: null,
      };
      const position = { at: "in", state: event.state, stepId: event.stepId } as const;
      const moved: Branch = {
        ...movedTo(branch, position),
        visits: { ...branch.visits, [event.state]: event.visit },
        children: NO_CHILDREN,
      };
      const next = withStep(withBranch(run, moved), entered);
      return waiting?.for === "signal" ? { ...next, openSignals: next.openSignals + 1 } : next;
    }
    case "state.exited": {
      const branch = branchOf(run, event.branch);
      const left: Step = {
        ...stepOf(run, event.stepId),
        exit: {
          order: branch.version + 1,
          resultPath: event.resultPath ?? null,
          merge: event.merge ?? null,
          whole: event.whole ?? [],
          result: event.result,
        },
      };
      const after = movedTo(
        applyExit(branch, left),
        event.next === null ? branch.position : { at: "before", state: event.next },
      );
      const vars = event.error ? { ...after.vars, ...errorNames(event.error) } : after.vars;
      return withStep(
        withBranch(opensBranches(left) ? withoutChildren(run, event.branch) : run, { ...after, vars }),
        left,
      );
    }
    case "state.reused": {
      const begun = withRoot(run, at);
      const branch = branchOf(begun, event.branch);
      const { outcome } = event;
      const step: Step = {
        id: event.stepId,
        branch: event.branch,
        state: event.state,
        type: event.stateType,
        action: event.action ?? null,
        visit: event.visit,
        enteredAt: at,
        startedAt: null,
        finishedAt: at,
        attempt: 0,
        input: undefined,
        deadline: null,
        progress: outcome,
        agentRunId: null,
        calledRunId: null,
        validation: undefined,
        exit: {
          order: branch.version + 1,
          resultPath: event.resultPath ?? null,
          merge: event.merge ?? null,
          whole: event.whole ?? [],
          result: event.result,
        },
        reusedFrom: event.from,
      };
      const after = movedTo(applyExit(branch, step), { at: "before", state: event.next });
      const vars = "error" in outcome ? { ...after.vars, ...errorNames(outcome.error) } : after.vars;
      const visits = { ...after.visits, [event.state]: event.visit };
      return withStep(withBranch(begun, { ...after, vars, visits }), step);
    }
    case "step.scheduled": {
      const before = stepOf(run, event.stepId);
      const token = before.attempt === event.attempt ? tokenOf(before) : 0;
      const pending = { status: "PENDING", dueAt: event.dueAt, ...(token > 0 ? { token } : {}) } as const;
      return progressed(run, event.stepId, pending, { attempt: event.attempt });
    }
    case "step.started":
      return progressed(
        run,
        event.stepId,
        { status: "RUNNING", lease: event.lease },
        {
          attempt: event.attempt,
          startedAt: stepOf(run, event.stepId).startedAt ?? at,
          deadline: event.deadline ?? null,
          agentRunId: event.agentRunId,
        },
      );
    case "step.called":
      return progressed(
        run,
        event.stepId,
        { status: "RUNNING", waiting: { for: "run", runId: event.runId } },
        {
          attempt: event.attempt,
          startedAt: stepOf(run, event.stepId).startedAt ?? at,
          deadline: event.deadline ?? null,
          calledRunId: event.runId,
        },
      );
    case "step.resumed":
      return progressed(
        run,
        event.stepId,
        { status: "RUNNING", lease: event.lease },
        { deadline: event.deadline ?? null },
      );
    case "step.reclaimed":
      return progressed(run, event.stepId, { status: "RUNNING", lease: event.lease }, {});
    case "step.succeeded": {
      const done = progressed(
        run,
        event.stepId,
        { status: "SUCCEEDED", output: event.output },
        { finishedAt: at, validation: event.validation },
      );
      return event.simulated ? { ...done, simulated: true } : done;
    }
    case "step.failed":
    case "step.timed_out": {
      const { error, retryAt } = event;
      if (retryAt !== undefined)
        return progressed(
          run,
          event.stepId,
          { status: "PENDING", dueAt: retryAt, error },
          { attempt: event.attempt + 1, deadline: null },
        );
      const status = event.type === "step.failed" ? "FAILED" : "TIMED_OUT";
      const before = stepOf(run, event.stepId).progress;
      const after = progressed(run, event.stepId, { status, error }, { finishedAt: at });
      const waited = before.status === "RUNNING" && "waiting" in before && before.waiting.for === "signal";
      return waited ? { ...after, openSignals: after.openSignals - 1 } : after;
    }
    case "step.result_discarded":
      return run;
    case "approval.requested": {
      const { stepId } = event;
      const approval = requestedBy(event, at);
      const token = tokenOf(stepOf(run, stepId));
      const waiting = {
        status: "WAITING_APPROVAL",
        approvalId: approval.id,
        ...(token > 0 ? { token } : {}),
      } as const;
      const late = { deadline: approval.expiresAt };
      return withApproval(
        { ...progressed(run, stepId, waiting, late), openApprovals: run.openApprovals + 1 },
        approval,
      );
    }
    case "approval.approved":
    case "approval.rejected":
    case "approval.expired":
      return withApproval(
        { ...run, openApprovals: run.openApprovals - 1 },
        evolveApproval(approvalOf(run, event.approvalId), event, { at, actor, channel }),
      );
    case "approval.voted":
    case "approval.vote_voided":
    case "approval.delegated":
    case "approval.reminded":
    case "approval.escalated":
      return withApproval(
        run,
        evolveApproval(approvalOf(run, event.approvalId), event, { at, actor, channel }),
      );
    case "signal.received": {
      const { signalId: id, name, payload } = event;
      return {
        ...run,
        mailboxVersion: run.mailboxVersion + 1,
        mailbox: [...run.mailbox, { id, name, payload, at }],
      };
    }
    case "signal.consumed":
      return {
        ...run,
        openSignals: run.openSignals - 1,
        mailbox: run.mailbox.filter(({ id }) => id !== event.signalId),
      };
  }
}

/**
 * Applies facts in order; the same as reducing with `evolve`, but a run of ten thousand steps is not copied for each of
 * its events: the tables made for this fold are nobody else's yet.
 */
export function fold(run: Run, facts: Iterable<Recorded>): Run {
  let current: Run = { ...run, branches: { ...run.branches }, steps: { ...run.steps } };
  owned.add(current.branches).add(current.steps);
  for (const fact of facts) {
    current = evolve(current, fact);
    // A rule that replaced a table as a whole made it for this fold too.
    owned.add(current.branches).add(current.steps);
  }
  owned.delete(current.branches);
  owned.delete(current.steps);
  return current;
}

const NO_CHILDREN: Children = { opened: 0, succeeded: 0, failed: 0 };

function opened(
  path: BranchPath,
  start: string,
  vars: Branch["vars"],
  own: Branch["own"],
  at: number,
): Branch {
  return {
    path,
    vars,
    own,
    whole: [],
    results: {},
    previous: undefined,
    visits: {},
    version: 1,
    openedAt: at,
    position: { at: "before", state: start },
    children: NO_CHILDREN,
  };
}

/** What is taken over of an earlier run is there before the run has started, when it waits for its turn. */
function withRoot(run: Run, at: number): Run {
  return run.branches[ROOT]
    ? run
    : withBranch(run, opened(ROOT, run.definition.start, {}, ownAtStart(run.input), at));
}

function moved(run: Run, lifecycle: Lifecycle): Run {
  return { ...run, lifecycle, epoch: run.epoch + 1 };
}

function waitingOf(waiting: Extract<RunEvent, { type: "state.entered" }>["waiting"]) {
  if (waiting === undefined) return null;
  if (waiting === "children") return { for: "children" } as const;
  if ("timer" in waiting) return { for: "timer", dueAt: waiting.timer } as const;
  return { for: "signal", name: waiting.signal } as const;
}

function opensBranches({ type }: Step): boolean {
  return type === "parallel" || type === "foreach" || type === "try";
}

/** Once a state is left, its branches have joined: their result is in the context, the rest is history. */
function withoutChildren(run: Run, path: BranchPath): Run {
  const prefix = path === ROOT ? "" : `${path}/`;
  const kept = Object.entries(run.branches).filter(
    ([key]) => key === ROOT || key === path || !key.startsWith(prefix),
  );
  if (kept.length === Object.keys(run.branches).length) return run;
  return { ...run, branches: Object.fromEntries(kept) };
}

function countChild(run: Run, path: BranchPath, what: keyof Children): Run {
  const parentPath = parentOf(path);
  const parent = parentPath === null ? undefined : run.branches[parentPath];
  if (!parent) return run;
  const children = { ...parent.children, [what]: parent.children[what] + 1 };
  return withBranch(run, { ...parent, children, version: parent.version + (what === "opened" ? 1 : 0) });
}

function progressed(run: Run, id: StepId, progress: StepProgress, change: Partial<Step>): Run {
  return withStep(run, { ...stepOf(run, id), ...change, progress });
}
