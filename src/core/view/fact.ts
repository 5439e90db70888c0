import type { Channel } from "../identity/channel.ts";
import type { JsonObject } from "../json.ts";
import type { Recorded, RunEvent } from "../run/events.ts";
import { parseInstant } from "../time.ts";

/** An event as the API gives it out. */
export type GivenEvent = {
  readonly type: string;
  /** RFC 3339. */
  readonly at: string;
  readonly actor: string;
  readonly channel: Channel;
  readonly state: string | null;
  readonly stepId: string | null;
  readonly branch: string | null;
  readonly data: JsonObject;
};

/** An event of the API as the core knows it. */
export function recordedOf({ type, at, actor, channel, state, stepId, branch, data }: GivenEvent): Recorded {
  const place = {
    ...(state !== null && { state }),
    ...(stepId !== null && { stepId }),
    ...(branch !== null && { branch }),
  };
  return {
    at: parseInstant(at) ?? 0,
    actor,
    channel,
    event: { ...data, type, ...place } as unknown as RunEvent,
  };
}

/** Every kind of event there is; the compiler lists what is missing. */
const KNOWN: Readonly<Record<RunEvent["type"], true>> = {
  "run.created": true,
  "run.started": true,
  "run.paused": true,
  "run.resumed": true,
  "run.completed": true,
  "run.failed": true,
  "run.cancelled": true,
  "run.timed_out": true,
  "branch.opened": true,
  "branch.closed": true,
  "children.cancelled": true,
  "state.entered": true,
  "state.exited": true,
  "state.reused": true,
  "step.scheduled": true,
  "step.started": true,
  "step.called": true,
  "step.reclaimed": true,
  "step.resumed": true,
  "step.succeeded": true,
  "step.failed": true,
  "step.timed_out": true,
  "step.result_discarded": true,
  "approval.requested": true,
  "approval.voted": true,
  "approval.approved": true,
  "approval.rejected": true,
  "approval.expired": true,
  "approval.vote_voided": true,
  "approval.delegated": true,
  "approval.reminded": true,
  "approval.escalated": true,
  "signal.received": true,
  "signal.consumed": true,
};

export const EVENT_TYPES: readonly string[] = Object.keys(KNOWN);

/** False for an event that only a newer server knows: it can be shown, not folded. */
export function isKnown({ type }: Pick<GivenEvent, "type">): boolean {
  return Object.hasOwn(KNOWN, type);
}
