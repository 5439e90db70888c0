import { didYouMean } from "../../core/definition/suggest.ts";
import type { McpServerInfo } from "../../engine/ports/mcp.ts";
import type { Handlers } from "../handler.ts";
import { timeOrNull } from "../json/runs.ts";
import type { HttpPorts } from "../ports.ts";
import { notFound } from "../problems.ts";
import type { McpServer } from "../schemas/mcp-servers.ts";

const CONNECT_MS = 20_000;

/** The MCP servers of environments, as this process sees them. */
export function mcpServerHandlers({
  mcp,
}: Pick<HttpPorts, "mcp">): Handlers<"listMcpServers" | "getMcpServer"> {
  return {
    async listMcpServers({ query: { environment } }) {
      const { servers, problems } = await mcp.list(environment);
      return { body: { items: servers.map(serverJson), nextCursor: null, problems: [...problems] } };
    },

    async getMcpServer({ params: { name }, query: { environment }, signal }) {
      const until = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
      const server = await mcp.inspect(environment, name, until);
      if (server) return { body: serverJson(server) };
      const { servers } = await mcp.list(environment);
      const hint = didYouMean(
        name,
        servers.map((one) => one.name),
      );
      throw notFound(`MCP server "${name}" in environment "${environment}"${hint ? ` (${hint})` : ""}`);
    },
  };
}

function serverJson({ place: _, retryAt, missing, tools, ...server }: McpServerInfo): McpServer {
  return {
    ...server,
    missing: [...missing],
    retryAt: timeOrNull(retryAt),
    tools: tools && [...tools],
  };
}
