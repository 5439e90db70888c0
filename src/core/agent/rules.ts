/** What an agent's file says about how it may work. */
export type AgentRules = {
  /** Model turns; repairs are not counted. */
  readonly maxSteps: number;
  readonly budget: Budget;
  readonly approvals: ToolApprovals | null;
  /** What to do about a call of which nobody knows whether it took effect, by pattern; the first that matches counts. */
  readonly onUnknown: readonly { readonly tool: string; readonly action: OnUnknown }[];
  /** Tools that the author knows to be safe to call again (or not), whatever their server says. */
  readonly repeatable: readonly { readonly tool: string; readonly isRepeatable: boolean }[];
  /** The agent's own time limit. */
  readonly timeoutSeconds: number | null;
};

/** `tell`: the model is told that nobody knows, and has to look. */
export type OnUnknown = "tell" | "ask" | "retry" | "fail";

/** Shared with the agents below. `null`: no limit. */
export type Budget = {
  readonly maxTotalTokens: number | null;
  readonly maxToolCalls: number;
  readonly maxCostUsd: number | null;
  /** `pause`: a person may grant the same amount again. */
  readonly onExceeded: "fail" | "pause";
};

/** Calls that a person has to approve first. */
export type ToolApprovals = {
  readonly tools: readonly string[];
  readonly approvers: readonly string[];
  readonly timeoutSeconds: number | null;
};

export const DEFAULT_RULES: AgentRules = {
  maxSteps: 10,
  budget: { maxTotalTokens: null, maxToolCalls: 200, maxCostUsd: null, onExceeded: "fail" },
  approvals: null,
  onUnknown: [],
  repeatable: [],
  timeoutSeconds: null,
};

/** An agent, its children and theirs. */
export const MAX_DEPTH = 4;
/** After so many equal calls in a row nothing new is to be expected. */
export const MAX_EQUAL_CALLS = 4;
/** A tool that is to be called again when it does not answer is called so often in all. */
export const MAX_UNANSWERED = 3;
/** A tool's answer beyond this many characters is cut. */
export const MAX_TOOL_TEXT = 100_000;
