import type { Payload } from "./notification.ts";

/** A notification as people read it, in plain text. */
export type Message = { readonly subject: string; readonly text: string };

/** What Station says when nobody wrote a template. `link` leads to where something can be done about it. */
export function messageOf({ type, data }: Payload, link: string | null): Message {
  const { approval } = data;
  const workflow = `${data.workflowId} in ${data.environment}`;
  const run = `Run ${data.runId} of ${data.workflowId} v${data.workflowVersion}, started by ${data.startedBy}`;
  const named = approval ? (approval.title ?? approval.state) : "";
  const end = (subject: string) => ({ subject, text: lines(data.message, run, link) });
  const of = (subject: string, ...more: readonly (string | null)[]) => ({
    subject,
    text: lines(approval?.message ?? null, ...more, run, link),
  });
  const until = approval?.expiresAt ? `Until ${approval.expiresAt}, then nobody can decide it` : null;
  const who = `For ${approval && approval.approvers.length > 0 ? approval.approvers.join(", ") : "anyone who may decide approvals here"}`;
  switch (type) {
    case "approval.requested":
      return of(`Approval needed: ${named} (${workflow})`, who, until);
    case "approval.reminder":
      return of(`Still waiting for you: ${named} (${workflow})`, who, until);
    case "approval.escalated":
      return of(
        `Nobody has decided yet: ${named} (${workflow})`,
        `Asked too: ${approval?.to.join(", ")}`,
        until,
      );
    case "approval.decided": {
      const what = approval?.status === "APPROVED" ? "Approved" : "Rejected";
      const comment = approval?.comment ? `“${approval.comment}”` : null;
      return of(`${what} by ${approval?.decidedBy}: ${named} (${workflow})`, comment);
    }
    case "approval.expired":
      return of(`Nobody decided in time: ${named} (${workflow})`, who);
    case "run.completed":
      return end(`Completed: ${workflow}`);
    case "run.failed":
      return end(`Failed: ${workflow}`);
    case "run.cancelled":
      return end(`Cancelled: ${workflow}`);
    case "run.timed_out":
      return end(`Timed out: ${workflow}`);
  }
}

/** What a test says. */
export function testMessage({
  environment,
  name,
}: {
  readonly environment: string;
  readonly name: string;
}): Message {
  return {
    subject: `Station reaches you (${name} in ${environment})`,
    text: `This is a test of the subscription "${name}". There is nothing to do.`,
  };
}

/** A text that Slack shows as it is: nobody who writes into an approval can mention a whole channel. */
export function plainForSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function lines(...all: readonly (string | null)[]): string {
  return all.filter((line) => line !== null && line !== "").join("\n");
}
