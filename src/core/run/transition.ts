import type { Recorded } from "./events.ts";
import type { ApprovalId, BranchPath, RunId, StepId } from "./ids.ts";
import type { Approval, Branch, Run, Signal, Step } from "./run.ts";
import type { Slot } from "./slot.ts";

/**
 * One decision, ready to be kept: what it read, what happened, and the rows that follow from it. The store takes
 * all of it in one transaction, or nothing when anything in `expected` no longer holds.
 */
export type Transition = {
  readonly runId: RunId;
  readonly expected: Expected;
  readonly events: readonly Recorded[];
  /** The run's own row: set when it is created or its lifecycle changed (`epoch` grew). */
  readonly run: Run | null;
  /** Added to the run's `openApprovals` and `openSignals`. */
  readonly waiting: { readonly approvals: number; readonly signals: number };
  /** True once an agent of this run was simulated. */
  readonly simulated: boolean;
  /**
   * Branches that moved, whole; inserted or replaced. Of `children` only `opened` is written, `succeeded` and
   * `failed` only for the branches in `countersReset`: their children count there in transactions of their own.
   */
  readonly branches: readonly Branch[];
  readonly countersReset: readonly BranchPath[];
  /** Closed children: the parent's counter grows by one, whatever it is meanwhile. */
  readonly childrenClosed: readonly {
    readonly parent: BranchPath;
    readonly status: "succeeded" | "failed";
  }[];
  readonly steps: readonly Step[];
  readonly approvals: readonly Approval[];
  readonly signals: readonly (
    | { readonly change: "received"; readonly signal: Signal }
    | { readonly change: "consumed"; readonly signalId: string; readonly stepId: StepId }
  )[];
  /** Everything open below `<branch>/<segment>/` becomes CANCELLED, its alarms go. */
  readonly cancelled: readonly { readonly branch: BranchPath; readonly segment: string }[];
  /**
   * The run is over and all its alarms go. `cancelled`: whatever is open becomes CANCELLED. `ended`: it came to its own
   * end, where every state that opened branches had joined or given them up, so nothing is open.
   */
  readonly closed: "cancelled" | "ended" | false;
  readonly alarms: readonly Alarm[];
};

/** What a decision read and relies on. */
export type Expected = {
  /** -1: the run must not exist yet. */
  readonly epoch: number;
  readonly branches: readonly { readonly path: BranchPath; readonly version: number }[];
  /** The step's claim as it was read; `token: 0` where nobody held it. */
  readonly step?: {
    readonly id: StepId;
    readonly branch: BranchPath;
    readonly status: Step["progress"]["status"];
    readonly attempt: number;
    readonly token: number;
  };
  readonly mailboxVersion?: number;
  readonly approval?: {
    readonly id: ApprovalId;
    readonly status: Approval["status"];
    readonly revision: number;
  };
  /** The signals it consumes: another branch may have waited for the same. */
  readonly signalsPending?: readonly string[];
  /** Fewer runs than its limit are ahead of this one. */
  readonly slot?: Slot;
};

/**
 * The outbox: at most one alarm per branch, "look at this branch again at `dueAt`". It serves as task (now),
 * retry and timer (later) and timeout (too late). The store keeps it until the branch's own next decision
 * replaces it, so a message may be lost on the way at any time.
 */
export type Alarm =
  /** `set` belongs to the decision that looked: replaces the alarm it saw (`seen`), keeps a newer one. */
  | {
      readonly change: "set";
      readonly target: AlarmTarget;
      readonly kind: TaskKind;
      readonly dueAt: number;
      readonly seen: number;
    }
  | { readonly change: "clear"; readonly target: AlarmTarget; readonly seen: number }
  /** `wake` comes from elsewhere (a parent, a child, a person): moves the alarm forward, never back. */
  | {
      readonly change: "wake";
      readonly target: AlarmTarget;
      readonly kind: TaskKind;
      readonly dueAt: number;
      /** Whoever commits goes on with it at once: it is kept as handed over, and no message is sent. */
      readonly taken?: true;
    }
  /** Wakes every branch of the run that stands on a signal state waiting for `signal`. */
  | { readonly change: "wake-waiting"; readonly signal: string; readonly dueAt: number }
  /** Wakes every open branch of the run: after a pause. */
  | { readonly change: "wake-all"; readonly dueAt: number }
  /** The run is over: wakes whichever others have waited longest for a slot under its key, as many as are free. */
  | { readonly change: "wake-queued"; readonly dueAt: number }
  /** The run is over: wakes the branch of the run that waits for it. */
  | {
      readonly change: "wake-caller";
      readonly runId: RunId;
      readonly target: BranchPath;
      readonly dueAt: number;
    }
  /** A call was given up: wakes the runs that this one has called, to see whether it waits for them. */
  | { readonly change: "wake-called"; readonly dueAt: number };

/** A branch, or the run as a whole (`run`): its timeout. */
export type AlarmTarget = BranchPath | "!run";

/** The PRD's three task subjects: start a run, continue one after an event, take a step that may run elsewhere. */
export type TaskKind = "run" | "resume" | "step";
