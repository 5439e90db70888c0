import { type Static, Type } from "typebox";
import type { JsonObject } from "../../core/json.ts";
import type { Approval as ApprovalState } from "../../core/run/run.ts";
import { AnyJson, AnyObject, Channel, nullable, pageOf, Time } from "./common.ts";

const STATUSES = [
  "PENDING",
  "APPROVED",
  "REJECTED",
  "EXPIRED",
  "CANCELLED",
] as const satisfies readonly ApprovalState["status"][];

export const ApprovalStatusName = Type.Enum([...STATUSES], { title: "ApprovalStatus" });
const Names = Type.Array(Type.String());
const Verb = Type.Enum(["approve", "reject"]);

/** What one person said. */
const Decision = Type.Object(
  {
    decision: Verb,
    by: Type.String(),
    at: Time,
    comment: nullable(Type.String()),
    as: Type.Array(Type.String(), { description: "The named approvers they counted for" }),
    channel: Channel,
    voided: nullable(Type.String({ description: "Why it does not count any more" })),
    args: Type.Optional(AnyObject),
  },
  { title: "Decision" },
);

/** Somebody speaks for another. */
const Delegation = Type.Object(
  { from: Type.String(), to: Type.String(), as: Names, at: Time, comment: nullable(Type.String()) },
  { title: "Delegation" },
);

const Following = Type.Object(
  {
    text: Type.String({ examples: ["mitigate → notify → the run ends"] }),
    actions: Type.Array(
      Type.Object({
        state: Type.String(),
        type: Type.String(),
        agents: Names,
        task: nullable(Type.String({ description: "What the agent will be told" })),
      }),
    ),
  },
  { title: "Following" },
);

/** How far it is. */
const Tally = Type.Object(
  {
    needed: Type.Integer(),
    given: Type.Integer(),
    groups: Type.Array(Type.Object({ group: Type.String(), needed: Type.Integer(), given: Type.Integer() })),
    rejections: Type.Object({ needed: Type.Integer(), given: Type.Integer() }),
    text: Type.String({ examples: ["1 of 2 approvals (team:security missing)"] }),
  },
  { title: "Tally" },
);

/** A question to people that a run waits on. */
export const Approval = Type.Object(
  {
    approvalId: Type.String(),
    runId: Type.String(),
    workflowId: Type.String(),
    workflowVersion: Type.Integer(),
    environment: Type.String(),
    startedBy: Type.String(),
    stepId: Type.String(),
    state: Type.String(),
    branch: Type.String(),
    status: ApprovalStatusName,
    title: nullable(Type.String()),
    message: Type.String(),
    summary: AnyJson,
    summaryPath: nullable(Type.String({ description: "Where in the context the summary stands" })),
    consequence: nullable(
      Type.Object(
        { approved: Following, rejected: Following, expired: Following },
        { title: "Consequence", description: "What happens when it is approved, rejected, or nobody acts" },
      ),
    ),
    approvers: Names,
    quorum: Type.Union([Type.Integer(), Type.Record(Type.String(), Type.Integer())]),
    tally: Tally,
    excludeStarter: Type.Boolean(),
    mayDecide: Type.Object(
      {
        text: Type.String(),
        escalatedTo: Names,
        veto: Names,
        excluded: Type.Array(Type.Object({ who: Type.String(), because: Type.String() })),
      },
      { title: "MayDecide" },
    ),
    you: Type.Object(
      { mayApprove: Type.Boolean(), mayReject: Type.Boolean(), because: nullable(Type.String()) },
      { title: "You", description: "What the caller may do, and why not" },
    ),
    decisions: Type.Array(Decision),
    isDelegable: Type.Boolean(),
    delegations: Type.Array(Delegation),
    digest: Type.String({ description: "Binds a decision to what was shown" }),
    requestedAt: Time,
    remindAt: nullable(Time),
    remindedAt: nullable(Time),
    escalations: Type.Array(
      Type.Object({ level: Type.Integer(), at: Time, to: Names, hasHappened: Type.Boolean() }),
    ),
    expiresAt: nullable(Time),
  },
  { title: "Approval" },
);
export type Approval = Static<typeof Approval>;

export const ApprovalPage = pageOf(Approval, "ApprovalPage");

const comment = Type.Optional(
  Type.String({ maxLength: 10_000, description: "Needed to reject; also understood as `reason`" }),
);
const digest = Type.Optional(Type.String({ description: "The `digest` that was shown" }));

/** What an approver says. Who it is comes from the credentials, never from here. */
export const Choice = Type.Object(
  {
    comment,
    digest,
    link: Type.Optional(Type.String({ description: "The token of the link one came by" })),
    args: Type.Optional(
      Type.Unsafe<JsonObject>({
        ...AnyObject,
        description: "Approve a tool call with these arguments instead",
      }),
    ),
  },
  { title: "Choice", additionalProperties: false, examples: [{ comment: "Looked at the dashboard" }] },
);

/** To whom an approver hands their voice. */
export const Handover = Type.Object(
  { to: Type.String({ minLength: 1, description: "`user:…`; oneself to take the voice back" }), comment },
  { title: "Handover", additionalProperties: false, examples: [{ to: "user:bob" }] },
);

/** For whom and how long a link is made. */
export const NewLink = Type.Object(
  {
    to: Type.Optional(Type.String({ pattern: "^user:.", description: "`user:…`: counts for nobody else" })),
    expiresInSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 2_592_000, default: 604_800 })),
  },
  { title: "NewLink", additionalProperties: false },
);

/** A link for a mail or a message: opens the approval's page, and decides nothing by itself. */
export const ApprovalLink = Type.Object(
  {
    approvalId: Type.String(),
    token: Type.String(),
    path: Type.String(),
    to: nullable(Type.String()),
    expiresAt: Time,
  },
  { title: "ApprovalLink" },
);

/** What a link is worth to whoever opened it. */
export const LinkState = Type.Object(
  {
    approvalId: Type.String(),
    to: nullable(Type.String()),
    expiresAt: Time,
    isUsable: Type.Boolean(),
    because: nullable(Type.String({ description: "Why it is not" })),
  },
  { title: "LinkState" },
);

/** Several decisions at once, each by itself. */
export const Batch = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        { approvalId: Type.String(), decision: Verb, comment, digest },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 100 },
    ),
    dryRun: Type.Optional(Type.Boolean({ description: "Say what would come of it, and do nothing" })),
  },
  {
    title: "Batch",
    additionalProperties: false,
    examples: [
      {
        items: [
          { approvalId: "apr_01K9X2M4Q8", decision: "approve" },
          { approvalId: "apr_01K9X2M4Q9", decision: "approve" },
        ],
      },
    ],
  },
);

/** What came of each of several decisions. */
export const BatchResult = Type.Object(
  {
    dryRun: Type.Boolean(),
    accepted: Type.Integer(),
    items: Type.Array(
      Type.Object({
        approvalId: Type.String(),
        isAccepted: Type.Boolean(),
        code: nullable(Type.String({ description: "The code of the problem this decision alone would get" })),
        detail: nullable(Type.String()),
        approval: nullable(Approval),
      }),
    ),
  },
  { title: "BatchResult" },
);
export type BatchResult = Static<typeof BatchResult>;
