import {
  type AgentRules,
  type Budget,
  DEFAULT_RULES,
  type OnUnknown,
  type ToolApprovals,
} from "../../agent/rules.ts";
import { isList, isObject, type JsonValue } from "../../json.ts";
import { pointerTo } from "../pointer.ts";
import { didYouMean } from "../suggest.ts";
import { checkApprovers } from "./approval.ts";
import {
  type Fields,
  type Found,
  fieldsOf,
  find,
  innerFields,
  type SpelledAt,
  warnUnknown,
} from "./fields.ts";
import { flag, itemPointer, number, oneOf, refuse, seconds, text, texts } from "./read.ts";
import { warn } from "./report.ts";

const ON_UNKNOWN = ["tell", "ask", "retry", "fail"] as const;

/** What the frontmatter says about tools and about how the agent may work. */
export type AgentWork = {
  /** Tools of MCP servers, as written. */
  readonly tools: readonly string[];
  /** Agents that it may call, by name or as the `…__agent_<name>` of its tools. */
  readonly agents: readonly string[];
  readonly rules: AgentRules;
};

/** The original calls agents `__agent_x`, `agent_x` or `mcp__station__agent__x`. */
const AGENT_TOOL = /^(?:__agent_|mcp__station__agent__)(.+)$/;

export function readAgentWork(fields: Fields, station: Fields | null, maxSteps: number): AgentWork {
  const { tools, repeatable, onUnknown } = readTools(fields);
  const named = texts(fields, find(fields, "agents")) ?? [];
  const asTools = tools.flatMap((tool) => AGENT_TOOL.exec(tool)?.[1] ?? []);
  const timeoutSeconds =
    seconds(
      fields,
      [
        [fields, "timeoutSeconds"],
        [fields, "timeout_seconds"],
        [station, "timeout_seconds"],
      ],
      "timeoutSeconds",
    ) ?? null;
  const rules: AgentRules = {
    maxSteps,
    budget: readBudget(fields),
    approvals: readApprovals(fields),
    onUnknown: [...onUnknown, ...readOnUnknown(fields)],
    repeatable,
    timeoutSeconds,
  };
  return {
    tools: tools.filter((tool) => !AGENT_TOOL.test(tool)),
    agents: [...new Set([...named, ...asTools])],
    rules,
  };
}

type Tools = {
  readonly tools: readonly string[];
  readonly repeatable: AgentRules["repeatable"];
  readonly onUnknown: AgentRules["onUnknown"];
};

/** Tools that the original has itself, and those that take their place. */
const FILES = "@modelcontextprotocol/server-filesystem has";
const BUILT_IN: Readonly<Record<string, string>> = {
  bash: 'one that runs commands, and write "<server>.<tool>"',
  read: `${FILES} "<server>.read_text_file"`,
  write: `${FILES} "<server>.write_file"`,
  edit: `${FILES} "<server>.edit_file"`,
  glob: `${FILES} "<server>.search_files"`,
  grep: 'one that searches in files, and write "<server>.<tool>"',
};

/** A server may have a tool of that name: then it is written with its server. */
function warnBuiltIn(fields: Fields, name: string, pointer: string): void {
  const instead = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (instead === undefined) return;
  const message = `"tools" of ${fields.what}: the built-in tool "${name}" is not supported, tools are those of MCP servers`;
  warn(fields.report, "UNSUPPORTED", pointer, message, {
    hint: `add a server to mcp-servers: ${instead}`,
    actual: name,
  });
}

/** A tool is its name, or a map with `name` and what the author knows about it. */
function readTools(fields: Fields): Tools {
  const found = find(fields, "tools");
  const none = { tools: [], repeatable: [], onUnknown: [] };
  if (!found || found.value === null) return none;
  const list = typeof found.value === "string" ? [found.value] : found.value;
  if (!isList(list)) {
    refuse(fields, found, "must be a list of tool names", "array");
    return none;
  }
  const read = list.map((value, index) => readTool(fields, found, value, index));
  return {
    tools: [...new Set(read.flatMap(({ name }) => name ?? []))],
    repeatable: read.flatMap(({ name, isRepeatable }) =>
      name !== undefined && isRepeatable !== undefined ? [{ tool: name, isRepeatable }] : [],
    ),
    onUnknown: read.flatMap(({ name, action }) =>
      name !== undefined && action !== undefined ? [{ tool: name, action }] : [],
    ),
  };
}

type ReadTool = {
  readonly name: string | undefined;
  readonly isRepeatable?: boolean | undefined;
  readonly action?: OnUnknown | undefined;
};

function readTool(fields: Fields, found: Found, value: JsonValue, index: number): ReadTool {
  const pointer = isList(found.value) ? pointerTo(found.pointer, index) : found.pointer;
  if (!isObject(value)) {
    const name = text(fields, { key: found.key, value, pointer })?.trim();
    if (name !== undefined) warnBuiltIn(fields, name, pointer);
    return { name };
  }
  const tool = fieldsOf(fields.report, value, pointer, `tool ${index + 1} of ${fields.what}`);
  const named = find(tool, "name");
  const name = text(tool, named);
  if (named && name !== undefined) warnBuiltIn(fields, name, named.pointer);
  const isRepeatable = flag(tool, find(tool, "idempotent", "readOnly", "read_only"));
  const action = oneOf(tool, find(tool, "onUnknown", "on_unknown"), ON_UNKNOWN);
  warnUnknown(tool);
  return { name, isRepeatable, action };
}

function readOnUnknown(fields: Fields): AgentRules["onUnknown"] {
  const found = find(fields, "onUnknown", "on_unknown");
  if (!found) return [];
  if (!isObject(found.value)) {
    const action = oneOf(fields, found, ON_UNKNOWN);
    return action === undefined ? [] : [{ tool: "*", action }];
  }
  return Object.entries(found.value).flatMap(([tool, value]) => {
    const action = oneOf(fields, { key: tool, value, pointer: pointerTo(found.pointer, tool) }, ON_UNKNOWN);
    return action === undefined ? [] : [{ tool, action }];
  });
}

function readBudget(fields: Fields): Budget {
  const budget = innerFields(fields, "budget");
  if (!budget) return DEFAULT_RULES.budget;
  const whole = { min: 1, whole: true };
  const read: Budget = {
    maxTotalTokens: number(budget, find(budget, "max_total_tokens", "maxTotalTokens"), whole) ?? null,
    maxToolCalls:
      number(budget, find(budget, "max_tool_calls", "maxToolCalls"), { min: 0, whole: true }) ??
      DEFAULT_RULES.budget.maxToolCalls,
    maxCostUsd: number(budget, find(budget, "max_cost_usd", "maxCostUsd"), { min: 0 }) ?? null,
    onExceeded:
      oneOf(budget, find(budget, "on_exceeded", "onExceeded"), ["fail", "pause"]) ??
      DEFAULT_RULES.budget.onExceeded,
  };
  warnUnknown(budget);
  return read;
}

/** `approvals: {tools: […], approvers: […]}`, or the list of tools alone. */
function readApprovals(fields: Fields): ToolApprovals | null {
  const found = find(fields, "approvals");
  if (!found) return null;
  if (!isObject(found.value)) {
    const tools = texts(fields, found);
    refuseMisspelt(fields, found, tools);
    return tools && tools.length > 0 ? { tools, approvers: [], timeoutSeconds: null } : null;
  }
  const approvals = fieldsOf(fields.report, found.value, found.pointer, `"approvals" of ${fields.what}`);
  const listed = find(approvals, "tools");
  const tools = texts(approvals, listed) ?? [];
  if (listed) refuseMisspelt(approvals, listed, tools);
  const named = find(approvals, "approvers");
  const approvers = texts(approvals, named) ?? [];
  const places: readonly SpelledAt[] = ["timeoutSeconds", "timeout_seconds", "timeout"].map((key) => [
    approvals,
    key,
  ]);
  const timeoutSeconds = seconds(approvals, places, "timeoutSeconds") ?? null;
  warnUnknown(approvals);
  if (tools.length === 0) {
    refuse(fields, found, "names no tools", "a list of tools", "MISSING_KEY", 'add "tools: [destructive]"');
    return null;
  }
  if (named) checkApprovers(approvals, named, approvers);
  return { tools, approvers, timeoutSeconds };
}

/** A word that is nearly `destructive` would mean no tool at all, and nobody would be asked. */
function refuseMisspelt(fields: Fields, found: Found, tools: readonly string[] = []): void {
  for (const [index, tool] of tools.entries()) {
    const hint = didYouMean(tool, ["destructive"]);
    if (hint === undefined) continue;
    const at = { ...found, value: tool, pointer: itemPointer(found, index) };
    refuse(fields, at, `names no tool: "${tool}"`, "destructive", "INVALID_VALUE", hint);
  }
}
