import type { AgentsInReach } from "../../core/definition/agent-reference.ts";
import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { BranchPath, RunId, StepId } from "../../core/run/ids.ts";
import type { Lease } from "../../core/run/run.ts";
import type { AttemptResult } from "../../core/run/states/agent.ts";

export type AgentRunner = {
  /**
   * Runs an agent once per idempotency key: a repeated key answers what is known of it. Resolves for whatever
   * the agent made of it; rejects only when the world is away.
   */
  run(request: AgentRequest, signal: AbortSignal): Promise<AgentResult>;
  /** The agents of an environment, with whatever makes one of their files unusable. */
  list(environment: string): Promise<readonly AgentInfo[]>;
  /**
   * Those, and the agents of other environments that its workflows may name. `fresh`: as the files are, not as they were
   * a moment ago.
   */
  inReach(environment: string, options?: { readonly fresh?: boolean }): Promise<AgentsInReach<AgentInfo>>;
};

export type AgentInfo = {
  readonly name: string;
  /** Every spelling a workflow may use: name, file name, and both as slugs. */
  readonly aliases: readonly string[];
  readonly file: string;
  readonly description: string | null;
  readonly model: string;
  /** True when no model is called: `station/script`. */
  readonly simulated: boolean;
  readonly inputSchema: JsonObject | null;
  readonly outputSchema: JsonObject | null;
  /** Tools and agents that it may call, as written. */
  readonly tools: readonly string[];
  readonly agents: readonly string[];
  /** What it may spend, in US dollars, where something limits it. */
  readonly maxCostUsd?: number;
  /** The template below the frontmatter; null where the file cannot be read. */
  readonly prompt: string | null;
  readonly problems: readonly Diagnostic[];
};

export type AgentRequest = {
  readonly environment: string;
  readonly agent: string;
  readonly task: string | null;
  readonly variables: JsonObject;
  /** The previous state's result: the weakest source of the agent's input. */
  readonly previous: JsonValue;
  readonly idempotencyKey: string;
  readonly agentRunId: string;
  readonly runId: RunId;
  readonly branch: BranchPath;
  readonly stepId: StepId;
  readonly attempt: number;
  /** The worker's claim of the step: with a stale one nothing is written any more. */
  readonly lease: Lease;
  /** The agent's span, for what it calls to go on with (W3C Trace Context). */
  readonly traceparent: string;
};

export type AgentResult = AttemptResult;
