import type { Definition } from "../../core/definition/types.ts";
import type { Recorded } from "../../core/run/events.ts";
import { isoTime } from "../../core/time.ts";
import type { RunEventItem } from "../../http/schemas/runs.ts";
import { follow, type RunView, viewOf } from "./view.ts";

/** Events of the core as the API answers them. */
export function itemsOf(log: readonly Recorded[]): readonly RunEventItem[] {
  return log.map(({ at, actor, channel, event }, index) => {
    const { type, ...rest } = event;
    const { state = null, stepId = null, branch = null, ...data } = rest as Record<string, never>;
    return { seq: index + 1, type, at: isoTime(at), actor, channel, state, stepId, branch, data, hash: null };
  });
}

/** What is seen of a run after these events. */
export function viewAfter(definition: Definition, log: readonly Recorded[]): RunView {
  return itemsOf(log).reduce(follow, viewOf(definition));
}
