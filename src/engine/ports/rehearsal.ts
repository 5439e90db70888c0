import type { JsonObject } from "../../core/json.ts";
import type { Line } from "../../core/rehearsal/scenario.ts";
import type { AgentRequest, AgentResult } from "./agent-runner.ts";
import type { SchemaError } from "./schemas.ts";

/** Stands in for the agents of an environment: checks what they are given as they would, and calls no model. */
export type Understudy = {
  /** Answers `line`, or without one the smallest output that the agent's schema allows. */
  perform(request: AgentRequest, choose: (input: JsonObject) => Line | null): Promise<Performance>;
};

export type Performance = {
  readonly result: AgentResult;
  /** What the agent was given; `null` when it was not called: unknown, or its input breaks its schema. */
  readonly input: JsonObject | null;
  readonly line: Line | null;
  /** Where `line` breaks the agent's output schema; empty when it may. */
  readonly misfits: readonly SchemaError[];
};
