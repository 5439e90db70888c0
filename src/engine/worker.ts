import type { By } from "../core/identity/channel.ts";
import type { Seen } from "../core/run/alarms-of.ts";
import { type BranchPath, parentOf, ROOT, type RunId, type StepId } from "../core/run/ids.ts";
import type { RunCall } from "../core/run/questions.ts";
import { isTerminal, type Lease, leaseOf, type Run, type Step } from "../core/run/run.ts";
import type { Transition } from "../core/run/transition.ts";
import type { Starter } from "../core/run/turn.ts";
import { apply, decideWithAnswers } from "./apply.ts";
import { standingOf } from "./call-run.ts";
import { cancelRun } from "./control-run.ts";
import { StoreUnavailable } from "./errors.ts";
import { executeStep } from "./execute-step.ts";
import { type Executed, logEnds, logExecuted } from "./log-ends.ts";
import type { TaskMessage } from "./ports/queue.ts";
import type { Loaded } from "./ports/runs.ts";
import type { Ports } from "./ports.ts";

export type WorkerOptions = {
  /** Unique per process and start: leases are in this name. */
  readonly id: string;
  /** Steps and milliseconds one activation may take before it lets others have their turn. */
  readonly maxInlineSteps: number;
  readonly maxInlineMs: number;
  /** Waits before a finished attempt is recorded again after the database was away. */
  readonly sleep: (ms: number) => Promise<void>;
};

/** After so many decisions that others overtook, something is wrong: give the message back and start afresh. */
const MAX_OVERTAKEN = 100;
/** How often a finished attempt is brought to a database that is away, with pauses up to two seconds between. */
const MAX_AWAY = 60;

/** A step of a run that this process is executing, and since which heartbeat. */
export type Execution = {
  readonly runId: RunId;
  readonly abort: AbortController;
  readonly beat: number;
  /** Of the claim it is done under. */
  readonly token: number;
};

/** The step is no longer this worker's: it was cancelled, or another took it over. */
export class StepLost extends Error {
  override readonly name = "AbortError";
}

export type Worker = {
  readonly id: string;
  /** Steps in hand; a heartbeat that no longer finds one among the store's aborts it. */
  readonly executing: Map<StepId, Execution>;
  /** Does what a task asks for: looks at a branch and moves it on. Resolving acknowledges. */
  handle(message: TaskMessage): Promise<void>;
  /** The same for a branch, without a message. */
  activate(runId: RunId, branch: BranchPath): Promise<void>;
};

/** One activation's budget: how much it did already. */
type Budget = { steps: number; readonly startedAt: number };

/**
 * One message is one activation of a branch: its steps run one after the other right here, each commit recording a
 * step and starting the next, until the branch waits, closes, or the budget is used up.
 */
export function createWorker(ports: Ports, options: WorkerOptions, beat: () => number): Worker {
  const executing = new Map<StepId, Execution>();
  const by: By = { actor: `worker:${options.id}`, channel: "worker" };
  const starter: Starter = { worker: options.id };

  const deciding = { ...ports, standingOf: (run: Run, call: RunCall) => standingOf(ports, run, call) };

  const starterWithin = (budget: Budget): Starter | null =>
    budget.steps < options.maxInlineSteps && ports.clock.now() - budget.startedAt < options.maxInlineMs
      ? starter
      : null;

  /** Moves a branch on; answers the branch to go on with in the same activation, if any. */
  async function moveOn(runId: RunId, path: BranchPath, budget: Budget): Promise<BranchPath | null> {
    const first = await advanceBranch(runId, path, budget);
    let current = first;
    while (current?.step) {
      budget.steps++;
      current = await completeStep(current.run, path, current.step, budget);
    }
    return current?.next ?? null;
  }

  /** The first decision of an activation: made from what is stored, again whenever somebody was faster. */
  async function advanceBranch(runId: RunId, path: BranchPath, budget: Budget): Promise<Moved | null> {
    for (let overtaken = 0; overtaken < MAX_OVERTAKEN; overtaken++) {
      const loaded = await ports.store.runs.load(runId, path);
      if (!loaded) return null;
      const isOrphaned = orphaned(loaded, path);
      // A dead worker's step is taken over however late it is: passing it on would clear the alarm that brought us here.
      const willing = isOrphaned ? starter : starterWithin(budget);
      const command = { type: "advance", branch: path, starter: willing, isOrphaned } as const;
      const decided = await decideWithAnswers(deciding, loaded.run, command, by, loaded);
      if (decided.kind !== "decided") return null;
      for (const other of decided.displaces ?? [])
        await cancelRun(ports, other, SYSTEM, `run ${runId} takes its place`);
      if (decided.displaces) continue;
      const moved = await commit(loaded.run, decided.run, decided.transition, path, budget);
      if (moved !== "stale") return moved;
    }
    throw new Error(
      `branch "${path}" of ${runId}: ${MAX_OVERTAKEN} decisions in a row were overtaken by others`,
    );
  }

  /** Executes the step in hand, records what came of it, and starts the next in the same transaction. */
  async function completeStep(run: Run, path: BranchPath, step: Step, budget: Budget): Promise<Moved | null> {
    const lease = leaseOf(step);
    if (!lease) throw new Error(`step ${step.id} is in nobody's hands`);
    const execution = { runId: run.id, abort: new AbortController(), beat: beat(), token: lease.token };
    const other = executing.get(step.id);
    // Word of this claim came so late that the step was taken up under another.
    if (other && other.token > lease.token) return null;
    // It was lost, and is here again under a later claim: what is still done under the earlier one is nobody's.
    other?.abort.abort(new StepLost("the step was taken over"));
    executing.set(step.id, execution);
    try {
      const executed = await executeStep(ports, run, step, execution.abort);
      try {
        // What came of it is nobody's: the database has said so.
        if (execution.abort.signal.reason instanceof StepLost) return null;
        return await record(run, path, lease, executed, budget);
      } finally {
        logExecuted(ports.log, run, executed);
      }
    } finally {
      if (executing.get(step.id) === execution) executing.delete(step.id);
    }
  }

  /**
   * Records the result of an attempt. The agent's work is done: a database that is away, or an answer that never came,
   * is no reason to have it done again.
   */
  async function record(
    run: Run,
    branch: BranchPath,
    lease: Lease,
    executed: Executed,
    budget: Budget,
  ): Promise<Moved | null> {
    const { step, result } = executed;
    const { id: stepId, attempt } = step;
    const completion = { type: "complete-step", branch, stepId, attempt, lease, result } as const;
    let before = run;
    let seen: Seen = { alarm: 0 };
    let isCurrent = true;
    for (let failures = 0, overtaken = 0; overtaken < MAX_OVERTAKEN; ) {
      try {
        if (!isCurrent) {
          const loaded = await ports.store.runs.load(run.id, branch);
          if (!loaded) return null;
          before = loaded.run;
          seen = loaded;
          isCurrent = true;
        }
        const command = { ...completion, starter: starterWithin(budget) };
        const decided = await decideWithAnswers(deciding, before, command, by, seen);
        if (decided.kind !== "decided") return null;
        const moved = await commit(before, decided.run, decided.transition, branch, budget, executed);
        if (moved !== "stale") {
          // Committed before, but nobody heard: the branch has moved on, perhaps to a step of this worker's.
          if (decided.transition === null) return await advanceBranch(run.id, branch, budget);
          return moved;
        }
        overtaken++;
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || ++failures === MAX_AWAY) throw error;
        ports.log.warn("result not recorded yet", { step_id: stepId, error: error.message });
        await options.sleep(Math.min(50 * 2 ** failures, 2000));
      }
      isCurrent = false;
    }
    throw new Error(`step ${stepId}: its result was overtaken ${MAX_OVERTAKEN} times in a row`);
  }

  async function commit(
    before: Run,
    after: Run,
    transition: Transition | null,
    path: BranchPath,
    budget: Budget,
    executed?: Executed,
  ): Promise<Moved | "stale"> {
    const step = stepInHand(before, after, path);
    if (!transition) return { run: after, step, next: null };
    const next = step || !starterWithin(budget) ? null : nextInline(after, transition, path);
    const result = await ports.store.runs.commit(next === null ? transition : taking(transition, next));
    if (result.status !== "committed") return "stale";
    logEnds(ports.log, after, transition, executed);
    if (transition.events.length > 0) ports.queue.announce([after.id], isTerminal(after));
    return { run: after, step, next };
  }

  /** The step that this decision put into this worker's hands. */
  function stepInHand(before: Run, after: Run, path: BranchPath): Step | null {
    const position = after.branches[path]?.position;
    if (position?.at !== "in") return null;
    const step = after.steps[position.stepId];
    const lease = step ? leaseOf(step) : null;
    if (!step || lease?.worker !== options.id) return null;
    return before.steps[step.id] === step ? null : step;
  }

  function orphaned({ run, leaseUntil }: Loaded, path: BranchPath): boolean {
    const position = run.branches[path]?.position;
    const step = position?.at === "in" ? run.steps[position.stepId] : undefined;
    const lease = step ? leaseOf(step) : null;
    if (!step || !lease) return false;
    // Its own, but not in hand: the commit that claimed it was told to have failed.
    if (lease.worker === options.id) return !executing.has(step.id);
    return leaseUntil === null || leaseUntil < ports.clock.now();
  }

  async function activate(runId: RunId, branch: BranchPath): Promise<void> {
    const budget = { steps: 0, startedAt: ports.clock.now() };
    let path: BranchPath | null = branch;
    while (path !== null) path = await moveOn(runId, path, budget);
  }

  return {
    id: options.id,
    executing,
    async handle(message) {
      if (message.target === "!run") {
        const seen = { alarm: message.revision };
        await apply(ports, message.runId, ROOT, SYSTEM, () => ({ type: "expire" }), { seen });
        return;
      }
      await activate(message.runId, message.target);
    },
    activate,
  };
}

/** Where an activation stands after a commit: with a step to execute, with another branch to go on with, or done. */
type Moved = { readonly run: Run; readonly step: Step | null; readonly next: BranchPath | null };

/**
 * The branch to go on with without a message: the parent, when this was its only open child (a sequential foreach, a
 * try), or the first of the children just opened. Others get their messages.
 */
function nextInline(after: Run, { alarms }: Transition, path: BranchPath): BranchPath | null {
  const woken = alarms.flatMap((alarm) =>
    alarm.change === "wake" && alarm.target !== "!run" ? [alarm.target] : [],
  );
  const parent = parentOf(path);
  if (parent !== null && woken.includes(parent)) {
    const children = after.branches[parent]?.children;
    const isOnly = children !== undefined && children.opened - children.succeeded - children.failed <= 0;
    return isOnly ? parent : null;
  }
  return woken[0] ?? null;
}

function taking(transition: Transition, target: BranchPath): Transition {
  return {
    ...transition,
    alarms: transition.alarms.map((alarm) =>
      alarm.change === "wake" && alarm.target === target ? { ...alarm, taken: true } : alarm,
    ),
  };
}

/** What nobody asked for. */
const SYSTEM: By = { actor: "system", channel: "worker" };
