import type { Schedule as DeclaredSchedule } from "../../core/definition/types.ts";
import type { RunStatus } from "../../core/run/run.ts";
import type { Schedule } from "../../core/schedule/schedule.ts";
import type { Standing, Turn } from "../../core/schedule/take-turn.ts";
import type { Tick, TickFate } from "../../core/schedule/tick.ts";
import type { AdminEvent } from "./admin-events.ts";

/** Schedules and their ticks. Whatever is changed about a schedule is guarded by its revision. */
export type Schedules = {
  /** False when the environment has one of this name. */
  add(schedule: Schedule, event: AdminEvent): Promise<boolean>;
  find(environment: string, name: string): Promise<Schedule | null>;
  /** By environment and name, behind `after`; `environments` is `null` for all. */
  list(filter: ScheduleFilter, page: SchedulePage): Promise<readonly ScheduleSummary[]>;
  /** What a decision about it needs; `null` when there is no such schedule. */
  standing(id: string): Promise<Standing | null>;
  /** Those that want to be looked at: their time has come, or nothing holds up a tick that waits. */
  due(now: number, limit: number): Promise<Due>;
  /** Each change with its ticks, or not at all; answers the ids of schedules that nobody changed in between. */
  keep(changes: readonly ScheduleChange[]): Promise<ReadonlySet<string>>;
  /** What came of ticks that were `starting`; others are left alone. */
  settle(settlements: readonly Settlement[], at: number): Promise<void>;
  /** False when somebody changed it in between. */
  remove(schedule: Schedule, event: AdminEvent): Promise<boolean>;
  /** Newest first. */
  ticks(id: string, page: TickPage): Promise<readonly TickView[]>;
  tick(id: string, key: string): Promise<Tick | null>;
  /** The schedules that the current versions of all workflows declare. */
  declared(): Promise<readonly Declared[]>;
  /** Every schedule that came from a workflow. */
  fromWorkflows(): Promise<readonly Schedule[]>;
};

export type ScheduleFilter = {
  readonly environments: readonly string[] | null;
  readonly workflowId?: string;
};

export type SchedulePage = {
  readonly limit: number;
  readonly after?: { readonly environment: string; readonly name: string };
};

export type TickPage = {
  readonly limit: number;
  readonly before?: { readonly at: number; readonly key: string };
};

/** A schedule with its newest tick. */
export type ScheduleSummary = { readonly schedule: Schedule; readonly last: TickView | null };

/** A tick with where its run stands; `null` without one. */
export type TickView = { readonly tick: Tick; readonly runStatus: RunStatus | null };

export type Due = {
  readonly standings: readonly Standing[];
  /** When the earliest of the others is due; `null` without any. */
  readonly nextLookAt: number | null;
};

/** A schedule as it was read and as it is to be, with what a turn says of its ticks. */
export type ScheduleChange = {
  readonly before: Schedule;
  readonly after: Schedule;
  readonly turn: Pick<Turn, "ticks" | "over">;
  /** What somebody did; without it its time has come. */
  readonly event?: AdminEvent;
};

export type Settled = Extract<TickFate, { status: "started" | "skipped" | "failed" }>;

/** What came of a turn that was kept under `revision`. */
export type Settlement = {
  readonly id: string;
  readonly revision: number;
  readonly fates: readonly { readonly key: string; readonly fate: Settled }[];
  /** When to look again, unless somebody has changed the schedule since. */
  readonly lookAt: number | null;
};

export type Declared = {
  readonly environment: string;
  readonly workflowId: string;
  readonly schedule: DeclaredSchedule;
  /** Who published the version. */
  readonly by: string;
};
