import type { Diagnostic, Place } from "../diagnostic.ts";

/** An MCP server as a file of an environment describes it; texts may still hold `{{ .VAR }}` and `${VAR}`. */
export type McpServer = {
  readonly name: string;
  /** Path within the environment: `mcp-servers/kubernetes.json`. */
  readonly file: string;
  /** Where it stands in the file. */
  readonly place: Place;
  readonly description: string | null;
  readonly transport: McpTransport;
  /** How long one call may be silent; the installation's default when null. */
  readonly timeoutSeconds: number | null;
  /** The author switched it off: its tools are not offered. */
  readonly disabled: boolean;
};

export type McpTransport =
  | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      /** All that the process gets beside the few harmless names it inherits. */
      readonly env: Readonly<Record<string, string>>;
      /** Relative to the environment's folder, which is the default. */
      readonly cwd: string | null;
    }
  | { readonly kind: "http"; readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** A finding and the file, relative to its environment, that it is about. */
export type McpProblem = Diagnostic & { readonly file: string };

/** Everything an environment's files say of MCP servers. */
export type McpServers = {
  /** The usable ones, by name. */
  readonly servers: readonly McpServer[];
  /** The values of `variables.yml`. Secret: never logged, stored or shown. */
  readonly variables: Readonly<Record<string, string>>;
  readonly problems: readonly McpProblem[];
};
