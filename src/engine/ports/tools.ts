import type { JsonObject, JsonValue } from "../../core/json.ts";

/** Where the tools of agents come from: the MCP servers of an environment. */
export type ToolSource = {
  /**
   * The tools that an agent's `tools:` name, as authors write them: `get_pods`, `__get_pods` (the same),
   * `kubernetes.get_pods` where two servers offer that name, `kubernetes/*`. A pattern that binds nothing is a problem
   * beside the tools that were found; asking connects to the servers, so it may take as long as they do. Never rejects
   * because of a server; `signal` ends the wait, and what was not found by then is `mcp_unavailable`.
   */
  bind(environment: string, patterns: readonly string[], signal: AbortSignal): Promise<BoundTools>;
  /** Calls a tool that `bind` answered. Never rejects because of what server or tool do. */
  call(tool: Tool, call: ToolCall): Promise<ToolOutcome>;
};

export type BoundTools = { readonly tools: readonly Tool[]; readonly problems: readonly ToolProblem[] };

/** Why a pattern of an agent's `tools:` binds nothing; the message says how to mend it. */
export type ToolProblem = {
  readonly code: "mcp_unavailable" | "tool_not_found" | "tool_ambiguous";
  readonly pattern: string;
  readonly message: string;
  /** True while a server that may have it cannot be reached. */
  readonly retryable: boolean;
};

/** A tool as an agent may call it. */
export type Tool = {
  readonly environment: string;
  readonly server: string;
  /** The server's own name for it. */
  readonly name: string;
  /** What the author wrote (prompts mention it); for `server/*` the server's own name. */
  readonly alias: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  /** As the server declares them; nothing is assumed where it is silent. */
  readonly annotations: {
    readonly readOnlyHint?: boolean;
    readonly destructiveHint?: boolean;
    readonly idempotentHint?: boolean;
  };
};

export type ToolCall = {
  readonly args: JsonObject;
  /** Reaches the server as `_meta["station/idempotencyKey"]`; the same for every try of one call. */
  readonly idempotencyKey: string;
  /** Aborting cancels the call at the server too. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
};

/** What came of a call; only `not-sent` is certain to have had no effect. */
export type ToolOutcome =
  | {
      readonly status: "answered";
      /** The text of all content blocks; what is no text is named (`[image image/png, 12 kB]`). */
      readonly text: string;
      readonly structured?: JsonValue;
      /** The tool itself says that it failed. */
      readonly isError: boolean;
    }
  /** Sent, and no answer came: timed out, cancelled, or the server died. It may or may not have taken effect. */
  | { readonly status: "unknown"; readonly reason: string }
  /** It never reached the server. */
  | {
      readonly status: "not-sent";
      readonly code: "mcp_unavailable" | "tool_not_found";
      readonly reason: string;
      readonly retryable: boolean;
    };
