import { type Static, Type } from "typebox";
import { OVERLAPS } from "../../core/schedule/overlap.ts";
import { AnyObject, NamedEnvironment, nullable, pageOf, Time } from "./common.ts";
import { RunStatusName } from "./runs.ts";

const OverlapName = Type.Enum([...OVERLAPS], {
  title: "Overlap",
  description: "What happens to a tick while a run of an earlier one has not ended",
});

const A_YEAR = 31_536_000;

/** One time a schedule named, or that somebody fired it by hand, and what came of it. */
export const Tick = Type.Object(
  {
    key: Type.String({ description: "Unique in its schedule" }),
    at: Type.String({ ...Time, description: "The time it stands for; of several missed ones, the first" }),
    status: Type.Enum(["waiting", "starting", "started", "skipped", "failed", "missed"]),
    runId: nullable(Type.String()),
    runStatus: nullable(RunStatusName),
    reason: nullable(Type.String({ description: "Why there is no run" })),
    until: nullable(Type.String({ ...Time, description: "Of several missed ticks, the last" })),
    count: nullable(
      Type.Integer({ description: "Of missed ticks; null when they are more than a thousand" }),
    ),
    triggeredBy: nullable(Type.String({ description: "Who fired it by hand" })),
    decidedAt: Time,
  },
  { title: "Tick" },
);
export type Tick = Static<typeof Tick>;

export const TickPage = pageOf(Tick, "TickPage");

export const Schedule = Type.Object(
  {
    id: Type.String(),
    name: Type.String({ examples: ["nightly-eu"] }),
    environment: Type.String(),
    workflowId: Type.String(),
    origin: Type.Enum(["api", "workflow"], {
      description: "`workflow`: declared in the workflow's definition, which alone changes it",
    }),
    status: Type.Enum(["active", "paused", "ended"]),
    cron: nullable(Type.String({ examples: ["30 2 * * mon-fri"] })),
    timezone: nullable(Type.String({ examples: ["Europe/Berlin"] })),
    everySeconds: nullable(Type.Number()),
    anchorAt: nullable(Time),
    input: AnyObject,
    overlap: OverlapName,
    catchUpSeconds: Type.Number(),
    jitterSeconds: Type.Number(),
    startAt: nullable(Time),
    endAt: nullable(Time),
    paused: nullable(Type.Object({ at: Time, by: Type.String(), reason: nullable(Type.String()) })),
    nextAt: nullable(Type.String({ ...Time, description: "The next tick; null when it is paused or over" })),
    last: nullable(Tick),
    createdAt: Time,
    createdBy: Type.String(),
    updatedAt: Time,
    updatedBy: Type.String(),
  },
  { title: "Schedule" },
);
export type Schedule = Static<typeof Schedule>;

export const SchedulePage = pageOf(Schedule, "SchedulePage");

const said = {
  workflowId: Type.String({ minLength: 1, description: "Runs are of its current version" }),
  cron: Type.Optional(Type.String({ description: "Five fields, or a macro like @daily; or `everySeconds`" })),
  timezone: Type.Optional(Type.String({ description: "Whose clocks count, an IANA name; default UTC" })),
  everySeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: A_YEAR })),
  anchorAt: Type.Optional(Type.String({ ...Time, description: "From where intervals count; default 1970" })),
  input: Type.Optional(AnyObject),
  overlap: Type.Optional(OverlapName),
  catchUpSeconds: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: A_YEAR,
      description: "How late a tick that nobody could fire is made up for; default 3600, 0: a minute",
    }),
  ),
  jitterSeconds: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 86_400, description: "Each tick comes up to so much later" }),
  ),
  startAt: Type.Optional(nullable(Time)),
  endAt: Type.Optional(nullable(Time)),
};

export const NewSchedule = Type.Object(
  {
    name: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,62}$" }),
    environment: Type.Optional(NamedEnvironment),
    ...said,
  },
  {
    title: "NewSchedule",
    additionalProperties: false,
    examples: [{ name: "nightly", workflowId: "health-report", cron: "30 2 * * *" }],
  },
);

export const ScheduleUpdate = Type.Object(said, {
  title: "ScheduleUpdate",
  additionalProperties: false,
  examples: [{ workflowId: "health-report", cron: "0 3 * * *" }],
  description: "The whole of it: what is left out gets its default",
});

export const SchedulePause = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 1000 })) },
  { title: "SchedulePause", additionalProperties: false },
);

export const ScheduleTrigger = Type.Object(
  { force: Type.Optional(Type.Boolean({ description: "Whatever an earlier run does" })) },
  { title: "ScheduleTrigger", additionalProperties: false },
);

export const NextTicks = Type.Object(
  {
    timezone: Type.String(),
    items: Type.Array(
      Type.Object({
        at: Time,
        local: Type.String({
          description: "What the clocks of the time zone show",
          examples: ["2026-03-29T03:00:00+02:00"],
        }),
      }),
    ),
  },
  { title: "NextTicks" },
);
