import { type Static, Type } from "typebox";
import { ROLES } from "../../core/identity/permissions.ts";
import { FINAL_STATUSES } from "../../core/retention/policy.ts";
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
    workers: Type.Integer({ description: "Those of them that execute steps" }),
    tasks: nullable(
      Type.Object({
        overdueMs: Type.Integer({
          description:
            "How long the most overdue piece of work has waited for a worker, or to be handed to the queue",
        }),
        pending: Type.Integer({ description: "Begun by no worker" }),
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

/** How the installation was configured. */
export const Configuration = Type.Object(
  {
    paths: Type.Object({
      data: Type.String(),
      environments: Type.String(),
      archive: Type.String({ description: "Where runs go that have left the database" }),
      database: nullable(Type.String({ description: "`null`: it is a server's" })),
    }),
    retention: Type.Object({
      rules: Type.Array(
        Type.Object({
          workflow: nullable(Type.String({ description: "`null`: of any" })),
          status: nullable(Type.Enum([...FINAL_STATUSES], { description: "`null`: any a run ends in" })),
          keepMs: nullable(Type.Integer({ description: "After its end; `null`: for ever" })),
        }),
        { description: "What is written for fewer runs counts more; none: all stay for ever" },
      ),
      holdLabel: Type.String({ description: "A run with this label stays until the label says `false`" }),
    }),
    provider: nullable(
      Type.Object({
        issuer: Type.String(),
        clientId: Type.String(),
        userClaim: Type.String({ description: "The claim that names people" }),
        groupsClaim: Type.String({ description: "The claim with their groups, which are their teams" }),
        roles: Type.Array(
          Type.Object({
            group: Type.String({ description: "`*`: everybody whom the provider knows" }),
            role: Type.Enum([...ROLES]),
            environment: Type.String({ description: "`*`: all of them" }),
          }),
        ),
      }),
    ),
  },
  { title: "Configuration" },
);
export type Configuration = Static<typeof Configuration>;
