import type { AgentRun, Call, Turn } from "../agent/agent-run.ts";
import { agentSpanId, callSpanId, turnSpanId } from "./context.ts";
import type { Attributes, Span } from "./span.ts";

/**
 * What an agent did, from its transcript: a span for each turn of its model and each call of a tool (OpenTelemetry's GenAI
 * conventions). An agent that another one called has a span of its own, below that call.
 */
export function spansOfAgent(traceId: string, run: AgentRun): readonly Span[] {
  const below = { traceId, parentSpanId: agentSpanId(run.id), events: [] } as const;
  // What an earlier attempt had finished is in that attempt's trace.
  const turns = run.turns.filter(({ startedAt }) => startedAt >= run.createdAt);
  return [
    ...turns.map((turn): Span => ({ ...below, ...turnOf(run, turn) })),
    ...run.calls.flatMap((call): Span[] => {
      const span = callOf(run, call);
      return span && span.startAt >= run.createdAt ? [{ ...below, ...span }] : [];
    }),
    ...childOf(traceId, run),
  ];
}

type Own = Omit<Span, "traceId" | "parentSpanId" | "events">;

function turnOf(
  { id, model, simulated }: AgentRun,
  { seq, kind, reply, tries, startedAt, endedAt }: Turn,
): Own {
  const { modelId, usage, finish } = reply;
  return {
    spanId: turnSpanId(id, seq),
    name: `chat ${model}`,
    ...lasting(startedAt, endedAt),
    status: "ok",
    message: null,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": model,
      "gen_ai.response.model": modelId,
      "gen_ai.response.finish_reasons": finish,
      "gen_ai.usage.input_tokens": usage.inputTokens,
      "gen_ai.usage.output_tokens": usage.outputTokens,
      "station.cost_usd": usage.costUsd,
      "station.turn": seq,
      "station.turn_kind": kind,
      "station.tries": tries,
      ...simulatedIf(simulated),
    },
  };
}

/** `null` for a call that was never made. */
function callOf({ id }: AgentRun, { id: callId, tool, tries, progress }: Call): Own | null {
  if (progress.status !== "done" || progress.startedAt === null) return null;
  const { isError, startedAt, at } = progress;
  return {
    spanId: callSpanId(id, callId),
    name: `execute_tool ${tool}`,
    ...lasting(startedAt, at),
    status: isError ? "error" : "ok",
    message: null,
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": tool,
      "gen_ai.tool.call.id": callId,
      "station.tries": tries,
    },
  };
}

function childOf(traceId: string, run: AgentRun): readonly Span[] {
  const { family, status, agent, simulated, createdAt } = run;
  if (family.parentId === null || family.parentCallId === null || !("at" in status)) return [];
  return [
    {
      traceId,
      spanId: agentSpanId(run.id),
      parentSpanId: callSpanId(family.parentId, family.parentCallId),
      name: `invoke_agent ${agent}`,
      ...lasting(createdAt, status.at),
      status: status.status === "completed" ? "ok" : status.status === "failed" ? "error" : "unset",
      message: status.status === "failed" ? status.error.message : null,
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": agent,
        "station.agent_run_id": run.id,
        ...simulatedIf(simulated),
      },
      events: [],
    },
  ];
}

/** No span ends before it starts, though a clock may be put back meanwhile. */
function lasting(startAt: number, endAt: number): Pick<Span, "startAt" | "endAt"> {
  return { startAt, endAt: Math.max(startAt, endAt) };
}

function simulatedIf(simulated: boolean): Attributes {
  return simulated ? { "station.simulated": true } : {};
}
