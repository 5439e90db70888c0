import type { AgentRun } from "../../../http/schemas/agent-runs.ts";

/**
 * A transcript as it stood at a moment (ms since 1970): the turns that were finished and the calls that had begun by
 * then. Null before the agent began. That it waited for a person then is not known: it reads as running.
 */
export function transcriptAt(run: AgentRun, then: number): AgentRun | null {
  if (isAfter(run.createdAt, then)) return null;
  if (run.finishedAt !== null && !isAfter(run.finishedAt, then)) return run;
  const turns = run.turns.filter(({ endedAt }) => !isAfter(endedAt, then));
  const { output: _, validation: __, ...rest } = run;
  return {
    ...rest,
    status: "running",
    finishedAt: null,
    turns: turns.map((turn) => ({ ...turn, calls: turn.calls.map((call) => callAt(call, then)) })),
    usage: usageOf(turns),
    question: null,
    error: null,
    reason: null,
  };
}

type Turn = AgentRun["turns"][number];
type Call = Turn["calls"][number];

function callAt(call: Call, then: number): Call {
  if (call.endedAt !== null && !isAfter(call.endedAt, then)) return call;
  const open = { ...call, text: null, isError: null, endedAt: null };
  return call.startedAt !== null && !isAfter(call.startedAt, then)
    ? { ...open, status: "started" }
    : { ...open, status: "pending", decision: null, startedAt: null };
}

function usageOf(turns: readonly Turn[]): AgentRun["usage"] {
  const sum = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };
  for (const { usage } of turns) {
    sum.inputTokens += usage.inputTokens;
    sum.outputTokens += usage.outputTokens;
    sum.cachedTokens += usage.cachedTokens;
    sum.costUsd += usage.costUsd;
  }
  return sum;
}

function isAfter(time: string, then: number): boolean {
  return Date.parse(time) > then;
}
