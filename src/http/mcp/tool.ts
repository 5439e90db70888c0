import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Caller } from "./caller.ts";

/** Something an MCP client can call. */
export type McpTool = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: JsonObject;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint?: boolean;
    readonly idempotentHint?: boolean;
  };
};

/** One call of a tool. */
export type ToolUse = {
  readonly args: JsonObject;
  /** Given by the client, so that a repeated call does nothing twice. */
  readonly idempotencyKey: string | null;
  /** Aborts when the client has had enough. */
  readonly signal: AbortSignal;
};

/** Answers a call as JSON; throws what the API throws. */
export type DoTool = (caller: Caller, use: ToolUse) => Promise<JsonValue>;
