import type { Definition } from "../definition/types.ts";
import type { Principal } from "../identity/principal.ts";
import type { Standing } from "../identity/standing.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { ApprovalId, BranchPath, RunId, StepId } from "./ids.ts";
import type { CalledBy, Lease, Run, WorkflowRef } from "./run.ts";
import type { AttemptResult } from "./states/agent.ts";
import type { Starter } from "./turn.ts";

/** A request to change a run. Whether anything comes of it, `decide` says. */
export type Command =
  /** Look at a branch and move it on; the answer to every task, timer and wake-up. */
  | {
      readonly type: "advance";
      readonly branch: BranchPath;
      readonly starter: Starter | null;
      /** The worker that holds the branch's step has stopped reporting. */
      readonly isOrphaned: boolean;
    }
  /** An attempt ended; then the branch moves on. */
  | {
      readonly type: "complete-step";
      readonly branch: BranchPath;
      readonly stepId: StepId;
      readonly attempt: number;
      readonly lease: Lease;
      readonly result: AttemptResult;
      readonly starter: Starter | null;
    }
  /** Look whether the run as a whole is out of time. */
  | { readonly type: "expire" }
  | { readonly type: "pause"; readonly reason: string | null }
  | { readonly type: "resume" }
  | { readonly type: "cancel"; readonly reason: string | null }
  | {
      readonly type: "decide-approval";
      readonly approvalId: ApprovalId;
      readonly decision: "approve" | "reject";
      readonly comment: string | null;
      /** When given, must be the digest of what is being decided. */
      readonly digest: string | null;
      /** Approve a tool call with these arguments instead. */
      readonly args?: JsonObject;
      readonly principal: Principal;
      /** Who they and those that voted before are by now. Whoever is missing is still who they were. */
      readonly standings?: ReadonlyMap<string, Standing>;
    }
  | {
      readonly type: "delegate-approval";
      readonly approvalId: ApprovalId;
      readonly principal: Principal;
      /** `user:…`; the principal themselves to take their voice back. */
      readonly to: string;
      readonly comment: string | null;
    }
  | {
      readonly type: "signal";
      readonly signalId: string;
      readonly name: string;
      readonly payload: JsonValue;
    };

/** What a new run is made of. */
export type NewRun = {
  readonly runId: RunId;
  readonly workflow: WorkflowRef;
  readonly definition: Definition;
  readonly input: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  /** The caller's trace context (W3C), when it sent a valid one. */
  readonly traceparent?: string;
  /** The step of another run that starts it. */
  readonly calledBy?: CalledBy;
  /** `concurrency.key` of the definition, filled in. */
  readonly concurrencyKey?: string;
};

/** Why nothing came of a command. */
export type Refusal =
  | { readonly code: "invalid-transition"; readonly message: string }
  /** Its concurrency key is taken. */
  | { readonly code: "concurrency-limit"; readonly message: string; readonly holder: RunId }
  | {
      readonly code: "not-an-approver" | "self-approval";
      readonly message: string;
      /** Who may. */
      readonly approvers: readonly string[];
    }
  | { readonly code: "reason-required"; readonly message: string }
  | { readonly code: "already-decided"; readonly message: string }
  | { readonly code: "digest-mismatch"; readonly message: string }
  | { readonly code: "expired"; readonly message: string }
  | { readonly code: "not-found"; readonly message: string };

/** A run in this status does not take the command any more. */
export function over({ id, lifecycle }: Pick<Run, "id" | "lifecycle">, what: string): Refusal {
  return {
    code: "invalid-transition",
    message: `run ${id} is ${lifecycle.status} and cannot be ${what}`,
  };
}
