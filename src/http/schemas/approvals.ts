import { type Static, Type } from "typebox";
import type { Approval as ApprovalState } from "../../core/run/run.ts";
import { AnyJson, nullable, pageOf, Time } from "./common.ts";

const STATUSES = [
  "PENDING",
  "APPROVED",
  "REJECTED",
  "EXPIRED",
  "CANCELLED",
] as const satisfies readonly ApprovalState["status"][];

export const ApprovalStatusName = Type.Enum([...STATUSES], { title: "ApprovalStatus" });

/** What one person said. */
const Decision = Type.Object(
  {
    decision: Type.Enum(["approve", "reject"]),
    by: Type.String(),
    at: Time,
    comment: nullable(Type.String()),
  },
  { title: "Decision" },
);

/** A question to people that a run waits on. */
export const Approval = Type.Object(
  {
    approvalId: Type.String(),
    runId: Type.String(),
    workflowId: Type.String(),
    stepId: Type.String(),
    state: Type.String(),
    branch: Type.String(),
    status: ApprovalStatusName,
    title: nullable(Type.String()),
    message: Type.String(),
    summary: AnyJson,
    approvers: Type.Array(Type.String()),
    quorum: Type.Union([Type.Integer(), Type.Record(Type.String(), Type.Integer())]),
    excludeStarter: Type.Boolean(),
    decisions: Type.Array(Decision),
    digest: Type.String({ description: "Binds a decision to what was shown" }),
    requestedAt: Time,
    expiresAt: nullable(Time),
  },
  { title: "Approval" },
);
export type Approval = Static<typeof Approval>;

export const ApprovalPage = pageOf(Approval, "ApprovalPage");

/** What an approver says. Who it is comes from the credentials, never from here. */
export const Choice = Type.Object(
  {
    comment: Type.Optional(Type.String({ maxLength: 10_000 })),
    digest: Type.Optional(Type.String({ description: "The `digest` that was shown" })),
  },
  { title: "Choice", additionalProperties: false },
);
