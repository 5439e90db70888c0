import { hash } from "node:crypto";
import type { RunId, StepId } from "../run/ids.ts";

/**
 * Where a run's spans belong (W3C Trace Context). All ids follow from the run's own, so that every process that ever
 * touches the run names the same spans, and a repeated export repeats nothing.
 */
export type TraceContext = {
  /** 32 hex digits. */
  readonly traceId: string;
  /** The span of the caller that started the run; `null` when the run is the root of its trace. */
  readonly callerSpanId: string | null;
};

/** The trace of a run: the one it was started in, or one of its own. */
export function traceOf(run: { readonly id: RunId; readonly traceparent: string | null }): TraceContext {
  const given = run.traceparent === null ? null : parseTraceparent(run.traceparent);
  if (given) return { traceId: given.traceId, callerSpanId: given.spanId };
  return { traceId: digits(`trace\n${run.id}`, 32), callerSpanId: null };
}

/** The span of the run as a whole. */
export function runSpanId(runId: RunId): string {
  return digits(`run\n${runId}`, 16);
}

/** The span of one visit to a state: the first half of the step's id, which is a hash that no other run has. */
export function stateSpanId(step: StepId): string {
  return step.slice(0, 16);
}

/** The span of one attempt of an agent's step: the other half, in which the attempts are told apart. */
export function attemptSpanId(step: StepId, attempt: number): string {
  const last = Number.parseInt(step.slice(24, 32), 16) ^ attempt;
  return step.slice(16, 24) + (last >>> 0).toString(16).padStart(8, "0");
}

/** The span of the agent's run within an attempt. */
export function agentSpanId(agentRunId: string): string {
  return digits(`agent\n${agentRunId}`, 16);
}

/** The span of one turn of an agent's model. */
export function turnSpanId(agentRunId: string, seq: number): string {
  return digits(`turn\n${agentRunId}\n${seq}`, 16);
}

/** The span of one call of a tool. */
export function callSpanId(agentRunId: string, callId: string): string {
  return digits(`call\n${agentRunId}\n${callId}`, 16);
}

/** The header that hands a span on: version 00, sampled. */
export function traceparent(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-01`;
}

/** `null` for anything that W3C Trace Context §3.2 calls invalid. */
export function parseTraceparent(
  header: string,
): { readonly traceId: string; readonly spanId: string } | null {
  const match = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:$|-)/.exec(header);
  if (match === null || (header.startsWith("00") && header.length !== 55)) return null;
  const [, traceId = "", spanId = ""] = match;
  return /^0+$/.test(traceId) || /^0+$/.test(spanId) ? null : { traceId, spanId };
}

function digits(identity: string, count: number): string {
  return hash("sha256", identity).slice(0, count);
}
