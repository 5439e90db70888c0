import type { ToolSource } from "../../src/engine/ports/tools.ts";

/** The tools of an installation that has no servers. */
export const NO_TOOLS: ToolSource = {
  bind: async (environment, patterns) => ({
    tools: [],
    problems: patterns.map((pattern) => ({
      code: "tool_not_found",
      pattern,
      message: `no MCP server of environment "${environment}" offers the tool "${pattern}"`,
      retryable: false,
    })),
  }),
  call: async ({ name }) => ({
    status: "not-sent",
    code: "tool_not_found",
    reason: `no MCP server offers the tool "${name}"`,
    retryable: false,
  }),
};
