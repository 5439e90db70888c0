import type { Tool as ListedTool } from "@modelcontextprotocol/client";
import type { McpServer } from "../../core/definition/mcp/server.ts";
import type { JsonObject } from "../../core/json.ts";
import type { McpRegistry, McpServerInfo, McpToolInfo } from "../../engine/ports/mcp.ts";
import type { ToolSource } from "../../engine/ports/tools.ts";
import { bindTools } from "./bind.ts";
import { createDirectory, type Directory, type KnownServer, type McpFiles } from "./directory.ts";
import { createPool, type Pool } from "./pool.ts";
import type { SlotOptions } from "./slot.ts";

export type Mcp = {
  /** For the engine: the tools of agents. */
  readonly tools: ToolSource;
  /** For people. */
  readonly registry: McpRegistry;
  /** Ends every connection and every process that was started. */
  close(): Promise<void>;
};

export type McpOptions = Pick<SlotOptions, "clock" | "log" | "version"> &
  Partial<Pick<SlotOptions, "idleMs" | "pauseMs" | "maxPauseMs">> & {
    readonly files: McpFiles;
    /** The process environment, for the variables in server files. */
    readonly env: Readonly<Record<string, string | undefined>>;
  };

/** The MCP servers of all environments: one connection to each, made when it is needed. */
export function createMcp({ files, env, ...options }: McpOptions): Mcp {
  const pool = createPool(options);
  const readDirectory = createDirectory(files, { clock: options.clock, env });
  const seen = new Map<string, Directory>();

  const directoryOf = async (environment: string): Promise<Directory> => {
    const directory = await readDirectory(environment);
    if (seen.get(environment) !== directory) {
      if (directory.servers.length === 0) seen.delete(environment);
      else seen.set(environment, directory);
      pool.retain(environment, keysOf(directory));
    }
    return directory;
  };

  const find = async (environment: string, name: string) =>
    (await directoryOf(environment)).servers.find(({ definition }) => definition.name === name);

  return {
    tools: {
      async bind(environment, patterns, signal) {
        const directory = await directoryOf(environment);
        const ask = (server: Parameters<Pool["slot"]>[0], by: AbortSignal) => pool.slot(server).tools(by);
        return bindTools(directory, environment, patterns, { ask, signal });
      },
      async call({ environment, server, name }, call) {
        const known = await find(environment, server);
        if (!known || known.definition.disabled)
          return notSent(`MCP server "${server}" is not there any more`, false);
        if (!known.resolution.ok) return notSent(known.resolution.message, false);
        const { timeoutMs } = known.resolution.server;
        return pool
          .slot(known.resolution.server)
          .call(name, { ...call, timeoutMs: timeoutMs ?? call.timeoutMs });
      },
    },
    registry: {
      async list(environment) {
        const { servers, problems } = await directoryOf(environment);
        return { servers: servers.map((server) => infoOf(environment, server, pool)), problems };
      },
      async inspect(environment, name, signal) {
        const known = await find(environment, name);
        if (!known) return null;
        const { definition, resolution } = known;
        if (resolution.ok && !definition.disabled)
          await pool
            .slot(resolution.server)
            .tools(signal)
            .catch(() => []); // what went wrong is part of how it is
        return infoOf(environment, known, pool);
      },
    },
    close: () => pool.close(),
  };
}

function keysOf({ servers }: Directory): ReadonlySet<string> {
  return new Set(servers.flatMap(({ resolution }) => (resolution.ok ? [resolution.server.key] : [])));
}

function notSent(reason: string, retryable: boolean) {
  return { status: "not-sent", code: "mcp_unavailable", reason, retryable } as const;
}

function infoOf(environment: string, { definition, resolution }: KnownServer, pool: Pool): McpServerInfo {
  const { name, file, place, description, disabled, transport } = definition;
  const health = resolution.ok ? pool.health(resolution.server) : null;
  return {
    name,
    environment,
    file,
    place,
    description,
    transport: transport.kind,
    target: targetOf(transport),
    state: disabled ? "disabled" : resolution.ok ? (health?.state ?? "idle") : "unusable",
    error: resolution.ok ? (health?.error ?? null) : resolution.message,
    missing: resolution.ok ? [] : resolution.missing,
    retryAt: health?.retryAt ?? null,
    inFlight: health?.inFlight ?? 0,
    crashes: health?.crashes ?? 0,
    protocol: health?.protocol ?? null,
    tools: health?.tools?.map(toolInfo) ?? null,
  };
}

/** As the file has it, variables unfilled; of an address only what stands before its path, which may be a secret. */
function targetOf(transport: McpServer["transport"]): string {
  if (transport.kind === "stdio") return transport.command;
  return /^(?:https?:\/\/)?[^/?#]*/.exec(transport.url)?.[0].replace(/\/\/[^@]*@/, "//") ?? "";
}

function toolInfo({ name, description, title, inputSchema, annotations }: ListedTool): McpToolInfo {
  return {
    name,
    description: description ?? title ?? "",
    inputSchema: inputSchema as JsonObject,
    readOnly: annotations?.readOnlyHint === true,
  };
}
