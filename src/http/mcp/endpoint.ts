import { type CallToolResult, createMcpHandler, Server } from "@modelcontextprotocol/server";
import { didYouMean } from "../../core/definition/suggest.ts";
import { isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { ApiError } from "../client/errors.ts";
import { createClient } from "../client.ts";
import type { HttpPorts } from "../ports.ts";
import { DEFAULT_ENVIRONMENT } from "../schemas/common.ts";
import { builtInTools } from "./built-in.ts";
import { type Caller, callerHeaders } from "./caller.ts";
import { activeWorkflows, runWorkflowTool, toolName, workflowTool } from "./workflow-tools.ts";

/** Answers MCP requests of a caller who is known. `api` is the whole API: every tool goes through it. */
export type McpEndpoint = (
  request: Request,
  api: (request: Request) => Promise<Response>,
) => Promise<Response>;

const INSTRUCTIONS =
  "Station runs durable workflows. Each `run_…` tool starts one of them; `run_status` says how a run stands. " +
  "Where a run waits for approval a person decides: say so, and do not try to get around it.";

/** Station as an MCP server over streamable HTTP: stateless, for clients of both protocol lines. */
export function createMcpEndpoint(ports: HttpPorts, version: string): McpEndpoint {
  const builtIn = builtInTools(ports);
  const handler = createMcpHandler(({ authInfo }) => serverFor(authInfo?.extra?.["caller"] as Caller), {
    onerror: (error) => ports.log.warn("mcp request refused", { error: error.message }),
  });

  const serverFor = (caller: Caller): Server => {
    const server = new Server(
      { name: "station", title: "Station", version },
      { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
    );
    server.setRequestHandler("tools/list", async () => {
      const workflows = await activeWorkflows(ports, caller);
      const tools = [...workflows.map(workflowTool), ...[...builtIn.values()].map(({ tool }) => tool)];
      return { tools: tools as never };
    });
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      const meta = params._meta?.["station/idempotencyKey"];
      const idempotencyKey = typeof meta === "string" && meta !== "" ? meta : caller.idempotencyKey;
      const use = {
        args: (params.arguments ?? {}) as JsonObject,
        idempotencyKey,
        signal: context.mcpReq.signal,
      };
      try {
        return answered(await call(caller, params.name, use));
      } catch (error) {
        if (error instanceof ApiError) return refused(error.problem as unknown as JsonObject);
        throw error;
      }
    });
    return server;
  };

  const call = async (caller: Caller, name: string, use: Parameters<typeof runWorkflowTool>[3]) => {
    const known = builtIn.get(name);
    if (known) {
      const { valid, errors } = ports.schemas.validate(known.tool.inputSchema, use.args);
      if (valid) return known.run(caller, use);
      throw new ApiError(
        { ...MALFORMED, detail: `${name}: its arguments are wrong`, errors: [...errors] },
        null,
      );
    }
    const answer = await runWorkflowTool(ports, caller, name, use);
    if (answer !== null) return answer;
    const names = [
      ...builtIn.keys(),
      ...(await activeWorkflows(ports, caller)).map(({ id }) => toolName(id)),
    ];
    const hint = didYouMean(name, names);
    const detail = `there is no tool "${name}" in environment "${caller.environment}"${hint ? `; ${hint}` : ""}`;
    throw new ApiError({ ...MALFORMED, status: 404, code: "not-found", title: "Not found", detail }, null);
  };

  return (request, api) => {
    const url = new URL(request.url);
    const headers = callerHeaders(request.headers);
    const caller: Caller = {
      environment: url.searchParams.get("environment") ?? DEFAULT_ENVIRONMENT,
      idempotencyKey: request.headers.get("idempotency-key"),
      client: createClient({
        baseUrl: url.origin,
        fetch: (asked, init) => {
          const all = new Headers(headers);
          for (const [name, value] of asked.headers) all.set(name, value);
          return api(new Request(asked, { headers: all, ...init }));
        },
      }),
    };
    return handler.fetch(request, { authInfo: { token: "", clientId: "", scopes: [], extra: { caller } } });
  };
}

const MALFORMED = {
  type: "/problems/validation",
  title: "The request is not what the tool takes",
  status: 422,
  instance: "",
  code: "validation",
};

function answered(value: JsonValue): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(value, null, 2) }],
    ...(isObject(value) && { structuredContent: value as Record<string, unknown> }),
  };
}

/** A problem of the API, in words and as it is. */
function refused(problem: JsonObject): CallToolResult {
  const errors = Array.isArray(problem["errors"]) ? (problem["errors"] as readonly JsonObject[]) : [];
  const lines = errors.map(
    ({ pointer, message, hint }) =>
      `- ${pointer || "/"}: ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );
  const headline = `${problem["title"]}: ${problem["detail"]}`;
  const isSaid = lines.length === 1 && headline.includes(String(errors[0]?.["message"]));
  const text = [headline, ...(isSaid ? [] : lines)].join("\n");
  return {
    isError: true,
    content: [{ type: "text", text }],
    structuredContent: problem as Record<string, unknown>,
  };
}
