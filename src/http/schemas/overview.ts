import { type Static, Type } from "typebox";
import { nullable, Time } from "./common.ts";
import { RunStatusName } from "./runs.ts";

const FailureGroup = Type.Object(
  {
    environment: Type.String(),
    workflowId: Type.String(),
    state: nullable(Type.String()),
    code: Type.String(),
    message: Type.String({ description: "The latest's" }),
    count: Type.Integer(),
    firstAt: Time,
    lastAt: Time,
    runId: Type.String({ description: "The latest" }),
  },
  { title: "FailureGroup" },
);

/** How runs went since a moment. */
export const Activity = Type.Object(
  {
    since: Time,
    buckets: Type.Array(
      Type.Object({
        at: Time,
        counts: Type.Partial(Type.Record(RunStatusName, Type.Integer())),
      }),
      {
        description: "Runs by when they were created and how they are by now; every stretch of time is there",
      },
    ),
    failures: Type.Array(FailureGroup, {
      description: "Runs that failed or timed out, those of a kind together, the latest kind first",
    }),
  },
  { title: "Activity" },
);
export type Activity = Static<typeof Activity>;

const Part = Type.Object({
  state: Type.Enum(["ok", "away"]),
  error: nullable(Type.String()),
  since: nullable(Time),
});

/** The installation: its version, what it stands on and what waits. */
export const System = Type.Object(
  {
    version: Type.String(),
    parts: Type.Object({ store: Part, queue: Part }),
    processes: Type.Integer({ description: "API and worker processes that report to be alive" }),
    tasks: nullable(
      Type.Object({
        overdueMs: Type.Integer({ description: "How long the most overdue piece of work has been due" }),
        pending: Type.Integer({ description: "In the queue, taken by no worker" }),
        inHand: Type.Integer({ description: "In workers' hands" }),
      }),
    ),
    databaseBytes: nullable(Type.Integer()),
    environments: Type.Array(
      Type.Object({
        name: Type.String(),
        hasFiles: Type.Boolean({ description: "This server has a folder of it" }),
        workflows: Type.Integer(),
      }),
      { description: "Those the caller may look into" },
    ),
    watched: nullable(
      Type.String({
        description:
          "Under `stn dev`: the folder of environments on this machine, whose files are read in as they are saved",
      }),
    ),
    traceUrl: nullable(
      Type.String({
        description:
          "Where a trace is looked at, with `{traceId}` in the place of its id (STATION_TRACE_URL)",
      }),
    ),
  },
  { title: "System" },
);
export type System = Static<typeof System>;
