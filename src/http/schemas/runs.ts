import { type Static, Type } from "typebox";
import type { RunStatus, StepStatus } from "../../core/run/run.ts";
import { AnyJson, AnyObject, Channel, Environment, Labels, nullable, pageOf, Time } from "./common.ts";

/** The statuses of a run (PRD §3.7). */
export const RUN_STATUSES = [
  "PENDING",
  "RUNNING",
  "WAITING_APPROVAL",
  "WAITING_SIGNAL",
  "PAUSED",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
  "TIMED_OUT",
] as const satisfies readonly RunStatus[];

const STEP_STATUSES = [
  "PENDING",
  "RUNNING",
  "WAITING_APPROVAL",
  "SUCCEEDED",
  "FAILED",
  "CANCELLED",
  "TIMED_OUT",
] as const satisfies readonly StepStatus[];

/** Characters: SQLite looks for no pattern of more than 50,000 bytes. */
export const MOST_SEARCHED = 1000;

export const RunStatusName = Type.Enum([...RUN_STATUSES], { title: "RunStatus" });

/** Why a run or a step failed. */
const StepFailure = Type.Object(
  {
    code: Type.String(),
    message: Type.String(),
    type: Type.String(),
    retryable: Type.Boolean(),
    state: Type.Optional(Type.String()),
    attempt: Type.Optional(Type.Integer()),
    retryAfterSeconds: Type.Optional(Type.Number()),
    details: Type.Optional(AnyJson),
  },
  { title: "StepError" },
);

const summary = {
  runId: Type.String(),
  workflowId: Type.String(),
  workflowVersion: Type.Integer(),
  environment: Type.String(),
  status: RunStatusName,
  labels: Labels,
  startedBy: Type.String(),
  createdAt: Time,
  startedAt: nullable(Time),
  finishedAt: nullable(Time),
  simulated: Type.Boolean(),
};

/** A row of the list of runs: without input, context and output. */
export const RunRow = Type.Object(
  {
    ...summary,
    why: Type.Optional(
      nullable(
        Type.String({ description: "Where asked for: what it waits for or what ended it, in one sentence" }),
      ),
    ),
  },
  { title: "RunRow" },
);
export type RunRow = Static<typeof RunRow>;

export const RunPage = pageOf(RunRow, "RunPage");

/** A run as it is now; `seq` is the number of its latest event. */
export const Run = Type.Object(
  {
    ...summary,
    rerunOf: nullable(
      Type.Object(
        {
          runId: Type.String(),
          from: nullable(Type.String({ description: "The state it began at; null for the start" })),
        },
        { title: "RerunOf" },
      ),
    ),
    calledBy: nullable(
      Type.Object(
        {
          runId: Type.String(),
          branch: Type.String(),
          stepId: Type.String(),
          attempt: Type.Integer(),
          within: Type.Array(Type.String(), {
            description: "The runs that run was called by in turn, the outermost first",
          }),
        },
        { title: "CalledBy", description: "The step of another run that started it and waits for its end" },
      ),
    ),
    input: AnyObject,
    context: AnyObject,
    output: AnyJson,
    warnings: Type.Array(AnyJson, {
      description:
        "What the output has against it: SCHEMA_VALIDATION_OUTPUT where it breaks the workflow's outputSchema",
    }),
    error: nullable(StepFailure),
    reason: nullable(Type.String({ description: "Given when it was paused or cancelled" })),
    blockedOn: nullable(Type.String({ description: "What it waits for, in one sentence" })),
    traceId: Type.String({ description: "Of the run's spans (W3C Trace Context): 32 hex digits" }),
    currentStates: Type.Array(Type.Object({ branch: Type.String(), state: Type.String() })),
    seq: Type.Integer(),
    purgedAt: nullable(
      Type.String({
        format: "date-time",
        description:
          "When its values were taken out of the database. Input, context and output here, those of its steps and the data of its events are then empty, and words are `purged`: none of it is what the run had",
      }),
    ),
  },
  { title: "Run" },
);
export type Run = Static<typeof Run>;

/** How many runs are in each status. */
export const RunCounts = Type.Object(
  { counts: Type.Record(RunStatusName, Type.Integer()) },
  { title: "RunCounts" },
);

/** One visit of a run to a state. */
export const Step = Type.Object(
  {
    stepId: Type.String(),
    state: Type.String(),
    type: Type.String(),
    action: nullable(Type.String()),
    branch: Type.String(),
    index: nullable(Type.Integer()),
    status: Type.Enum([...STEP_STATUSES], { title: "StepStatus" }),
    attempt: Type.Integer(),
    input: AnyJson,
    output: AnyJson,
    error: nullable(StepFailure),
    validation: AnyJson,
    agentRunId: nullable(Type.String()),
    reusedFrom: nullable(Type.String({ description: "The step of the earlier run whose outcome this is" })),
    calledRunId: nullable(
      Type.String({ description: "The run that the last attempt of a `workflow.run` started" }),
    ),
    startedAt: Time,
    finishedAt: nullable(Time),
    durationMs: nullable(Type.Integer()),
  },
  { title: "Step" },
);
export type Step = Static<typeof Step>;

export const StepPage = pageOf(Step, "StepPage");

/** A fact about a run. `data` is the event without the four fields beside it, as it was sealed; of a purged run, without its values. */
export const RunEventItem = Type.Object(
  {
    seq: Type.Integer(),
    type: Type.String(),
    at: Time,
    actor: Type.String(),
    channel: Channel,
    state: nullable(Type.String()),
    stepId: nullable(Type.String()),
    branch: nullable(Type.String()),
    data: AnyObject,
    hash: nullable(Type.String({ description: "Null until the event is sealed, within a second" })),
  },
  { title: "RunEvent" },
);
export type RunEventItem = Static<typeof RunEventItem>;

export const EventPage = pageOf(RunEventItem, "EventPage");

/** What to run. */
export const StartRun = Type.Object(
  {
    workflowId: Type.String({ minLength: 1, description: "Also understood as `workflow_id`" }),
    input: Type.Optional(AnyObject),
    version: Type.Optional(Type.Integer({ minimum: 1 })),
    environment: Type.Optional(Environment),
    labels: Type.Optional(Labels),
  },
  {
    title: "StartRun",
    additionalProperties: false,
    examples: [{ workflowId: "incident-triage", input: { namespace: "prod", service: "checkout" } }],
  },
);

/** What is different when a run is run again. */
export const Rerun = Type.Object(
  {
    fromState: Type.Optional(
      Type.String({ description: "Begin here, with what the run had done before it last came here" }),
    ),
    input: Type.Optional(AnyObject),
    version: Type.Optional(Type.Integer({ minimum: 1, description: "Without it, the run's own" })),
  },
  { title: "Rerun", additionalProperties: false },
);

/** Why something is done to a run. */
export const Reason = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 2000 })) },
  { title: "Reason", additionalProperties: false },
);

/** A message for a run; without an `id` the idempotency key is it. */
export const SignalBody = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    payload: Type.Optional(AnyJson),
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  },
  {
    title: "Signal",
    additionalProperties: false,
    examples: [{ name: "deployed", payload: { revision: "4f2c1ab" } }],
  },
);
