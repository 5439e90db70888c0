import { pointerTo } from "../definition/pointer.ts";
import { isObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Names } from "./expression.ts";
import type { Translation } from "./translation.ts";

const PROTOCOLS = ["http", "grpc", "openapi", "asyncapi", "a2a", "mcp"];
const TASK_KEYS = ["task", "prompt", "userInput"];

/** A call of a function as a step of the agent of that name; its arguments are the agent's variables. */
export function callOf(
  translation: Translation,
  name: string,
  args: JsonValue | undefined,
  pointer: string,
  names: Names,
): JsonObject {
  const use = isObject(translation.document["use"]) ? translation.document["use"] : {};
  const isFunction = isObject(use["functions"]) && Object.hasOwn(use["functions"], name);
  if (PROTOCOLS.includes(name) || isFunction || name.includes("@")) {
    const what = isFunction
      ? `the function "${name}"`
      : name.includes("@")
        ? `"${name}" of a catalogue`
        : `${name} calls`;
    const hint = "agents do the work here: `call: <agent>` with `with: {task: …}`, and a tool for the agent";
    translation.error(
      "UNSUPPORTED",
      pointerTo(pointer, "call"),
      `${what} cannot be made by a workflow`,
      hint,
    );
  }
  const at = pointerTo(pointer, "with");
  const given = translation.map(args, at, names);
  const key = TASK_KEYS.find((candidate) => typeof given[candidate] === "string");
  const variables = Object.fromEntries(Object.entries(given).filter(([other]) => other !== key));
  return {
    type: "operation",
    action: "agent.run",
    input: {
      agent: name,
      ...(key === undefined ? {} : { task: given[key] ?? "" }),
      ...(Object.keys(variables).length > 0 ? { variables } : {}),
    },
  };
}

/** A run of another workflow as a step that waits for it: of its current version, for versions are numbered anew here. */
export function runOf(
  translation: Translation,
  run: JsonObject & { readonly workflow: JsonObject },
  pointer: string,
  names: Names,
): JsonObject {
  const at = pointerTo(pointer, "workflow");
  const { name, input } = run.workflow;
  translation.only(run, pointer, ["workflow", "await"]);
  translation.only(run.workflow, at, ["name", "namespace", "version", "input"]);
  if (typeof name !== "string") translation.error("MISSING_KEY", at, "it has no name", 'add "name"');
  if (run["await"] === false)
    translation.error(
      "UNSUPPORTED",
      pointerTo(pointer, "await"),
      "a run that nobody waits for has no counterpart",
    );
  const variables = translation.map(input, pointerTo(at, "input"), names);
  return {
    type: "operation",
    action: "workflow.run",
    input: { workflow: name ?? "", ...(input === undefined ? {} : { variables }) },
  };
}

const HINTS: Readonly<Record<string, string>> = {
  emit: "runs tell of themselves in the event stream; an agent with a tool can send others",
  container: "an agent with a tool can do it",
  script: "a `set` with an expression, or an agent with a tool",
  shell: "an agent with a tool can do it",
};

/** Says of a task that it lies outside what workflows do here. */
export function outside(translation: Translation, kind: string, value: JsonValue, at: string): void {
  const [process] = Object.keys(isObject(value) ? value : {});
  const what = kind === "run" ? (process ?? "nothing") : kind;
  const pointer = kind === "run" && process !== undefined ? pointerTo(at, process) : at;
  const message = kind === "run" ? `running a ${what} has no counterpart` : `\`${kind}\` has no counterpart`;
  translation.error("UNSUPPORTED", pointer, message, HINTS[what]);
}
