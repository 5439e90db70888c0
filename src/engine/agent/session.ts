import {
  type AgentChange,
  type AgentRun,
  addUsage,
  evolveAgent,
  type Question,
  type Spent,
  spentBy,
} from "../../core/agent/agent-run.ts";
import type { Account } from "../../core/agent/next-move.ts";
import type { BoundTool } from "../../core/agent/tools.ts";
import type { AgentDefinition } from "../../core/definition/agent.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Lease, StepError } from "../../core/run/run.ts";
import type { ChatModel } from "../ports/agents.ts";

/** What became of an agent run in these hands. */
export type Outcome =
  | { readonly status: "completed"; readonly run: AgentRun }
  | { readonly status: "failed"; readonly error: StepError }
  /** Somebody has to decide something; the same run goes on afterwards. */
  | { readonly status: "waiting"; readonly question: Question };

/** One agent run in hand. The record only changes by what was committed before. */
export class Session {
  readonly agent: AgentDefinition;
  readonly model: ChatModel;
  readonly tools: ReadonlyMap<string, BoundTool>;
  readonly hold: Lease;
  readonly signal: AbortSignal;
  readonly parent: Session | null;
  readonly earlier: readonly string[];
  /** Calls under way in this process. */
  readonly inHand = new Set<string>();
  /** Calls made here that got no answer, with the reason. */
  readonly unanswered = new Map<string, string>();
  readonly children = new Set<Session>();
  /** How often a person has granted this agent's budget again. */
  granted = 0;
  run: AgentRun;

  constructor(
    run: AgentRun,
    parts: Pick<Session, "agent" | "model" | "tools" | "hold" | "signal" | "parent" | "earlier">,
  ) {
    this.run = run;
    this.agent = parts.agent;
    this.model = parts.model;
    this.tools = parts.tools;
    this.hold = parts.hold;
    this.signal = parts.signal;
    this.parent = parts.parent;
    this.earlier = parts.earlier;
  }

  /** What was committed is so. */
  apply(changes: readonly AgentChange[]): void {
    this.run = changes.reduce(evolveAgent, this.run);
  }

  /** What this agent and those below it have used up so far, running ones included. */
  spent(): Spent {
    let { usage, toolCalls } = spentBy(this.run);
    for (const child of this.children) {
      const below = child.spent();
      usage = addUsage(usage, below.usage);
      toolCalls += below.toolCalls;
    }
    return { usage, toolCalls };
  }

  /** The budgets that count: this agent's and those of everybody above. */
  budgets(): readonly Account[] {
    const { agent, granted, run } = this;
    const own = {
      agent: agent.name,
      agentRunId: run.id,
      budget: agent.rules.budget,
      spent: this.spent(),
      granted,
    };
    return [own, ...(this.parent?.budgets() ?? [])];
  }
}

/** What an agent is asked to do. */
export type Job = {
  readonly environment: string;
  readonly agent: AgentDefinition;
  readonly model: ChatModel;
  readonly input: JsonObject;
  readonly id: string;
  readonly idempotencyKey: string;
  readonly place: AgentRun["place"];
  readonly family: AgentRun["family"];
  readonly hold: Lease;
  /** What it was called in the attempts before, newest first. */
  readonly earlier: readonly string[];
  readonly signal: AbortSignal;
  readonly parent: Session | null;
};
