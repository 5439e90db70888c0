import type { Recorded, RunEvent } from "../../core/run/events.ts";
import type { RunEventItem } from "../../http/schemas/runs.ts";

/** An event of the API as the core knows it. */
export function recordedOf(item: RunEventItem): Recorded {
  const { type, at, actor, state, stepId, branch, data } = item;
  const place = {
    ...(state !== null && { state }),
    ...(stepId !== null && { stepId }),
    ...(branch !== null && { branch }),
  };
  return { at: Date.parse(at), actor, event: { ...data, type, ...place } as unknown as RunEvent };
}
