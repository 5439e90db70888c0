import type { Payload } from "./notification.ts";
import type { Data } from "./size.ts";
import type { NotificationType } from "./types.ts";

/** What a notification of a type, of a run with these labels, looks like, to try a template on. */
export function samplePayload(type: NotificationType, labels: Data["labels"] = {}): Payload {
  return { type, timestamp: "2026-01-05T09:00:00.000Z", data: { ...dataOf(type), labels } };
}

const RUN = {
  runId: "run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7",
  workflowId: "incident-triage",
  workflowVersion: 4,
  environment: "prod",
  startedBy: "user:ana@example.com",
  labels: {},
  link: "https://station.example/runs/run_01K9X2M4Q8R3T5V7W9Y1Z3B5D7",
};

const APPROVAL: NonNullable<Data["approval"]> = {
  approvalId: "apr_0123456789abcdef0123456789",
  state: "request_approval",
  title: "Restart checkout",
  message: "May it be restarted?",
  approvers: ["user:ben@example.com", "team:platform"],
  expiresAt: "2026-01-05T10:00:00.000Z",
  status: "PENDING",
  decidedBy: null,
  comment: null,
  level: null,
  to: [],
  notify: null,
  link: "https://station.example/approvals/apr_0123456789abcdef0123456789",
};

function dataOf(type: NotificationType): Data {
  const asked = (change: Partial<typeof APPROVAL> = {}) => ({
    ...RUN,
    status: null,
    message: null,
    approval: { ...APPROVAL, ...change },
  });
  const ended = (status: Data["status"], message: string | null) => ({
    ...RUN,
    status,
    message,
    approval: null,
  });
  switch (type) {
    case "approval.requested":
    case "approval.reminder":
      return asked();
    case "approval.escalated":
      return asked({ level: 1, to: ["team:leads"] });
    case "approval.decided":
      return asked({ status: "APPROVED", decidedBy: "user:ben@example.com", comment: "go" });
    case "approval.expired":
      return asked({ status: "EXPIRED" });
    case "run.completed":
      return ended("COMPLETED", null);
    case "run.failed":
      return ended("FAILED", 'agent "k8s-remediator" failed: deployment not found');
    case "run.cancelled":
      return ended("CANCELLED", "not needed any more");
    case "run.timed_out":
      return ended("TIMED_OUT", "the run took longer than 3600 s");
  }
}
