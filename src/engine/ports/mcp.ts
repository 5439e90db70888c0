import type { Place } from "../../core/definition/diagnostic.ts";
import type { McpProblem } from "../../core/definition/mcp/server.ts";
import type { JsonObject } from "../../core/json.ts";

/** The MCP servers of the environments: what their files say, and how they are. */
export type McpRegistry = {
  /** Servers and what is wrong with their files; connects to none. */
  list(environment: string): Promise<McpListing>;
  /** One server with its tools, connecting to it if need be; `null` when there is none of that name. */
  inspect(environment: string, name: string, signal: AbortSignal): Promise<McpServerInfo | null>;
};

export type McpListing = {
  readonly servers: readonly McpServerInfo[];
  /** Of files that hold no usable server, and of `variables.yml`. */
  readonly problems: readonly McpProblem[];
};

/** Nothing in it is secret: neither arguments nor addresses beyond the host, and no values of variables. */
export type McpServerInfo = {
  readonly name: string;
  readonly environment: string;
  readonly file: string;
  /** Where the file describes it. */
  readonly place: Place;
  readonly description: string | null;
  readonly transport: "stdio" | "http";
  /** The program or the host. */
  readonly target: string;
  /** As this process sees it; `unusable`: a variable is missing. */
  readonly state: "idle" | "connecting" | "ready" | "failing" | "unusable" | "disabled";
  readonly error: string | null;
  /** Names of variables that are set nowhere. */
  readonly missing: readonly string[];
  readonly retryAt: number | null;
  readonly inFlight: number;
  /** How often it ended by itself. */
  readonly crashes: number;
  readonly protocol: string | null;
  /** `null` while they are not known: the server is not connected. */
  readonly tools: readonly McpToolInfo[] | null;
};

export type McpToolInfo = {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly readOnly: boolean;
};
