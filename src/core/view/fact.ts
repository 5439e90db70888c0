import type { JsonObject } from "../json.ts";
import type { Recorded, RunEvent } from "../run/events.ts";
import { parseInstant } from "../time.ts";

/** An event as the API gives it out. */
export type GivenEvent = {
  readonly type: string;
  /** RFC 3339. */
  readonly at: string;
  readonly actor: string;
  readonly state: string | null;
  readonly stepId: string | null;
  readonly branch: string | null;
  readonly data: JsonObject;
};

/** An event of the API as the core knows it. */
export function recordedOf({ type, at, actor, state, stepId, branch, data }: GivenEvent): Recorded {
  const place = {
    ...(state !== null && { state }),
    ...(stepId !== null && { stepId }),
    ...(branch !== null && { branch }),
  };
  return { at: parseInstant(at) ?? 0, actor, event: { ...data, type, ...place } as unknown as RunEvent };
}
