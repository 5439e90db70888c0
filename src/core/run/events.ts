import type { StateType } from "../definition/types.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { ApprovalId, BranchPath, RunId, StepId } from "./ids.ts";
import type { Approval, Lease, Outcome, StepError, WorkflowRef } from "./run.ts";

/** Facts about a run, in the order they happened. The audit trail is this list and nothing else. */
export type RunEvent = RunLifecycleEvent | BranchEvent | StateEvent | StepEvent | ApprovalEvent | SignalEvent;

/** A fact as it is kept: when it happened (ms since 1970) and on whose behalf (`user:…`, `worker:…`, `system`). */
export type Recorded = { readonly at: number; readonly actor: string; readonly event: RunEvent };

type RunLifecycleEvent =
  | {
      readonly type: "run.created";
      readonly runId: RunId;
      readonly workflow: WorkflowRef;
      readonly input: JsonObject;
      readonly labels: Readonly<Record<string, string>>;
      /** The caller's trace context (W3C); absent when the run is the root of its own trace. */
      readonly traceparent?: string;
    }
  | { readonly type: "run.started"; readonly deadline: number | null }
  | { readonly type: "run.paused"; readonly reason: string | null }
  | { readonly type: "run.resumed" }
  | { readonly type: "run.completed"; readonly output: JsonValue; readonly warnings?: JsonValue }
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
      readonly action?: "agent.run" | "human.approval";
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
      /** Set when what goes into the context is not the step's output: null after `continueOnError`. */
      readonly result?: JsonValue;
      /** Set when an error was handled (`onError`, `continueOnError`, approval's `next`). */
      readonly error?: StepError;
      /** Why a switch went where it went: the arm taken, or null for the default. */
      readonly condition?: string | null;
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
      /** `SCHEMA_VALIDATION_OUTPUT`: the output does not match the agent's schema; a warning. */
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
      readonly approval: Omit<
        Approval,
        "stepId" | "branch" | "state" | "requestedAt" | "decisions" | "status"
      >;
    }
  /** One of several decisions that a quorum needs. */
  | {
      readonly type: "approval.voted";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly approvalId: ApprovalId;
      readonly comment: string | null;
      readonly args?: JsonObject;
    }
  | {
      readonly type: "approval.approved" | "approval.rejected";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly approvalId: ApprovalId;
      readonly comment: string | null;
      /** The arguments of a tool call as the approver changed them. */
      readonly args?: JsonObject;
    }
  | {
      readonly type: "approval.expired";
      readonly branch: BranchPath;
      readonly state: string;
      readonly stepId: StepId;
      readonly approvalId: ApprovalId;
    };

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
