import { ROOT } from "../../core/run/ids.ts";
import { againstOutput } from "../../core/view/against-output.ts";
import { recordedOf } from "../../core/view/fact.ts";
import type { ShownStatus } from "../../core/view/status.ts";
import type { RunEventItem } from "../../http/schemas/runs.ts";
import type { Look } from "../terminal/look.ts";
import { oneLine, pad, shorten } from "../terminal/text.ts";
import { duration } from "../terminal/time.ts";

export type EventLineOptions = {
  readonly look: Look;
  readonly columns: number;
  /** When the run began, in ms since 1970: lines tell the time since then. */
  readonly since: number;
};

/** An event as one line for people: its number, when, where, what. */
export function eventLine(item: RunEventItem, { look, columns, since }: EventLineOptions): string {
  const { status, text } = tell(item);
  const seq = pad(String(item.seq), 4, "start");
  const at = pad(`+${duration(Date.parse(item.at) - since)}`, 8, "start");
  const place = oneLine(placeOf(item));
  const said = text + wayOf(item);
  const words = look.typeset(oneLine(place === "" ? said : `${place}  ${said}`));
  const room = Math.max(10, columns - 17);
  const shown = shorten(words, room, look.ellipsis);
  const head = look.paint("dim", `${seq} ${at}`);
  return `${head}  ${status === null ? " " : look.glyph(status)} ${shown}`.trimEnd();
}

/** By which way somebody came who is no worker. */
function wayOf({ channel }: RunEventItem): string {
  return channel === "worker" ? "" : ` [${channel}]`;
}

/** Where an event happened: the branch's path and the state. */
export function placeOf({ branch, state }: Pick<RunEventItem, "branch" | "state">): string {
  const path = branch === null || branch === ROOT ? "" : `${branch}/`;
  return state === null ? path.slice(0, -1) : path + state;
}

/** What an event says, in words. */
export function tell(item: RunEventItem): { readonly status: ShownStatus | null; readonly text: string } {
  const { event } = recordedOf(item);
  switch (event.type) {
    case "run.created":
      return {
        status: "PENDING",
        text: `created: ${event.workflow.id} v${event.workflow.version} by ${item.actor}`,
      };
    case "state.reused":
      return { status: "SUCCEEDED", text: "taken over from the earlier run" };
    case "run.started":
      return { status: "RUNNING", text: "started" };
    case "run.paused":
      return { status: "PAUSED", text: `paused by ${item.actor}${reason(event.reason)}` };
    case "run.resumed":
      return { status: "RUNNING", text: `resumed by ${item.actor}` };
    case "run.completed": {
      const against = againstOutput(event.warnings);
      return { status: "COMPLETED", text: against === null ? "completed" : `completed, but ${against}` };
    }
    case "run.failed":
      return { status: "FAILED", text: `failed: ${event.error.message}` };
    case "run.cancelled":
      return { status: "CANCELLED", text: `cancelled by ${item.actor}${reason(event.reason)}` };
    case "run.timed_out":
      return { status: "TIMED_OUT", text: `timed out: ${event.error.message}` };
    case "branch.opened":
      return { status: null, text: "branch opened" };
    case "branch.closed":
      return { status: event.outcome.status, text: "branch closed" };
    case "children.cancelled":
      return { status: "CANCELLED", text: "open branches cancelled" };
    case "state.entered":
      return { status: null, text: `entered (${event.action ?? event.stateType})` };
    case "state.exited":
      return { status: null, text: exited(event) };
    case "step.scheduled":
      return { status: "PENDING", text: `attempt ${event.attempt} scheduled` };
    case "step.started":
      return { status: "RUNNING", text: `attempt ${event.attempt} started by ${event.lease.worker}` };
    case "step.called":
      return { status: "RUNNING", text: `attempt ${event.attempt} is run ${event.runId}` };
    case "step.resumed":
      return { status: "RUNNING", text: `attempt ${event.attempt} goes on, with ${event.lease.worker}` };
    case "step.reclaimed":
      return { status: "RUNNING", text: `attempt ${event.attempt} taken over by ${event.lease.worker}` };
    case "step.succeeded":
      return { status: "SUCCEEDED", text: `succeeded${event.simulated ? " (simulated)" : ""}` };
    case "step.failed":
    case "step.timed_out":
      return failed(event);
    case "step.result_discarded":
      return { status: null, text: `a late result of attempt ${event.attempt} was discarded` };
    case "approval.requested":
      return {
        status: "WAITING_APPROVAL",
        text: `approval ${event.approval.id} requested: ${event.approval.message}`,
      };
    case "approval.voted":
      return {
        status: "WAITING_APPROVAL",
        text: `one ${event.decision === "reject" ? "rejection" : "approval"} by ${item.actor}${reason(event.comment)}`,
      };
    case "approval.vote_voided":
      return { status: "WAITING_APPROVAL", text: `the voice of ${event.by} does not count: ${event.reason}` };
    case "approval.delegated":
      return {
        status: "WAITING_APPROVAL",
        text:
          event.to === item.actor
            ? `${item.actor} took their voice back`
            : `${item.actor} lets ${event.to} speak for them${reason(event.comment)}`,
      };
    case "approval.reminded":
      return { status: "WAITING_APPROVAL", text: "approvers reminded: little time is left" };
    case "approval.escalated":
      return { status: "WAITING_APPROVAL", text: `escalated to ${event.to.join(", ")}` };
    case "approval.approved":
      return { status: "SUCCEEDED", text: `approved by ${item.actor}${reason(event.comment)}` };
    case "approval.rejected":
      return { status: "FAILED", text: `rejected by ${item.actor}${reason(event.comment)}` };
    case "approval.expired":
      return { status: "TIMED_OUT", text: "nobody decided in time" };
    case "signal.received":
      return { status: null, text: `signal "${event.name}" received from ${item.actor}` };
    case "signal.consumed":
      return { status: "SUCCEEDED", text: `signal "${event.name}" taken` };
    default:
      return { status: null, text: item.type };
  }
}

function reason(text: string | null): string {
  return text === null || text === "" ? "" : `: ${text}`;
}

function exited(event: {
  readonly next: string | null;
  readonly condition?: string | null;
  readonly error?: { readonly message: string };
}): string {
  const onward = event.next === null ? "left: end" : `left → ${event.next}`;
  if (event.condition) return `${onward}, because ${event.condition}`;
  return event.error ? `${onward}, after ${event.error.message}` : onward;
}

function failed(event: {
  readonly type: "step.failed" | "step.timed_out";
  readonly attempt: number;
  readonly error: { readonly message: string };
  readonly retryAt?: number;
}): { readonly status: ShownStatus; readonly text: string } {
  const attempt = event.attempt > 0 ? `attempt ${event.attempt} ` : "";
  const what = event.type === "step.failed" ? "failed" : "timed out";
  const text = `${attempt}${what}: ${event.error.message}`;
  if (event.retryAt !== undefined) return { status: "RETRYING", text: `${text} – will be tried again` };
  return { status: event.type === "step.failed" ? "FAILED" : "TIMED_OUT", text };
}
