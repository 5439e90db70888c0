import { type Static, Type } from "typebox";
import { Environment, nullable, Time } from "./common.ts";
import { MOST_SEARCHED, RunRow, RunStatusName } from "./runs.ts";

/** The same done to many runs. */
export const Bulk = Type.Object(
  {
    environment: Type.Optional(Environment),
    action: Type.Enum(["pause", "resume", "cancel", "rerun"]),
    filter: Type.Object(
      {
        workflowId: Type.Optional(Type.String()),
        status: Type.Optional(Type.Array(RunStatusName, { minItems: 1 })),
        startedAfter: Type.Optional(Time),
        startedBefore: Type.Optional(Time),
        startedBy: Type.Optional(Type.String({ minLength: 1 })),
        calledBy: Type.Optional(Type.String({ minLength: 1 })),
        q: Type.Optional(Type.String({ minLength: 1, maxLength: MOST_SEARCHED })),
      },
      { additionalProperties: false, minProperties: 1, description: "As of the list of runs" },
    ),
    reason: Type.Optional(Type.String({ maxLength: 2000 })),
    dryRun: Type.Optional(Type.Boolean({ description: "Say how many it would be, and do nothing" })),
    expect: Type.Optional(
      Type.Integer({ minimum: 0, description: "Do nothing when it is not so many by now" }),
    ),
  },
  {
    title: "Bulk",
    additionalProperties: false,
    examples: [
      { action: "rerun", filter: { workflowId: "incident-triage", status: ["FAILED"] }, dryRun: true },
    ],
  },
);

/** What came of it. A request does at most 500; `remaining` says how many it left. */
export const BulkResult = Type.Object(
  {
    dryRun: Type.Boolean(),
    matching: Type.Integer({ description: "How many runs the action can do anything to" }),
    done: Type.Integer(),
    refused: Type.Integer(),
    remaining: Type.Integer(),
    items: Type.Array(
      Type.Object({
        run: RunRow,
        isDone: nullable(Type.Boolean({ description: "Null in a dry run" })),
        detail: nullable(Type.String({ description: "Why it was not done" })),
        newRunId: nullable(Type.String({ description: "The run that runs it again" })),
      }),
    ),
  },
  { title: "BulkResult" },
);
export type BulkResult = Static<typeof BulkResult>;
