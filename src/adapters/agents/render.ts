import type { PromptMessage } from "../../core/agent/agent-run.ts";
import type { AgentDefinition } from "../../core/definition/agent.ts";
import { define, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { finalError } from "../../core/run/errors.ts";
import type { RenderedPrompt } from "../../engine/ports/agents.ts";
import type { Template, TemplatePart } from "./template.ts";

/** Fills a prompt's template in; the task, the declared input and the output schema always reach the model. */
export function renderPrompt(
  agent: AgentDefinition,
  template: Extract<Template, { ok: true }>,
  variables: JsonObject,
): RenderedPrompt {
  const missing = [...template.variables.keys()].filter(
    (name) => !Object.hasOwn(variables, name) && !isTask(name),
  );
  let parts: readonly TemplatePart[];
  try {
    parts = template.render({ ...variables });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const message = `the prompt of agent "${agent.name}" cannot be filled in: ${said}`;
    return { ok: false, error: finalError("validation", "agent_invalid", message, { file: agent.file }) };
  }
  const asksForTask = [...template.variables.keys()].some(isTask);
  const messages = parts.map((part) => messageOf(part, template.hasRoles || asksForTask));
  return { ok: true, messages: withSchema(withInput(messages, agent, template, variables), agent), missing };
}

function isTask(name: string): boolean {
  return name === "userInput" || name === "task";
}

/** A prompt without any role is what the agent is, unless it has the task in it: then it is what it is told. */
function messageOf({ role, text }: TemplatePart, isConversation: boolean): PromptMessage {
  if (role === null) return { role: isConversation ? "user" : "system", text };
  return { role: role === "model" ? "assistant" : role, text };
}

/** What the template does not mention is said behind it: nobody's task or input may get lost. */
function withInput(
  messages: readonly PromptMessage[],
  { inputSchema }: AgentDefinition,
  { variables: mentioned }: Extract<Template, { ok: true }>,
  variables: JsonObject,
): readonly PromptMessage[] {
  const said: string[] = [];
  const { task } = variables;
  if (typeof task === "string" && task !== "" && ![...mentioned.keys()].some(isTask)) said.push(task);
  const declared = isObject(inputSchema?.["properties"]) ? Object.keys(inputSchema["properties"]) : [];
  const rest: Record<string, JsonValue> = {};
  for (const name of declared) {
    const value = variables[name];
    if (value !== undefined && !isTask(name) && !mentioned.has(name)) define(rest, name, value);
  }
  if (Object.keys(rest).length > 0) said.push(`Input:\n${JSON.stringify(rest, null, 2)}`);
  if (said.length === 0 && messages.some(({ role }) => role === "user")) return messages;
  const last = messages.at(-1);
  const text = said.length > 0 ? said.join("\n\n") : "Begin.";
  if (last?.role === "user")
    return [...messages.slice(0, -1), { role: "user", text: `${last.text}\n\n${text}` }];
  return [...messages, { role: "user", text }];
}

function withSchema(
  messages: readonly PromptMessage[],
  { outputSchema }: AgentDefinition,
): readonly PromptMessage[] {
  if (!outputSchema) return messages;
  const text = `When you are done, answer with JSON only, matching this JSON Schema:\n${JSON.stringify(outputSchema)}`;
  const at = messages.findLastIndex(({ role }) => role === "system");
  if (at === -1) return [{ role: "system", text }, ...messages];
  return messages.map((message, index) =>
    index === at ? { ...message, text: `${message.text}\n\n${text}` } : message,
  );
}
