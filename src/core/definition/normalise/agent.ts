import type { AgentState } from "../types.ts";
import { readBase, readTransition, type StateFields } from "./base.ts";
import { type Fields, findIn, look, type SpelledAt } from "./fields.ts";
import { isMarker } from "./markers.ts";
import { object, text } from "./read.ts";
import { fail, warn } from "./report.ts";
import { readRetry } from "./retry.ts";

/** A step that an agent does. */
export function readAgent(state: StateFields): AgentState {
  const { fields, input } = state;
  const agent = readAgentName(fields, input);
  const task = text(fields, findIn(fields, "task", taskSpellings(fields, input)));
  const variables = object(fields, findIn(fields, "variables", [[input, "variables"]]));
  const retry = readRetry(fields);
  return {
    ...readBase(state),
    type: "operation",
    action: "agent.run",
    agent,
    ...(task !== undefined && { task }),
    ...(variables && { variables }),
    ...(retry && { retry }),
    transition: readTransition(state),
  };
}

function readAgentName(fields: Fields, input: Fields | null): string {
  const [inInput, atState] = [look([input, "agent_id"]), look([fields, "agent_id"])];
  const old = inInput ?? atState;
  if (old)
    warn(fields.report, "DEPRECATED", old.pointer, `"agent_id" of ${fields.what} is deprecated`, {
      on: "key",
      hint: 'write "agent" with the agent\'s name',
    });
  const named = findIn(fields, "agent", [
    [input, "agent"],
    [fields, "agent"],
  ]);
  const found =
    named ?? (old && { ...old, value: typeof old.value === "number" ? String(old.value) : old.value });
  if (!named && old) fields.moved.set("agent", old.pointer);
  if (found && found.value !== "") return text(fields, found) ?? "";
  fail(
    fields.report,
    "MISSING_KEY",
    found?.pointer ?? (input ?? fields).pointer,
    `agent name is required: ${fields.what}`,
    {
      hint: 'add "agent" with the name of an agent of the environment',
    },
  );
  return "";
}

/** Everywhere a task may stand; a marker in its place is not the task. */
function taskSpellings(fields: Fields, input: Fields | null): readonly SpelledAt[] {
  const task: SpelledAt[] = [
    [input, "task"],
    [fields, "task"],
  ];
  const others = ["agent_task", "agentTask", "userInput", "prompt"].map((key): SpelledAt => [input, key]);
  return [...task.filter((place) => !isMarker(look(place))), ...others, [fields, "prompt"]];
}
