import { type Static, Type } from "typebox";
import { AnyJson, AnyObject, nullable, pageOf, Time } from "./common.ts";

const Usage = Type.Object(
  {
    inputTokens: Type.Integer(),
    outputTokens: Type.Integer(),
    cachedTokens: Type.Integer(),
    costUsd: Type.Number({ description: "As far as the price table knows the model" }),
  },
  { title: "Usage" },
);

const head = {
  agentRunId: Type.String(),
  agent: Type.String(),
  model: Type.String(),
  simulated: Type.Boolean({ description: "No model was called" }),
  status: Type.Enum(["running", "waiting", "completed", "failed", "cancelled"]),
  runId: Type.String(),
  stepId: Type.String(),
  branch: Type.String(),
  attempt: Type.Integer(),
  rootId: Type.String(),
  parentId: nullable(Type.String()),
  createdAt: Time,
  finishedAt: nullable(Time),
  usage: Usage,
};

/** An agent run without its transcript. */
export const AgentRunSummary = Type.Object(
  { ...head, turns: Type.Integer(), calls: Type.Integer() },
  { title: "AgentRunSummary" },
);
export type AgentRunSummary = Static<typeof AgentRunSummary>;

export const AgentRunPage = pageOf(AgentRunSummary, "AgentRunPage");

const Message = Type.Object({ role: Type.Enum(["system", "user", "assistant"]), text: Type.String() });

const ToolCall = Type.Object(
  {
    callId: Type.String(),
    tool: Type.String(),
    args: AnyObject,
    status: Type.Enum(["pending", "started", "done"]),
    tries: Type.Integer(),
    decision: nullable(
      Type.Object({
        approved: Type.Boolean(),
        by: Type.String(),
        comment: nullable(Type.String()),
        originalArgs: Type.Optional(AnyObject),
      }),
    ),
    text: nullable(Type.String()),
    isError: nullable(Type.Boolean()),
    startedAt: nullable(Time),
    endedAt: nullable(Time),
  },
  { title: "ToolCall" },
);

const Turn = Type.Object(
  {
    seq: Type.Integer(),
    kind: Type.Enum(["answer", "repair"]),
    ask: nullable(Type.String({ description: "What was said to the model before it" })),
    text: Type.String(),
    finish: Type.String(),
    usage: Usage,
    tries: Type.Integer(),
    startedAt: Time,
    endedAt: Time,
    calls: Type.Array(ToolCall),
  },
  { title: "Turn" },
);

/** Everything an agent was told, said and did, in order; secrets are hidden. */
export const AgentRun = Type.Object(
  {
    ...head,
    resumedFrom: nullable(Type.String()),
    parentCallId: nullable(Type.String()),
    input: AnyObject,
    prompt: Type.Array(Message),
    turns: Type.Array(Turn),
    output: Type.Optional(AnyJson),
    validation: Type.Optional(AnyJson),
    question: nullable(AnyJson),
    error: nullable(AnyJson),
    reason: nullable(Type.String()),
  },
  { title: "AgentRun" },
);
export type AgentRun = Static<typeof AgentRun>;
