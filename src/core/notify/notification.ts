import { hash } from "node:crypto";
import { type Redact, redacted } from "../agent/redact.ts";
import type { JsonValue } from "../json.ts";
import type { RunEvent } from "../run/events.ts";
import type { ApprovalId, RunId } from "../run/ids.ts";
import type { Approval } from "../run/run.ts";
import { isoTime } from "../time.ts";
import { type Data, fitted } from "./size.ts";
import type { NotificationType } from "./types.ts";

/** What is told of an event: small, without inputs, outputs or secrets. */
export type Notification = {
  readonly type: NotificationType;
  readonly payload: Payload;
  /** The approval it is about. */
  readonly approvalId: ApprovalId | null;
  /** Who is asked to do something: `user:…`, `team:…`. */
  readonly asked: readonly string[];
};

/** What a receiver gets, under 20 KB. */
export type Payload = {
  readonly type: NotificationType;
  readonly timestamp: string;
  readonly data: Data;
};

/** The event types that something is told of, and what that is called. */
const TOLD = {
  "approval.requested": "approval.requested",
  "approval.reminded": "approval.reminder",
  "approval.escalated": "approval.escalated",
  "approval.approved": "approval.decided",
  "approval.rejected": "approval.decided",
  "approval.expired": "approval.expired",
  "run.completed": "run.completed",
  "run.failed": "run.failed",
  "run.cancelled": "run.cancelled",
  "run.timed_out": "run.timed_out",
} as const satisfies Partial<Record<RunEvent["type"], NotificationType>>;
type ToldEvent = Extract<RunEvent, { type: keyof typeof TOLD }>;

/** The types of events that something is told of. */
export const TOLD_EVENTS = Object.keys(TOLD) as readonly ToldEvent["type"][];

/** What is known of a run besides its event. */
export type RunFacts = {
  readonly runId: RunId;
  readonly workflowId: string;
  readonly workflowVersion: number;
  readonly environment: string;
  readonly startedBy: string;
  readonly labels: Readonly<Record<string, string>>;
};

export type ApprovalFacts = Pick<
  Approval,
  "id" | "state" | "title" | "message" | "approvers" | "escalatedTo" | "expiresAt"
>;

export type Happened = { readonly at: number; readonly actor: string; readonly event: RunEvent };

/** The approval that an event is about; `null` for none that is told of. */
export function approvalIn(event: RunEvent): ApprovalId | null {
  if (!isTold(event) || !("stepId" in event)) return null;
  return event.type === "approval.requested" ? event.approval.id : event.approvalId;
}

/**
 * What people are told of an event; `null` for nothing. Depends on its arguments alone. `baseUrl` is where people reach
 * Station: without it there are no links.
 */
export function notificationOf(
  { at, actor, event }: Happened,
  run: RunFacts,
  approval: ApprovalFacts | null,
  { baseUrl, redact }: { readonly baseUrl: string | null; readonly redact: Redact },
): Notification | null {
  if (!isTold(event)) return null;
  const { labels, ...facts } = run;
  const about = {
    ...facts,
    labels,
    status: endedAs(event),
    link: baseUrl === null ? null : `${baseUrl}/runs/${run.runId}`,
  };
  const told = (data: Data, who: readonly string[] = []): Notification => {
    const type = TOLD[event.type];
    const clean = redacted(data as unknown as JsonValue, redact) as unknown as Data;
    return {
      type,
      payload: { type, timestamp: isoTime(at), data: fitted(clean) },
      approvalId: approvalIn(event),
      asked: who,
    };
  };
  if (!("stepId" in event)) return told({ ...about, message: endOf(event), approval: null });
  const of = event.type === "approval.requested" ? { ...event.approval, escalatedTo: [] } : approval;
  if (of === null) return null;
  const asked = [...new Set([...of.approvers, ...of.escalatedTo])];
  const shown = {
    approvalId: of.id,
    state: event.state,
    title: of.title,
    message: of.message,
    approvers: asked,
    expiresAt: of.expiresAt === null ? null : isoTime(of.expiresAt),
    status: "PENDING",
    decidedBy: null,
    comment: null,
    level: null,
    to: [],
    notify: null,
    link: baseUrl === null ? null : `${baseUrl}/approvals/${of.id}`,
  } as const;
  const toldOf = (change: Partial<NonNullable<Data["approval"]>>, who: readonly string[] = []) =>
    told({ ...about, message: null, approval: { ...shown, ...change } }, who);
  switch (event.type) {
    case "approval.requested":
    case "approval.reminded":
      return toldOf({}, asked);
    case "approval.escalated":
      return toldOf({ level: event.level, to: event.to, notify: event.notify }, event.to);
    case "approval.approved":
    case "approval.rejected": {
      const status = event.type === "approval.approved" ? "APPROVED" : "REJECTED";
      return toldOf({ status, decidedBy: actor, comment: event.comment });
    }
    case "approval.expired":
      return toldOf({ status: "EXPIRED" });
  }
}

/** The same event tells the same receiver under the same id, however often it is worked out. */
export function deliveryIdOf(about: {
  readonly subscriptionId: string;
  readonly runId: RunId;
  readonly seq: number;
  readonly recipient: string | null;
}): string {
  const { subscriptionId, runId, seq, recipient } = about;
  const identity = [subscriptionId, runId, String(seq), recipient ?? ""].join("\n");
  return `ntf_${hash("sha256", identity).slice(0, 26)}`;
}

function isTold(event: RunEvent): event is ToldEvent {
  return event.type in TOLD;
}

function endedAs({ type }: ToldEvent): Data["status"] {
  switch (type) {
    case "run.completed":
      return "COMPLETED";
    case "run.failed":
      return "FAILED";
    case "run.cancelled":
      return "CANCELLED";
    case "run.timed_out":
      return "TIMED_OUT";
    case "approval.requested":
    case "approval.reminded":
    case "approval.escalated":
    case "approval.approved":
    case "approval.rejected":
    case "approval.expired":
      return null;
  }
}

function endOf(event: Exclude<ToldEvent, { stepId: unknown }>): string | null {
  switch (event.type) {
    case "run.completed":
      return null;
    case "run.cancelled":
      return event.reason;
    case "run.failed":
    case "run.timed_out":
      return event.error.message;
  }
}
