import type { AgentDefinition } from "../../core/definition/agent.ts";
import type { JsonObject } from "../../core/json.ts";
import type { RenderedPrompt } from "../../engine/ports/agents.ts";

export function renderPrompt(agent: AgentDefinition, variables: JsonObject): RenderedPrompt {
  return {
    ok: true,
    messages: [{ role: "user", text: `${agent.body}${JSON.stringify(variables)}` }],
    missing: [],
  };
}
