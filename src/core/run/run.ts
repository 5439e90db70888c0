import type { Action, ApprovalState, Definition, StateType } from "../definition/types.ts";
import type { Channel } from "../identity/channel.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Path } from "../path.ts";
import type { Consequence } from "./approvals/consequence.ts";
import type { ApprovalId, BranchPath, RunId, StepId } from "./ids.ts";

/**
 * A run is a tree of branches. Each branch overlays its parent's context with its own and stands on one state at
 * a time; `parallel`, `foreach` and `try` open child branches and wait for them to close. A Run value may be
 * partial: a decision loads the branch it moves, its ancestors and their steps, nothing else.
 * All times are milliseconds since 1970.
 */
export type Run = {
  readonly id: RunId;
  readonly workflow: WorkflowRef;
  readonly definition: Definition;
  readonly input: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  /** The trace context (W3C) it was started in; `null` when it is the root of its own trace. */
  readonly traceparent: string | null;
  readonly startedBy: string;
  readonly rerunOf: RerunOf | null;
  /** The step that waits for it; `null` for a run that no other run has started. */
  readonly calledBy: CalledBy | null;
  /** What it counts under among the runs of its workflow; `null` when nothing limits them. */
  readonly concurrencyKey: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  /** When the run as a whole times out. */
  readonly deadline: number | null;
  readonly lifecycle: Lifecycle;
  /** Counts changes of `lifecycle`: a decision that read an older one drops out. */
  readonly epoch: number;
  /** Counts received signals: a branch that found its mailbox empty must not miss the next one. */
  readonly mailboxVersion: number;
  readonly openApprovals: number;
  readonly openSignals: number;
  /** True once any agent of this run was simulated. */
  readonly simulated: boolean;
  readonly branches: Readonly<Record<BranchPath, Branch>>;
  readonly steps: Readonly<Record<StepId, Step>>;
  readonly approvals: Readonly<Record<ApprovalId, Approval>>;
  /** Signals received and not yet consumed, oldest first. */
  readonly mailbox: readonly Signal[];
};

export type WorkflowRef = {
  readonly id: string;
  readonly version: number;
  readonly environment: string;
  /** Who published this version. */
  readonly author?: string;
};

/** The run that is run again, and the state it begins at with everything before it taken over; `null` for the start. */
export type RerunOf = { readonly runId: RunId; readonly from: string | null };

/** A step of another run that started this one and waits for its end. */
export type CalledBy = {
  readonly runId: RunId;
  readonly branch: BranchPath;
  readonly stepId: StepId;
  readonly attempt: number;
  /** The runs that run was called by in turn, the outermost first. */
  readonly within: readonly RunId[];
};

/** What a status carries cannot be missing: a failed run has an error, a completed one an output. */
export type Lifecycle =
  | { readonly status: "PENDING" }
  | { readonly status: "RUNNING" }
  | { readonly status: "PAUSED"; readonly reason: string | null }
  | { readonly status: "COMPLETED"; readonly at: number; readonly output: JsonValue }
  | { readonly status: "FAILED"; readonly at: number; readonly error: StepError }
  | { readonly status: "CANCELLED"; readonly at: number; readonly reason: string | null }
  | { readonly status: "TIMED_OUT"; readonly at: number; readonly error: StepError };

export type RunStatus = Lifecycle["status"] | "WAITING_APPROVAL" | "WAITING_SIGNAL";

export type Branch = {
  readonly path: BranchPath;
  /** Bindings from outside: a foreach's item, a catch's `error`; read-only names, not part of the result. */
  readonly vars: JsonObject;
  /** What this branch wrote to its context by `resultPath`, `inject`, or a joined `try`. */
  readonly own: JsonObject;
  /** The places in `own` that a `resultPath` names: what stands there replaces what the parents have, all of it. */
  readonly whole: readonly Path[];
  /** Every left state's result by state name: `steps.<state>`. */
  readonly results: JsonObject;
  /** The result of the state left last: `$.a.b`, and `input` of a transform. */
  readonly previous: JsonValue | undefined;
  /** How often each state was entered. */
  readonly visits: Readonly<Record<string, number>>;
  /** Counts this branch's own moves; its children's closing does not. */
  readonly version: number;
  readonly openedAt: number;
  readonly position: Position;
  /** The child branches of the container state it stands on. */
  readonly children: Children;
};

export type Position =
  | { readonly at: "before"; readonly state: string }
  | { readonly at: "in"; readonly state: string; readonly stepId: StepId }
  | { readonly at: "closed"; readonly closedAt: number; readonly outcome: Outcome };

export type Children = {
  readonly opened: number;
  readonly succeeded: number;
  readonly failed: number;
};

/** How a branch ended. Its writes are what it wrote itself: a try block's are merged into its parent. */
export type Outcome =
  | ({ readonly status: "SUCCEEDED"; readonly result: JsonValue } & Writes)
  | ({ readonly status: "FAILED"; readonly error: StepError } & Writes)
  | { readonly status: "CANCELLED" };

export type Writes = {
  readonly writes: JsonObject;
  /** The places in it that replace what stood there: those of a `resultPath`, and the results of states. */
  readonly whole?: readonly Path[];
};

/** One visit of a branch to a state. */
export type Step = {
  readonly id: StepId;
  readonly branch: BranchPath;
  readonly state: string;
  readonly type: StateType;
  readonly action: Action | null;
  readonly visit: number;
  readonly enteredAt: number;
  /** When an agent's first attempt began; else the entry. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** 0 for states that make no attempts. */
  readonly attempt: number;
  /** The input after templating; for a switch its data, for a foreach its items' count. */
  readonly input: JsonValue | undefined;
  /** When the state (for an agent: the attempt) times out. */
  readonly deadline: number | null;
  readonly progress: StepProgress;
  readonly agentRunId: string | null;
  /** The run that the last attempt of a `workflow.run` started. */
  readonly calledRunId: RunId | null;
  /** A warning about an agent's output: `SCHEMA_VALIDATION_OUTPUT`, `OUTPUT_TRUNCATED`. */
  readonly validation: JsonValue | undefined;
  /** Set when the state was left: how its result went into the context. */
  readonly exit: StepExit | null;
  /** The step of an earlier run that this one's outcome was taken over from. */
  readonly reusedFrom: StepId | null;
};

export type StepExit = {
  /** The branch's version at the exit: the order in which a branch's context was written. */
  readonly order: number;
  readonly resultPath: string | null;
  /** Merged into the context before the result is written: inject without a path, a try block's writes. */
  readonly merge: JsonObject | null;
  /** The places in `merge` that replace what stood there. */
  readonly whole: readonly Path[];
  /** What went into the context when it was not the output: null after `continueOnError`. */
  readonly result: JsonValue | undefined;
};

export type StepProgress =
  | {
      readonly status: "PENDING";
      readonly dueAt: number;
      readonly error?: StepError;
      /** Of the attempt's last claim, where the attempt has begun: the next claim's is greater. */
      readonly token?: number;
    }
  | { readonly status: "RUNNING"; readonly lease: Lease }
  | { readonly status: "RUNNING"; readonly waiting: Waiting }
  /** An agent that waits has been claimed before: `token` is that claim's. */
  | { readonly status: "WAITING_APPROVAL"; readonly approvalId: ApprovalId; readonly token?: number }
  | { readonly status: "SUCCEEDED"; readonly output: JsonValue }
  | { readonly status: "FAILED"; readonly error: StepError }
  | { readonly status: "TIMED_OUT"; readonly error: StepError }
  | { readonly status: "CANCELLED" };

export type StepStatus = StepProgress["status"];

/** A worker's claim. The token grows with every claim of the step: an older holder's result does not count. */
export type Lease = { readonly worker: string; readonly token: number };

export type Waiting =
  | { readonly for: "children" }
  | { readonly for: "timer"; readonly dueAt: number }
  | { readonly for: "signal"; readonly name: string }
  | { readonly for: "run"; readonly runId: RunId };

export type StepError = {
  readonly code: string;
  readonly message: string;
  /** `timeout`, `validation`, `agent_error`, `expression`, `rejected`, `cancelled`, `engine` (PRD §5.2). */
  readonly type: string;
  readonly retryable: boolean;
  /** The state that failed first, and the attempt it failed in. */
  readonly state?: string;
  readonly attempt?: number;
  readonly retryAfterSeconds?: number;
  /** Pointers, expected and actual values, candidate names: whatever helps to mend it. */
  readonly details?: JsonValue;
};

export type Approval = {
  readonly id: ApprovalId;
  readonly stepId: StepId;
  readonly branch: BranchPath;
  readonly state: string;
  readonly message: string;
  readonly title: string | null;
  readonly summary: JsonValue;
  readonly approvers: readonly string[];
  readonly quorum: ApprovalState["quorum"];
  readonly excludeStarter: boolean;
  readonly requestedAt: number;
  readonly expiresAt: number | null;
  /** SHA-256 over what is shown to the approver: message, summary, definition version, what follows. */
  readonly digest: string;
  readonly terms: ApprovalTerms;
  readonly decisions: readonly Decision[];
  readonly delegations: readonly Delegation[];
  readonly remindedAt: number | null;
  /** How many of `terms.escalate` have happened, and whom they brought in. */
  readonly escalations: number;
  readonly escalatedTo: readonly string[];
  readonly status: "PENDING" | "APPROVED" | "REJECTED" | "EXPIRED" | "CANCELLED";
  /** Counts everything that happened to it: a decision that read an older one drops out. */
  readonly revision: number;
};

/** The rest of what was laid down when an approval was asked for; it never changes. */
export type ApprovalTerms = {
  /** Set when whoever wrote the workflow may not decide. */
  readonly author: string | null;
  readonly rejectQuorum: number;
  readonly veto: readonly string[];
  readonly isDelegable: boolean;
  readonly summaryPath: string | null;
  readonly remindAt: number | null;
  readonly escalate: readonly {
    readonly at: number;
    readonly to: readonly string[];
    readonly notify: JsonValue;
  }[];
  readonly consequence: Consequence | null;
};

/** Somebody speaks for another: counts for whatever approvers the other counted for. */
export type Delegation = {
  readonly from: string;
  readonly to: string;
  readonly as: readonly string[];
  readonly at: number;
  readonly comment: string | null;
};

export type Decision = {
  readonly decision: "approve" | "reject";
  readonly by: string;
  readonly at: number;
  readonly comment: string | null;
  /** The arguments of a tool call as the approver changed them. */
  readonly args?: JsonObject;
  /** The named approvers they counted for. */
  readonly as?: readonly string[];
  /** By which way it came in. */
  readonly channel: Channel;
  /** Why it does not count any more: they may not decide by now. */
  readonly voided?: string;
};

export type Signal = {
  readonly id: string;
  readonly name: string;
  readonly payload: JsonValue;
  readonly at: number;
};

/** The status people see (PRD §3.7): a running run with an open approval or signal waits for it. */
export function statusOf(run: Pick<Run, "lifecycle" | "openApprovals" | "openSignals">): RunStatus {
  if (run.lifecycle.status !== "RUNNING") return run.lifecycle.status;
  if (run.openApprovals > 0) return "WAITING_APPROVAL";
  return run.openSignals > 0 ? "WAITING_SIGNAL" : "RUNNING";
}

export function isTerminal(run: Pick<Run, "lifecycle">): boolean {
  return isOver(run.lifecycle.status);
}

/** True for a status that never changes again. */
export function isOver(status: RunStatus): boolean {
  switch (status) {
    case "COMPLETED":
    case "FAILED":
    case "CANCELLED":
    case "TIMED_OUT":
      return true;
    case "PENDING":
    case "RUNNING":
    case "PAUSED":
    case "WAITING_APPROVAL":
    case "WAITING_SIGNAL":
      return false;
  }
}

/** How often a branch has come to a state, whatever the author calls it. */
export function visitsOf({ visits }: Pick<Branch, "visits">, state: string): number {
  return Object.hasOwn(visits, state) ? (visits[state] ?? 0) : 0;
}

/** True while something may still become of a step. */
export function isOpen({ progress }: Pick<Step, "progress">): boolean {
  switch (progress.status) {
    case "PENDING":
    case "RUNNING":
    case "WAITING_APPROVAL":
      return true;
    case "SUCCEEDED":
    case "FAILED":
    case "TIMED_OUT":
    case "CANCELLED":
      return false;
  }
}

/** The lease of a step a worker holds; `null` when nobody does. */
export function leaseOf({ progress }: Pick<Step, "progress">): Lease | null {
  return progress.status === "RUNNING" && "lease" in progress ? progress.lease : null;
}

/** The token of a step's present or last claim within its attempt; 0 before the first. */
export function tokenOf({ progress }: Pick<Step, "progress">): number {
  if ("lease" in progress) return progress.lease.token;
  return "token" in progress ? (progress.token ?? 0) : 0;
}
