import type { Tool as ListedTool } from "@modelcontextprotocol/client";
import { fullName, meaningOf, serverOf } from "../../core/definition/mcp/tool-names.ts";
import type { JsonObject } from "../../core/json.ts";
import type { BoundTools, Tool, ToolProblem } from "../../engine/ports/tools.ts";
import type { Directory, KnownServer } from "./directory.ts";
import type { ResolvedServer } from "./resolve-server.ts";

/** What a server that was asked for its tools came to. */
export type Asked =
  | { readonly server: string; readonly ok: true; readonly tools: readonly ListedTool[] }
  | { readonly server: string; readonly ok: false; readonly reason: string; readonly retryable: boolean };

/** Asks one server for its tools. */
export type Ask = (server: ResolvedServer, signal: AbortSignal) => Promise<readonly ListedTool[]>;

/** Finds the tools that the patterns name, asking only the servers that may have them. Never rejects. */
export async function bindTools(
  directory: Directory,
  environment: string,
  patterns: readonly string[],
  { ask, signal }: { readonly ask: Ask; readonly signal: AbortSignal },
): Promise<BoundTools> {
  const names = directory.servers.map(({ definition }) => definition.name);
  const wanted = patterns.map((pattern) => ({ pattern, server: serverOf(pattern, names) }));
  const isOpen = wanted.some(({ server }) => server === null);
  const asked = await Promise.all(
    directory.servers
      .filter(({ definition }) =>
        isOpen ? !definition.disabled || isNamed(wanted, definition.name) : isNamed(wanted, definition.name),
      )
      .map((server) => askOne(server, ask, signal)),
  );
  const offered = asked.flatMap((one) =>
    one.ok ? one.tools.map(({ name }) => ({ server: one.server, tool: name })) : [],
  );
  const listed = new Map(
    asked.flatMap((one) =>
      one.ok
        ? one.tools.map((tool) => [fullName({ server: one.server, tool: tool.name }), tool] as const)
        : [],
    ),
  );
  const bound = new Map<string, Tool>();
  const problems: ToolProblem[] = [];
  for (const { pattern, server } of wanted) {
    const meaning = meaningOf(pattern, offered);
    if (meaning.kind === "ambiguous") problems.push(ambiguous(pattern, meaning.spellings));
    else if (meaning.kind === "missing" || meaning.tools.length === 0)
      problems.push(missing(pattern, { server, asked, directory, hint: hintOf(meaning) }));
    else
      for (const one of meaning.tools) {
        const tool = listed.get(fullName(one));
        const isAll = pattern.endsWith("*");
        // What the author wrote out wins over what a pattern brings along.
        if (tool && !(isAll && bound.has(fullName(one))))
          bound.set(fullName(one), toolOf(environment, one.server, tool, isAll ? tool.name : pattern));
      }
  }
  return withoutDoubles([...bound.values()], problems);
}

function isNamed(wanted: readonly { readonly server: string | null }[], name: string): boolean {
  return wanted.some(({ server }) => server === name);
}

async function askOne(
  { definition, resolution }: KnownServer,
  ask: Ask,
  signal: AbortSignal,
): Promise<Asked> {
  const server = definition.name;
  if (definition.disabled)
    return { server, ok: false, reason: `it is switched off in ${definition.file}`, retryable: false };
  if (!resolution.ok) return { server, ok: false, reason: resolution.message, retryable: false };
  try {
    return { server, ok: true, tools: await ask(resolution.server, signal) };
  } catch (error) {
    const reason = signal.aborted
      ? "there was no time to wait for it"
      : error instanceof Error
        ? error.message
        : String(error);
    return { server, ok: false, reason, retryable: true };
  }
}

function toolOf(environment: string, server: string, tool: ListedTool, alias: string): Tool {
  const { readOnlyHint, destructiveHint, idempotentHint } = tool.annotations ?? {};
  return {
    environment,
    server,
    name: tool.name,
    alias,
    description: tool.description ?? tool.title ?? "",
    inputSchema: tool.inputSchema as JsonObject,
    annotations: {
      ...(readOnlyHint !== undefined && { readOnlyHint }),
      ...(destructiveHint !== undefined && { destructiveHint }),
      ...(idempotentHint !== undefined && { idempotentHint }),
    },
  };
}

function ambiguous(pattern: string, spellings: readonly string[]): ToolProblem {
  const ways = spellings.map((one) => `"${one}"`).join(" or ");
  const message = `tool "${pattern}" is offered by several MCP servers: write ${ways}`;
  return { code: "tool_ambiguous", pattern, message, retryable: false };
}

type Missing = {
  /** The server that the pattern names. */
  readonly server: string | null;
  readonly asked: readonly Asked[];
  readonly directory: Directory;
  readonly hint: string | null;
};

function missing(pattern: string, { server, asked, directory, hint }: Missing): ToolProblem {
  const away = asked.filter((one) => !one.ok);
  const own = away.find((one) => one.server === server);
  if (own)
    return {
      code: "mcp_unavailable",
      pattern,
      message: `tool "${pattern}": MCP server "${own.server}" is not available: ${own.reason}`,
      retryable: own.retryable,
    };
  const others = away.map((one) => `MCP server "${one.server}" is not available (${one.reason})`);
  const broken = directory.problems
    .filter(({ severity }) => severity === "error")
    .map(({ file, line, message }) => `${file}:${line}: ${message}`);
  const none = directory.servers.length + broken.length === 0 ? "the environment has no MCP servers" : null;
  const why = [hint, none, ...others, ...broken].filter((part) => part !== null);
  return {
    code: "tool_not_found",
    pattern,
    message: `tool "${pattern}" not found${why.length > 0 ? `: ${why.join("; ")}` : ""}`,
    retryable: away.some((one) => one.retryable),
  };
}

function hintOf(meaning: ReturnType<typeof meaningOf>): string | null {
  return meaning.kind === "missing" ? meaning.hint : "the server offers no tools";
}

/** `a/*` and `b/*` may bring the same name along: which one a model means would be chance. */
function withoutDoubles(tools: readonly Tool[], problems: readonly ToolProblem[]): BoundTools {
  const byAlias = Map.groupBy(tools, ({ alias }) => alias);
  const doubles = [...byAlias].filter(([, same]) => same.length > 1);
  return {
    tools: [...byAlias.values()].flatMap((same) => (same.length === 1 ? same : [])),
    problems: [
      ...problems,
      ...doubles.map(([alias, same]) =>
        ambiguous(
          alias,
          same.map(({ server, name }) => fullName({ server, tool: name })),
        ),
      ),
    ],
  };
}
