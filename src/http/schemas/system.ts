import { type Static, Type } from "typebox";
import type { SyncReport as Report } from "../../engine/sync.ts";
import { AnyJson, AnyObject, Environment, nullable, pageOf, Time } from "./common.ts";
import { RunRow } from "./runs.ts";
import { Finding } from "./workflows.ts";

const UsedBy = Type.Array(Type.Object({ workflowId: Type.String(), states: Type.Array(Type.String()) }), {
  description: "Workflows whose current version names it, with the states that do",
});
export type UsedBy = Static<typeof UsedBy>;

/** An agent of an environment, with whatever makes its file unusable. */
export const Agent = Type.Object(
  {
    name: Type.String(),
    aliases: Type.Array(Type.String()),
    file: Type.String(),
    description: nullable(Type.String()),
    model: Type.String(),
    simulated: Type.Boolean(),
    inputSchema: nullable(AnyObject),
    outputSchema: nullable(AnyObject),
    tools: Type.Array(Type.String(), { description: "Tools it may call, as written" }),
    agents: Type.Array(Type.String(), { description: "Agents it may call, as written" }),
    usedBy: UsedBy,
    problems: Type.Array(Finding),
  },
  { title: "Agent" },
);
export type Agent = Static<typeof Agent>;

/** An agent with what it is told. */
export const AgentDetail = Type.Object(
  {
    ...Agent.properties,
    prompt: nullable(Type.String({ description: "The template below the frontmatter of its file" })),
  },
  { title: "AgentDetail" },
);

export const AgentPage = Type.Object(
  {
    ...pageOf(Agent, "AgentPage").properties,
    missing: Type.Array(Type.Object({ name: Type.String(), usedBy: UsedBy }), {
      description: "Agents that current workflows name and no file describes",
    }),
  },
  { title: "AgentPage" },
);

const AgentStatistic = Type.Object(
  {
    agent: Type.String(),
    runs: Type.Integer({ description: "Also those that go on still" }),
    completed: Type.Integer(),
    failed: Type.Integer(),
    successRate: nullable(Type.Number({ description: "0 to 1, of those that completed or failed" })),
    p50Ms: nullable(Type.Integer()),
    p95Ms: nullable(Type.Integer()),
    lastRunAt: Time,
    inputTokens: Type.Integer(),
    outputTokens: Type.Integer(),
    costUsd: Type.Number({ description: "As far as the price table knows the model" }),
  },
  { title: "AgentStatistic" },
);
export type AgentStatistic = Static<typeof AgentStatistic>;

/** How agents did; one that never ran is not in it. */
export const AgentStatistics = Type.Object(
  { items: Type.Array(AgentStatistic) },
  { title: "AgentStatistics" },
);

/** Runs in which an agent was asked, newest first. */
export const AgentUses = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        run: RunRow,
        state: Type.String({ description: "Which state asked it last" }),
        stepId: Type.String(),
        steps: Type.Integer({ description: "So many steps of the run asked it" }),
        failed: Type.Integer({ description: "So many of them failed" }),
      }),
    ),
  },
  { title: "AgentUses" },
);
export type AgentUse = Static<typeof AgentUses>["items"][number];

export const SyncBody = Type.Object(
  { environment: Type.Optional(Environment), dryRun: Type.Optional(Type.Boolean()) },
  { title: "Sync", additionalProperties: false },
);

const SyncRow = Type.Object(
  {
    file: Type.String(),
    kind: Type.Enum(["agent", "mcp-server", "workflow"]),
    id: nullable(Type.String({ description: "null where the file could not be read that far" })),
    result: Type.Enum(["created", "updated", "unchanged", "enabled", "disabled", "invalid", "ok"]),
    version: nullable(Type.Integer()),
    reason: nullable(Type.String()),
    diagnostics: Type.Array(Finding),
  },
  { title: "SyncRow" },
);

/** What a sync did or would do, a row for every file. */
export const SyncReport = Type.Unsafe<Report>(
  Type.Object(
    { environment: Type.String(), dryRun: Type.Boolean(), rows: Type.Array(SyncRow) },
    { title: "SyncReport" },
  ),
);

export type SyncReport = Static<typeof SyncReport>;

export const EvaluateBody = Type.Object(
  {
    expression: Type.String({ minLength: 1, maxLength: 100_000 }),
    mode: Type.Optional(Type.Enum(["expression", "transform"])),
    runId: Type.Optional(Type.String({ description: "Evaluate over this run's context" })),
    at: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: "As it stood after the event of this `seq`, in that event's branch",
      }),
    ),
    context: Type.Optional(AnyObject),
  },
  { title: "Evaluate", additionalProperties: false, examples: [{ expression: "1 + 1" }] },
);

/** The value of an expression, or why it has none: both are answers. */
export const EvaluateResult = Type.Union(
  [
    Type.Object({ ok: Type.Literal(true), value: AnyJson, truth: Type.Boolean(), steps: Type.Integer() }),
    Type.Object({
      ok: Type.Literal(false),
      error: Type.Object({
        kind: Type.String(),
        message: Type.String(),
        line: Type.Integer(),
        column: Type.Integer(),
      }),
    }),
  ],
  { title: "EvaluateResult" },
);

/** The process is alive. */
export const Health = Type.Object({ status: Type.Literal("ok") }, { title: "Health" });

/** Everything Station needs can be reached. */
export const Readiness = Type.Object(
  { status: Type.Literal("ready"), parts: Type.Record(Type.String(), Type.Literal("ok")) },
  { title: "Readiness" },
);
