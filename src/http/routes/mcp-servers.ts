import { Type } from "typebox";
import { Environment } from "../schemas/common.ts";
import { McpServer, McpServerPage } from "../schemas/mcp-servers.ts";
import type { Route } from "./route.ts";

/** The servers that agents get their tools from. */
export const mcpServerRoutes = {
  listMcpServers: {
    method: "get",
    path: "/api/v1/mcp-servers",
    tag: "Agents",
    summary: "List the MCP servers of an environment",
    needs: "runs:read",
    environment: "query",
    description: "As the process that answers sees them; connects to none.",
    query: Type.Object({ environment: Environment }),
    ok: [200, McpServerPage],
    problems: [],
  },
  getMcpServer: {
    method: "get",
    path: "/api/v1/mcp-servers/{name}",
    tag: "Agents",
    summary: "Connect to an MCP server and list its tools",
    needs: "runs:write",
    environment: "query",
    description: "A server that cannot be reached is an answer too: its `state` and `error` say why.",
    params: Type.Object({ name: Type.String() }),
    query: Type.Object({ environment: Environment }),
    ok: [200, McpServer],
    problems: ["not-found"],
  },
} as const satisfies Record<string, Route>;
