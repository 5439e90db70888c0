import type { AgentChange, AgentRun, PromptMessage, Reply, Usage } from "../../core/agent/agent-run.ts";
import type { ChatMessage } from "../../core/agent/messages.ts";
import type { AgentDefinition } from "../../core/definition/agent.ts";
import type { AgentsInReach } from "../../core/definition/agent-reference.ts";
import type { JsonObject } from "../../core/json.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { Lease, StepError } from "../../core/run/run.ts";
import type { AgentInfo } from "./agent-runner.ts";

// ── the agents of an environment ─────────────────────────────────────────────────────────────────────────────

/** The agents that an environment's files describe. */
export type AgentCatalogue = {
  /** The one agent that goes by a name in an environment's workflows. A changed file is seen within a second. */
  find(environment: string, name: string): Promise<FoundAgent>;
  list(environment: string): Promise<readonly AgentInfo[]>;
  /** `fresh`: as the files are, not as they were a moment ago. */
  inReach(environment: string, options?: { readonly fresh?: boolean }): Promise<AgentsInReach<AgentInfo>>;
  /** The prompt of an agent with its variables filled in. */
  render(agent: AgentDefinition, variables: JsonObject): Promise<RenderedPrompt>;
};

export type FoundAgent =
  | { readonly ok: true; readonly agent: AgentDefinition }
  | { readonly ok: false; readonly error: StepError };

export type RenderedPrompt =
  | {
      readonly ok: true;
      readonly messages: readonly PromptMessage[];
      /** Variables that the template asks for and nobody gave; they are empty in the prompt. */
      readonly missing: readonly string[];
    }
  | { readonly ok: false; readonly error: StepError };

// ── models ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The models that this installation can reach. */
export type Models = {
  /** The model an agent is to use; an error names the variable that is missing. Never falls back to another. */
  open(agent: AgentDefinition, run: { readonly input: JsonObject; readonly attempt: number }): OpenedModel;
  /**
   * What stands in the way of an agent's model, for people who look before anything runs; `null` for nothing. An agent
   * with a limit on money needs one whose price is known.
   */
  problem(agent: Pick<AgentInfo, "name" | "model" | "maxCostUsd">): string | null;
};

export type OpenedModel =
  | { readonly ok: true; readonly model: ChatModel }
  | { readonly ok: false; readonly error: StepError };

/** A model, asked for one turn at a time. */
export type ChatModel = {
  /** `openai/gpt-4o-mini`; `station/script`. */
  readonly id: string;
  /** False for a model that is none: what it answers is simulated. */
  readonly isReal: boolean;
  /** False when it is certain to call no tool and costs nothing: then there is nothing worth keeping. */
  readonly isWorthKeeping: boolean;
  /** Whether its turns say what they cost. */
  readonly isPriced: boolean;
  /** Rejects with `ModelFailure`; aborting `signal` reaches the provider. */
  turn(request: TurnRequest): Promise<Reply>;
};

export type TurnRequest = {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly inputSchema: JsonObject;
  }[];
  readonly outputSchema: JsonObject | null;
  readonly signal: AbortSignal;
  /** Called with pieces of text while the model speaks. */
  readonly onText: ((delta: string) => void) | null;
};

/** What a provider's failure means; see the table in the agents' README. */
export class ModelFailure extends Error {
  override readonly name = "ModelFailure";
  readonly error: StepError;

  constructor(error: StepError, cause?: unknown) {
    super(error.message, { cause });
    this.error = error;
  }
}

// ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────

/** Keeps agent runs. Nothing is written for a step that another worker holds, or that was cancelled. */
export type AgentStore = {
  /**
   * Takes an agent run in hand: creates it, or continues the one of the same id. `earlier` names it as it was called in
   * the attempts before, newest first: a new one begins with the finished turns and calls of the first that was kept,
   * if the agent's file, model and input are the same and it did not fail for good.
   */
  open(
    run: NewAgentRun,
    hold: Lease,
    earlier: readonly string[],
    exact?: readonly KeptExact[],
  ): Promise<OpenedRun>;
  /** Keeps changes, all or nothing; false when the step is no longer in these hands. Repeating it changes nothing. */
  commit(
    id: string,
    hold: Lease,
    changes: readonly AgentChange[],
    at: number,
    exact?: readonly KeptExact[],
  ): Promise<boolean>;
  /** A step was given up: what it left running ends, unless another worker has taken the step over. */
  abandon(rootId: string, hold: Lease, reason: string, at: number): Promise<void>;
  /** Ends the agent runs whose step is over, and forgets what was hidden in them; how many ended. */
  sweep(at: number): Promise<number>;
  run(id: string): Promise<AgentRun | null>;
  /** Those of these ids of which anything is kept. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Of a workflow's run, or of one step of it, oldest first. */
  list(runId: RunId, step?: string): Promise<readonly AgentRunSummary[]>;
};

/** An agent run before anything happened. */
export type NewAgentRun = Omit<AgentRun, "status" | "turns" | "calls" | "resumedFrom">;

/** What a part of an agent run really says, as it is kept while the step is not over: JSON, or sealed. */
export type KeptExact = { readonly place: string; readonly text: string };

export type OpenedRun =
  | { readonly status: "open"; readonly run: AgentRun; readonly exact?: readonly KeptExact[] }
  /** The step is no longer in these hands. */
  | { readonly status: "lost" }
  /** The database takes nowhere what the agent is to be told. */
  | { readonly status: "too-large" };

export type AgentRunSummary = Pick<
  AgentRun,
  "id" | "agent" | "model" | "simulated" | "place" | "family" | "createdAt"
> & {
  readonly status: AgentRun["status"]["status"];
  readonly finishedAt: number | null;
  readonly turns: number;
  readonly calls: number;
  /** Of its own turns: those that it took over are counted where they were made. */
  readonly usage: Usage;
};

// ── who follows ──────────────────────────────────────────────────────────────────────────────────────────────

/** What an agent is doing, told while it happens and kept nowhere: the transcript is what counts. */
export type AgentProgress = {
  readonly runId: RunId;
  readonly stepId: string;
  readonly agentRunId: string;
  readonly agent: string;
  readonly at: number;
} & (
  | {
      readonly type: "agent.turn";
      readonly seq: number;
      readonly status: "started" | "finished";
      readonly text?: string;
    }
  | {
      readonly type: "agent.tool";
      readonly callId: string;
      readonly tool: string;
      readonly status: "started" | "finished" | "failed" | "waiting";
      readonly args?: JsonObject;
      readonly text?: string;
    }
  /** The turn's text under way: from this character on it reads so. */
  | { readonly type: "agent.text"; readonly seq: number; readonly from: number; readonly delta: string }
);
