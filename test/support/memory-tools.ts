import type { JsonObject } from "../../src/core/json.ts";
import type { Tool, ToolOutcome, ToolSource } from "../../src/engine/ports/tools.ts";

type Doing = (args: JsonObject, signal: AbortSignal) => Promise<ToolOutcome> | ToolOutcome;

/** A tool of a test. */
export type MemoryTool = {
  readonly annotations?: Tool["annotations"];
  readonly inputSchema?: JsonObject;
  readonly does: Doing;
};

/** What a tool answers with a text. */
export function says(text: string, isError = false): ToolOutcome {
  return { status: "answered", text, isError };
}

/** Tools of a test under the names it gives them, and every call they got. */
export function memoryTools(tools: Readonly<Record<string, MemoryTool>>) {
  const calls: { readonly tool: string; readonly args: JsonObject; readonly key: string }[] = [];
  const source: ToolSource = {
    bind: async (environment, patterns) => ({
      tools: patterns.flatMap((alias): readonly Tool[] => {
        const name = alias.replace(/^__/, "");
        const tool = tools[name];
        const { annotations = {}, inputSchema = { type: "object" } } = tool ?? {};
        return tool
          ? [{ environment, server: "test", name, alias, description: name, inputSchema, annotations }]
          : [];
      }),
      problems: patterns
        .filter((pattern) => !tools[pattern.replace(/^__/, "")])
        .map((pattern) => ({
          code: "tool_not_found",
          pattern,
          message: `no tool "${pattern}"`,
          retryable: false,
        })),
    }),
    call: async ({ name }, { args, idempotencyKey, signal }) => {
      calls.push({ tool: name, args, key: idempotencyKey });
      const outcome = await tools[name]?.does(args, signal);
      return outcome ?? { status: "not-sent", code: "tool_not_found", reason: name, retryable: false };
    },
  };
  return { source, calls };
}
