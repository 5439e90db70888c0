import type { Action, StateType } from "../definition/types.ts";
import type { By, Channel } from "../identity/channel.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Path } from "../path.ts";
import type { ApprovalId, BranchPath, RunId, StepId } from "./ids.ts";
import type {
  Approval,
  ApprovalTerms,
  CalledBy,
  Decision,
  Lease,
  Outcome,
  RerunOf,
  StepError,
  StepProgress,
  WorkflowRef,
} from "./run.ts";

/** Facts about a run, in the order they happened. The audit trail is this list and nothing else. */
export type RunEvent = RunLifecycleEvent | BranchEvent | StateEvent | StepEvent | ApprovalEvent | SignalEvent;

/** A fact as it is kept: when it happened (ms since 1970), on whose behalf and by which way. */
export type Recorded = {
  readonly at: number;
  readonly actor: By["actor"];
  readonly channel: Channel;
  readonly event: RunEvent;
};

type RunLifecycleEvent =
  | {
      readonly type: "run.created";
      readonly runId: RunId;
      readonly workflow: WorkflowRef;
      /** SHA-256 (hex) of the definition that was started; absent in trails from before it was kept. */
      readonly definition?: string;
      readonly input: JsonObject;
      readonly labels: Readonly<Record<string, string>>;
      /** The caller's trace context (W3C); absent when the run is the root of its own trace. */
      readonly traceparent?: string;
      /** Set when an earlier run is run again. */
      readonly rerunOf?: RerunOf;
      /** Set when a step of another run has started it. */
      readonly calledBy?: CalledBy;
      /** Set when only so many runs of the workflow with the same key may go on at once. */
      readonly concurrencyKey?: string;
    }
  | { readonly type: "run.started"; readonly deadline: number | null }
  | { readonly type: "run.paused"; readonly reason: string | null }
  | { readonly type: "run.resumed" }
  | {
      readonly type: "run.completed";
      readonly output: JsonValue;
      /** What the output has against it: it does not match the workflow's schema (`SCHEMA_VALIDATION_OUTPUT`). */
      readonly warnings?: readonly JsonValue[];
    }
  | { readonly type: "run.failed"; readonly error: StepError }
  | { readonly type: "run.cancelled"; readonly reason: string | null }
  | { readonly type: "run.timed_out"; readonly error: StepError };

type BranchEvent =
  | {
      readonly type: "branch.opened";
      readonly branch: BranchPath;
      readonly start: string;
      readonly vars: JsonObject;
    }
  | { readonly type: "branch.closed"; readonly branch: BranchPath; readonly outcome: Outcome }
  /** The open children of the state that `branch` stands on were given up; `segment` is it in their paths. */
  | {
      readonly type: "children.cancelled";
      readonly branch: BranchPath;
      readonly state: string;
      readonly segment: string;
    };

type StateEvent =
  | {
      readonly type: "state.entered";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly stateType: StateType;
      readonly action?: Action;
      readonly visit: number;
      readonly deadline?: number;
      /** What the state waits for; absent where an attempt, an approval or an immediate result follows. */
      readonly waiting?: "children" | { readonly timer: number } | { readonly signal: string };
      readonly input?: JsonValue;
    }
  | {
      readonly type: "state.exited";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly next: string | null;
      readonly resultPath?: string;
      readonly merge?: JsonObject;
      readonly whole?: readonly Path[];
      /** Set when what goes into the context is not the step's output: null after `continueOnError`. */
      readonly result?: JsonValue;
      /** Set when an error was handled (`onError`, `continueOnError`, approval's `next`). */
      readonly error?: StepError;
      /** Why a switch went where it went: the arm taken, or null for the default. */
      readonly condition?: string | null;
    }

  /** A state that an earlier run had left, with what came of it there: `from` is its step of that run. */
  | {
      readonly type: "state.reused";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly from: StepId;
      readonly stateType: StateType;
      readonly action?: Action;
      readonly visit: number;
      readonly outcome: Extract<StepProgress, { status: "SUCCEEDED" | "FAILED" | "TIMED_OUT" }>;
      readonly next: string;
      readonly resultPath?: string;
      readonly merge?: JsonObject;
      readonly whole?: readonly Path[];
      readonly result?: JsonValue;
    };

type StepEvent =
  | {
      readonly type: "step.scheduled";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly attempt: number;
      readonly dueAt: number;
    }
  | {
      readonly type: "step.started";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly attempt: number;
      readonly lease: Lease;
      readonly deadline?: number;
      readonly agentRunId: string;
    }
  /** An attempt is to be made by a run of another workflow: it is started under this id, and the step waits for its end. */
  | {
      readonly type: "step.called";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly attempt: number;
      readonly runId: RunId;
      readonly deadline?: number;
    }
  /** What the agent waited for was decided: the same attempt goes on. */
  | {
      readonly type: "step.resumed";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly attempt: number;
      readonly lease: Lease;
      readonly deadline?: number;
    }
  /** The worker that held the step is gone; another took over the same attempt. */
  | {
      readonly type: "step.reclaimed";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly attempt: number;
      readonly lease: Lease;
    }
  | {
      readonly type: "step.succeeded";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly attempt: number;
      readonly output: JsonValue;
      readonly simulated?: true;
      /** A warning: the output does not match the agent's schema (`SCHEMA_VALIDATION_OUTPUT`), or was cut off (`OUTPUT_TRUNCATED`). */
      readonly validation?: JsonValue;
    }
  | {
      readonly type: "step.failed";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly attempt: number;
      readonly error: StepError;
      /** When the next attempt is due; absent after the last. */
      readonly retryAt?: number;
    }
  | {
      readonly type: "step.timed_out";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly attempt: number;
      readonly error: StepError;
      readonly retryAt?: number;
    }
  /** A result came from an attempt or a worker that no longer counts. Recorded, not applied. */
  | {
      readonly type: "step.result_discarded";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly attempt: number;
      readonly lease: Lease;
    };

type ApprovalEvent =
  | {
      readonly type: "approval.requested";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly approval: Pick<
        Approval,
        | "id"
        | "message"
        | "title"
        | "summary"
        | "approvers"
        | "quorum"
        | "excludeStarter"
        | "expiresAt"
        | "digest"
      > & {
        /** Absent in trails from before there were any. */
        readonly terms?: ApprovalTerms;
      };
    }
  /** One of several decisions that are needed; an approval unless it says otherwise. */
  | (OfApproval & Voice & { readonly type: "approval.voted"; readonly decision?: Decision["decision"] })
  | (OfApproval & Voice & { readonly type: "approval.approved" | "approval.rejected" })
  /** Whoever gave a voice may not decide by the time it would have counted. */
  | (OfApproval & {
      readonly type: "approval.vote_voided";
      readonly by: string;
      readonly reason: string;
    })
  /** The actor hands their voice to somebody else; to themselves: they take it back. */
  | (OfApproval & {
      readonly type: "approval.delegated";
      readonly to: string;
      readonly as: readonly string[];
      readonly comment: string | null;
    })
  | (OfApproval & { readonly type: "approval.reminded"; readonly expiresAt: number | null })
  | (OfApproval & {
      readonly type: "approval.escalated";
      /** 1 for the first. */
      readonly level: number;
      readonly to: readonly string[];
      readonly notify: JsonValue;
    })
  | (OfApproval & { readonly type: "approval.expired" });

type OfApproval = {
  readonly branch: BranchPath;
  readonly state: string;
  readonly stepId: StepId;
  readonly approvalId: ApprovalId;
};

type Voice = Pick<Decision, "comment" | "as" | "args">;

type SignalEvent =
  | {
      readonly type: "signal.received";
      readonly signalId: string;
      readonly name: string;
      readonly payload: JsonValue;
    }
  | {
      readonly type: "signal.consumed";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly signalId: string;
      readonly name: string;
    };

/** True for the last event a run will ever have. */
export function isTerminalEvent({ type }: RunEvent): boolean {
  return (
    type === "run.completed" || type === "run.failed" || type === "run.cancelled" || type === "run.timed_out"
  );
}
