import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { createMcp, type McpOptions } from "../../../src/adapters/mcp/mcp.ts";
import { readMcpServers } from "../../../src/core/definition/mcp/read-servers.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import type { ToolCall, ToolOutcome } from "../../../src/engine/ports/tools.ts";
import type { Log } from "../../../src/engine/ports.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** Has something closed when the test is over. */
export function closing<T extends { close(): Promise<unknown> }>(one: T): T {
  open.push(one);
  return one;
}

/** A folder of the test's own. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "station-mcp-"));
  open.unshift({ close: () => rm(path, { recursive: true, force: true }) });
  return path;
}

export const faulty = (...flags: readonly string[]): JsonObject => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../support/mcp/faulty-server.ts"), ...flags],
});

const bin = (name: string) =>
  join(import.meta.dirname, `../../../node_modules/@modelcontextprotocol/${name}/dist/index.js`);

export const everything: JsonObject = {
  command: process.execPath,
  args: [bin("server-everything"), "stdio"],
};
export const everythingBin = bin("server-everything");
export const filesystem = (root: string): JsonObject => ({
  command: process.execPath,
  args: [bin("server-filesystem"), root],
});

/** Station's MCP side over servers that are written down here; what it logs is kept. */
export function mcpOver(
  servers: Readonly<Record<string, JsonValue>>,
  options: Partial<McpOptions> & { readonly variables?: Readonly<Record<string, string>> } = {},
) {
  const lines: string[] = [];
  const keep = (message: string, facts?: unknown) => void lines.push(JSON.stringify({ message, facts }));
  const log: Log = { info: keep, warn: keep, error: keep };
  const state = { servers, version: 0 };
  const { variables = {}, ...rest } = options;
  const mcp = closing(
    createMcp({
      files: {
        load: async () => ({
          servers: readMcpServers(
            { mcpServers: state.servers },
            { file: "mcp-servers/test.json", report: { issues: [] }, locate: () => ({ line: 1, column: 1 }) },
          ),
          variables,
          problems: [],
        }),
        version: async () => String(state.version),
        folder: () => process.cwd(),
      },
      env: process.env,
      clock: { now: () => Date.now(), random: () => 0 },
      log,
      version: "test",
      ...rest,
    }),
  );
  const signal = AbortSignal.timeout(60_000);
  const bind = (...patterns: readonly string[]) => mcp.tools.bind("default", patterns, signal);
  const call = async (
    pattern: string,
    args: JsonObject = {},
    more: Partial<ToolCall> = {},
  ): Promise<ToolOutcome> => {
    const { tools, problems } = await bind(pattern);
    const [tool] = tools;
    if (!tool) throw new Error(problems.map(({ message }) => message).join("; "));
    return mcp.tools.call(tool, { args, idempotencyKey: "key", signal, timeoutMs: 20_000, ...more });
  };
  return {
    mcp,
    bind,
    call,
    logged: () => lines.join("\n"),
    change: (to: Readonly<Record<string, JsonValue>>) => {
      state.servers = to;
      state.version++;
    },
  };
}

/**
 * A streamable HTTP server with one tool. `react` answers a request itself, says what its result is, or leaves it to the
 * server.
 */
export async function httpServer(
  react: (
    method: string | undefined,
    response: ServerResponse,
    request: IncomingMessage,
    params: { readonly arguments: JsonObject } | undefined,
  ) => Promise<JsonObject> | JsonObject | "answered" | null,
  tool = "endless",
): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const isPost = request.method === "POST";
    const { id, method, params } = isPost ? JSON.parse(Buffer.concat(chunks).toString()) : {};
    const own = await react(method, response, request, params);
    if (own === "answered") return;
    const reply = (body: object) =>
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id, ...body }));
    if (!isPost) response.writeHead(405).end();
    else if (id === undefined) response.writeHead(202).end();
    else if (own !== null) reply({ result: own });
    else if (method === "initialize")
      reply({
        result: {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: "http", version: "1" },
        },
      });
    else if (method === "tools/list")
      reply({ result: { tools: [{ name: tool, inputSchema: { type: "object" } }] } });
    else reply({ error: { code: -32601, message: "Method not found" } });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  closing({
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  return `http://127.0.0.1:${address.port}/mcp`;
}

/** Looks until it is so. */
export async function eventually(isSo: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  for (const until = Date.now() + ms; ; ) {
    if (await isSo()) return;
    if (Date.now() > until) throw new Error("it never came to be");
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** True while a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
