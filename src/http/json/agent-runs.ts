import {
  addUsage,
  type Call,
  isSimulated,
  type AgentRun as Kept,
  NO_USAGE,
} from "../../core/agent/agent-run.ts";
import { type Redact, redacted } from "../../core/agent/redact.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { isoTime } from "../../core/time.ts";
import type { AgentRunSummary as Summary } from "../../engine/ports/agents.ts";
import type { AgentRun, AgentRunSummary } from "../schemas/agent-runs.ts";
import { timeOrNull } from "./runs.ts";

/** An agent run without its transcript. */
export function agentRunSummaryJson(run: Summary): AgentRunSummary {
  const { place, family } = run;
  return {
    agentRunId: run.id,
    agent: run.agent,
    model: run.model,
    simulated: run.simulated,
    status: run.status,
    ...placeJson(place),
    rootId: family.rootId,
    parentId: family.parentId,
    createdAt: isoTime(run.createdAt),
    finishedAt: timeOrNull(run.finishedAt),
    usage: { ...run.usage },
    turns: run.turns,
    calls: run.calls,
  };
}

function placeJson({ runId, stepId, branch, attempt }: Kept["place"]) {
  return { runId, stepId, branch, attempt };
}

/** An agent run with its transcript; secrets are hidden. */
export function agentRunJson(run: Kept, redact: Redact): AgentRun {
  const { status, family } = run;
  const hidden = <Value extends JsonValue>(value: Value) => redacted(value, redact) as Value;
  return {
    agentRunId: run.id,
    agent: run.agent,
    model: run.model,
    simulated: isSimulated(run),
    status: status.status,
    ...placeJson(run.place),
    rootId: family.rootId,
    parentId: family.parentId,
    parentCallId: family.parentCallId,
    resumedFrom: run.resumedFrom,
    createdAt: isoTime(run.createdAt),
    finishedAt: "at" in status ? isoTime(status.at) : null,
    usage: { ...run.turns.reduce((sum, { reply }) => addUsage(sum, reply.usage), NO_USAGE) },
    input: hidden(run.input),
    prompt: run.prompt.map(({ role, text }) => ({ role, text: redact(text) })),
    turns: run.turns.map(({ seq, kind, ask, reply, tries, startedAt, endedAt }) => ({
      seq,
      kind,
      ask: ask === null ? null : redact(ask),
      text: redact(reply.text),
      finish: reply.finish,
      usage: { ...reply.usage },
      tries,
      startedAt: isoTime(startedAt),
      endedAt: isoTime(endedAt),
      calls: run.calls.filter(({ turn }) => turn === seq).map((call) => callJson(call, redact)),
    })),
    ...(status.status === "completed" ? { output: hidden(status.answer.output) } : {}),
    ...(status.status === "completed" && status.answer.validation !== undefined
      ? { validation: status.answer.validation }
      : {}),
    question: status.status === "waiting" ? hidden({ ...status.question }) : null,
    error: status.status === "failed" ? hidden({ ...status.error }) : null,
    reason: status.status === "cancelled" ? status.reason : null,
  };
}

function callJson({ id, tool, args, tries, decision, progress }: Call, redact: Redact) {
  const done = progress.status === "done" ? progress : null;
  const startedAt = progress.status === "started" ? progress.at : (done?.startedAt ?? null);
  return {
    callId: id,
    tool,
    args: redacted(args, redact) as JsonObject,
    status: progress.status,
    tries,
    decision: decision === null ? null : { ...decision },
    text: done ? redact(done.text) : null,
    isError: done ? done.isError : null,
    startedAt: timeOrNull(startedAt),
    endedAt: timeOrNull(done?.at ?? null),
  };
}
