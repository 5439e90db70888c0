import type { JsonObject, JsonValue } from "../json.ts";
import type { BranchPath, RunId, StepId } from "../run/ids.ts";
import type { StepError } from "../run/run.ts";

/**
 * One agent at work on one attempt of a step: what it was given, the finished turns of its model, and the tool calls
 * these asked for. Everything that is worth not doing twice is in here, and nothing else.
 */
export type AgentRun = {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly environment: string;
  readonly agent: string;
  /** Of the agent's file: finished turns of another text are not continued. */
  readonly checksum: string;
  readonly model: string;
  readonly simulated: boolean;
  readonly input: JsonObject;
  /** The rendered prompt. */
  readonly prompt: readonly PromptMessage[];
  readonly place: Place;
  readonly family: Family;
  /** The failed attempt whose finished turns and calls this one began with. */
  readonly resumedFrom: string | null;
  readonly status: AgentRunStatus;
  readonly turns: readonly Turn[];
  readonly calls: readonly Call[];
  readonly createdAt: number;
};

/** The step that an agent works for. */
export type Place = {
  readonly runId: RunId;
  readonly branch: BranchPath;
  readonly stepId: StepId;
  readonly attempt: number;
};

/** Who called whom: an agent run that a step asked for is its own root. */
export type Family = {
  readonly rootId: string;
  readonly parentId: string | null;
  readonly parentCallId: string | null;
  /** The files of the agents from the root down to this one. */
  readonly chain: readonly string[];
};

export type AgentRunStatus =
  | { readonly status: "running" }
  /** Somebody has to decide something first. */
  | { readonly status: "waiting"; readonly question: Question }
  | { readonly status: "completed"; readonly at: number; readonly answer: Answer }
  | { readonly status: "failed"; readonly at: number; readonly error: StepError }
  | { readonly status: "cancelled"; readonly at: number; readonly reason: string };

export type Answer = {
  readonly output: JsonValue;
  readonly text: string;
  /** Set when the output breaks the agent's schema (`SCHEMA_VALIDATION_OUTPUT`) or was cut off (`OUTPUT_TRUNCATED`). */
  readonly validation?: JsonValue;
};

export type PromptMessage = { readonly role: "system" | "user" | "assistant"; readonly text: string };

/** One answer of the model, as it came. */
export type Turn = {
  readonly seq: number;
  /** `repair`: asked again because the answer did not match the output schema; not counted as a step. */
  readonly kind: "answer" | "repair";
  /** What was said to the model before it, beyond the prompt and the results of its calls. */
  readonly ask: string | null;
  readonly reply: Reply;
  /** How often the provider was asked until it answered. */
  readonly tries: number;
  readonly startedAt: number;
  readonly endedAt: number;
};

/** What a model answered in one turn. */
export type Reply = {
  readonly text: string;
  readonly calls: readonly AskedCall[];
  /** `stop`, `tool-calls`, `length`, … */
  readonly finish: string;
  readonly usage: Usage;
  /** The provider's own form of the message (reasoning, signatures), to be given back to it unchanged. */
  readonly raw: JsonValue;
  /** The answer where it is a value and no text: only what is no model answers so. */
  readonly output?: JsonValue;
  readonly modelId: string;
};

/** A call as the model asked for it. */
export type AskedCall = {
  readonly id: string;
  readonly tool: string;
  readonly args: JsonObject;
  /** Its arguments were no JSON object, or not one that is kept as it is: `args` shows what was said, and no tool is called with it. */
  readonly isGarbled?: true;
};

/** What was used up; money as far as the price table knows the model. */
export type Usage = {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly costUsd: number;
};

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    costUsd: a.costUsd + b.costUsd,
  };
}

/** A call of a tool that a turn asked for. */
export type Call = {
  /** Unique within the agent run. */
  readonly id: string;
  readonly turn: number;
  /** As the model names it. */
  readonly tool: string;
  /** What it is called with: as the model said, or as a person changed it. */
  readonly args: JsonObject;
  /** How often it was started. */
  readonly tries: number;
  readonly decision: CallDecision | null;
  readonly progress: CallProgress;
  /** Its arguments held a secret that was not kept: nobody can make it any more. */
  readonly isLost?: true;
};

/** What a person said about a call. */
export type CallDecision = {
  readonly approved: boolean;
  readonly by: string;
  readonly comment: string | null;
  /** The arguments that the model had asked for, where the person changed them. */
  readonly originalArgs?: JsonObject;
};

export type CallProgress =
  | { readonly status: "pending" }
  /** Under way; found so by whoever takes the run over, its outcome is unknown. */
  | { readonly status: "started"; readonly at: number }
  | {
      readonly status: "done";
      readonly at: number;
      readonly startedAt: number | null;
      readonly text: string;
      readonly isError: boolean;
      /** Of a child agent: what it and its own children used up. */
      readonly spent?: Spent;
      /** Of a child agent: no model, or not only models, answered. */
      readonly simulated?: true;
    };

/** What an agent run and the agents below it have used up. */
export type Spent = { readonly usage: Usage; readonly toolCalls: number };

const NOTHING_SPENT: Spent = { usage: NO_USAGE, toolCalls: 0 };

/** Something that a person has to decide before an agent may go on. */
export type Question = {
  /** The same question has the same id, however often it is asked. */
  readonly id: string;
  readonly kind: "tool" | "unknown" | "budget";
  readonly title: string;
  readonly message: string;
  /** What exactly is decided: agent, tool, arguments. */
  readonly evidence: JsonObject;
  readonly approvers: readonly string[];
  readonly timeoutSeconds: number | null;
};

/** What happens to an agent run. */
export type AgentChange =
  /** A turn is finished; its calls become pending. */
  | { readonly type: "turn"; readonly turn: Turn; readonly calls: readonly Call[] }
  | { readonly type: "call"; readonly call: Call }
  | { readonly type: "status"; readonly status: AgentRunStatus };

/** Applies a change. No rules here: what was decided is written down. */
export function evolveAgent(run: AgentRun, change: AgentChange): AgentRun {
  switch (change.type) {
    case "turn":
      return {
        ...run,
        turns: [...run.turns, change.turn],
        calls: [...run.calls, ...change.calls],
      };
    case "call":
      return {
        ...run,
        calls: run.calls.map((call) => (call.id === change.call.id ? change.call : call)),
      };
    case "status":
      return { ...run, status: change.status };
  }
}

/** The calls a turn asks for. Providers repeat ids, or give none. */
export function callsOf({ seq, reply }: Turn, before: readonly Call[]): readonly Call[] {
  const taken = new Set(before.map(({ id }) => id));
  return reply.calls.map(({ id, tool, args }, index) => {
    const unique = id === "" || taken.has(id) ? `${seq}.${index}${id === "" ? "" : `:${id}`}` : id;
    taken.add(unique);
    return {
      id: unique,
      turn: seq,
      tool,
      args,
      tries: 0,
      decision: null,
      progress: { status: "pending" },
    };
  });
}

/** True for a call whose arguments nobody could read. */
export function isGarbled({ turns, calls }: Pick<AgentRun, "turns" | "calls">, { id, turn }: Call): boolean {
  const asked = turns.find(({ seq }) => seq === turn)?.reply.calls ?? [];
  const place = calls.filter((call) => call.turn === turn).findIndex((call) => call.id === id);
  return asked[place]?.isGarbled === true;
}

/** What a run and the finished agents below it have used up. */
export function spentBy({ turns, calls }: Pick<AgentRun, "turns" | "calls">): Spent {
  let { usage, toolCalls } = NOTHING_SPENT;
  for (const { reply } of turns) usage = addUsage(usage, reply.usage);
  for (const { tries, progress } of calls) {
    toolCalls += tries > 0 ? 1 : 0;
    if (progress.status !== "done" || !progress.spent) continue;
    usage = addUsage(usage, progress.spent.usage);
    toolCalls += progress.spent.toolCalls;
  }
  return { usage, toolCalls };
}

/** True when any answer that went into a run came from no model. */
export function isSimulated({ simulated, calls }: Pick<AgentRun, "simulated" | "calls">): boolean {
  return simulated || calls.some(({ progress }) => progress.status === "done" && progress.simulated === true);
}

/** True when nothing more will come of an agent run. */
export function isFinished({ status }: Pick<AgentRun, "status">): boolean {
  return status.status === "completed" || status.status === "failed" || status.status === "cancelled";
}
