import { type Static, Type } from "typebox";
import type { Definition } from "../../core/definition/types.ts";
import { AnyJson, AnyObject, NamedEnvironment, nullable, pageOf, Time } from "./common.ts";
import { RunStatusName } from "./runs.ts";

/** A definition with the environment it goes to; the text form keeps comments, lines and columns. */
export const DefinitionEnvelope = Type.Object(
  {
    definition: Type.Union([Type.String({ description: "YAML or JSON text" }), AnyObject]),
    environment: Type.Optional(NamedEnvironment),
  },
  { title: "DefinitionEnvelope", additionalProperties: false },
);

/** What POST, PUT and validate take as JSON: an envelope, or the definition itself. */
export const DefinitionBody = Type.Union([DefinitionEnvelope, AnyObject]);

/** A finding about a definition, at its place in the author's text. */
export const Finding = Type.Object(
  {
    code: Type.String(),
    severity: Type.Enum(["error", "warning"]),
    path: Type.String({ description: "JSON pointer into the author's text" }),
    line: Type.Integer(),
    column: Type.Integer(),
    endColumn: Type.Optional(Type.Integer()),
    message: Type.String(),
    hint: Type.Optional(Type.String()),
    expected: Type.Optional(AnyJson),
    actual: Type.Optional(AnyJson),
  },
  { title: "Finding" },
);

const findings = { errors: Type.Array(Finding), warnings: Type.Array(Finding) };

/** What is wrong with a definition; errors keep it out, warnings do not. */
export const Validation = Type.Object(findings, { title: "Validation" });
export type Validation = Static<typeof Validation>;

/** How data flows through a definition: every way from one state to the next, judged on its own. */
export const DataFlow = Type.Object(
  {
    edges: Type.Array(
      Type.Object({
        within: nullable(
          Type.String({ description: "The branch, iteration or block; null: the workflow itself" }),
        ),
        from: nullable(Type.String({ description: "A state; null: where the list begins" })),
        to: nullable(Type.String({ description: "A state; null: the workflow's output" })),
        line: Type.Integer(),
        gives: Type.String({
          description: "What comes from there: `{pods: [{name: string}], note?: string}`",
        }),
        needs: Type.String({ description: "What is asked for there, in the same form" }),
        verdict: Type.Enum(["compatible", "cannot-tell", "incompatible"]),
        reasons: Type.Array(Type.String()),
      }),
    ),
    isComplete: Type.Boolean({ description: "False when the definition is too large to be followed" }),
  },
  { title: "DataFlow" },
);
export type DataFlow = Static<typeof DataFlow>;

/** The answer of `POST /workflows/validate`. */
export const ValidationResult = Type.Object(
  {
    valid: Type.Boolean(),
    ...findings,
    report: Type.Optional(nullable(DataFlow)),
  },
  { title: "ValidationResult" },
);

const identity = {
  id: Type.String(),
  version: Type.Integer(),
  name: Type.String(),
  description: nullable(Type.String()),
  status: Type.Enum(["active", "disabled"]),
  disabled: nullable(
    Type.Object(
      { by: Type.String(), because: Type.Enum(["operator", "file-missing"]) },
      { description: "Who disabled it; a sync enables again only what was `file-missing`" },
    ),
  ),
  environment: Type.String(),
  origin: Type.String({ description: "`api`, or the file it came from" }),
  syncState: Type.Enum(["in-sync", "file-newer", "file-missing", "invalid", "none"], {
    description: "How the current version stands to its file; `none` without one",
  }),
  createdAt: Time,
  updatedAt: Time,
};

/** What is answered of a workflow at one of its versions. */
export const workflowFields = {
  ...identity,
  definition: Type.Unsafe<Definition>({ type: "object", description: "In canonical form" }),
  source: Type.String({ description: "The author's own text" }),
  sourceFormat: Type.Enum(["yaml", "json"]),
  validation: Validation,
};

/** A workflow at one of its versions. */
export const Workflow = Type.Object(workflowFields, { title: "Workflow" });
export type Workflow = Static<typeof Workflow>;

/** How the runs of the last 30 days ended. */
const ended = {
  ended30d: Type.Object(
    {
      completed: Type.Integer(),
      failed: Type.Integer({ description: "Or timed out" }),
      rejected: Type.Integer({ description: "Failed because a person said no" }),
      cancelled: Type.Integer(),
    },
    { description: "What the newest runs of 30 days came to, 1,000 at most" },
  ),
  successRate30d: nullable(
    Type.Number({ minimum: 0, maximum: 1, description: "Completed, of those that completed or failed" }),
  ),
};

/** A row of the list of workflows. */
export const WorkflowRow = Type.Object(
  {
    ...identity,
    lastRunAt: nullable(Time),
    lastStatus: nullable(RunStatusName),
    lastRuns: Type.Array(
      Type.Object({
        runId: Type.String(),
        status: RunStatusName,
        createdAt: Time,
        finishedAt: nullable(Time),
      }),
      { description: "The newest 14, newest first" },
    ),
    ...ended,
    p50Ms: nullable(Type.Number({ description: "Of those that completed" })),
  },
  { title: "WorkflowRow" },
);
export type WorkflowRow = Static<typeof WorkflowRow>;

export const WorkflowPage = pageOf(WorkflowRow, "WorkflowPage");

/** How a workflow's newest runs did, and its states in them. */
export const WorkflowStatistics = Type.Object(
  {
    ...ended,
    runs: Type.Integer({ description: "So many were looked at" }),
    states: Type.Array(
      Type.Object({
        state: Type.String({ description: "States of one name count together" }),
        runs: Type.Integer({ description: "Runs that came there, also those that are there still" }),
        visits: Type.Integer({ description: "Those that ended, and were not cancelled" }),
        failed: Type.Integer(),
        retried: Type.Integer({ description: "Visits that took more than one attempt" }),
        p50Ms: nullable(Type.Integer()),
        p95Ms: nullable(Type.Integer()),
      }),
    ),
    ways: Type.Array(
      Type.Object({
        state: Type.String(),
        next: Type.String(),
        runs: Type.Integer({ description: "Runs that went there from it, however often" }),
      }),
      { description: "The ways that were gone out of switches" },
    ),
  },
  { title: "WorkflowStatistics" },
);
export type WorkflowStatistics = Static<typeof WorkflowStatistics>;
