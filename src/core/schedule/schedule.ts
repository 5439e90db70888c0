import type { JsonObject } from "../json.ts";
import { nextCron } from "./next-cron.ts";
import type { Overlap } from "./overlap.ts";

/** Starts runs of a workflow by itself. Times are milliseconds since 1970. */
export type Schedule = {
  /** `sch_` + ULID; never given twice, so that what comes of its ticks is never mixed up with an earlier one's. */
  readonly id: string;
  readonly environment: string;
  /** How people call it; one of its name in an environment. */
  readonly name: string;
  readonly workflowId: string;
  /** `workflow`: declared in the workflow's definition, which alone changes it. */
  readonly origin: "api" | "workflow";
  readonly spec: ScheduleSpec;
  readonly paused: Paused | null;
  /** Every tick up to this moment has been dealt with. */
  readonly consideredUntil: number;
  /** When to look at it next; `null` while nothing is to come. */
  readonly lookAt: number | null;
  /** Grows with every change: what guards compare. */
  readonly revision: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
};

export type Paused = { readonly at: number; readonly by: string; readonly reason: string | null };

/** What a schedule says: when, with what, and what to do when ticks collide or were missed. */
export type ScheduleSpec = {
  readonly timing: Timing;
  /** The input of its runs; texts may be templates over `_cronTriggeredAt`, `_cronExpression`, `_cronTimezone`. */
  readonly input: JsonObject;
  readonly overlap: Overlap;
  /** A tick that nobody could fire for longer than this is missed; 0: no more than a minute of delay. */
  readonly catchUpSeconds: number;
  /** Each tick fires up to so much later, by a delay of its own that every process agrees on. */
  readonly jitterSeconds: number;
  /** No tick before. */
  readonly startAt: number | null;
  /** No tick after. */
  readonly endAt: number | null;
};

export type Timing =
  /** Five fields or a macro, by the clocks of an IANA time zone. */
  | { readonly kind: "cron"; readonly cron: string; readonly timezone: string }
  /** Every so many seconds, counted from `anchorAt`. */
  | { readonly kind: "interval"; readonly everySeconds: number; readonly anchorAt: number };

/** What a schedule does that does not say otherwise. */
export const DEFAULTS = { overlap: "skip", catchUpSeconds: 3600, jitterSeconds: 0 } as const;

/** The first tick after `after`; `null` when none comes any more. */
export function nextTick(
  { timing, startAt, endAt }: Pick<ScheduleSpec, "timing" | "startAt" | "endAt">,
  after: number,
): number | null {
  const from = startAt === null ? after : Math.max(after, startAt - 1);
  const at =
    timing.kind === "cron" ? nextCron(timing.cron, timing.timezone, from) : nextInterval(timing, from);
  return at === null || (endAt !== null && at > endAt) ? null : at;
}

function nextInterval(
  { everySeconds, anchorAt }: Extract<Timing, { kind: "interval" }>,
  after: number,
): number {
  const every = everySeconds * 1000;
  return anchorAt + (Math.floor((after - anchorAt) / every) + 1) * every;
}
