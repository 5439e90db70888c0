import { STATE_TYPES } from "../normalise/state-types.ts";
import type { StateType } from "../types.ts";
import { base, noTimeout, onward, target, timeout } from "./shared.ts";
import { alias, closed, has, map, oneOfKeys, ref, type Schema, text, when, whole, words } from "./words.ts";

const names = oneOfKeys("name", "id");
const FAILURE = words(
  ["cancel", "wait"],
  "A failed branch cancels its siblings (default), or waits for them.",
);

const state = (
  description: string,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
) =>
  closed(description, { ...base, ...onward, ...properties }, { required: ["type", ...required], ...names });

const LONG = timeout("How long it may take, with all that is within it.");

const { next: armNext, transition: armTransition } = onward as { next: Schema; transition: Schema };
const IF = text("A Starlark expression.");

/** The schemas of all other states, by canonical type. */
const stateDefs: Readonly<Record<Exclude<StateType, "operation">, Schema>> = {
  switch: closed(
    "Chooses where to go: the first condition that holds.",
    {
      ...base,
      ...noTimeout,
      dataPath: ref("path", "What `result` stands for in the conditions."),
      conditions: {
        type: "array",
        minItems: 1,
        description: "In order.",
        items: closed(
          "An arm.",
          {
            if: { ...IF, type: ["string", "boolean"] },
            condition: alias({ ...IF, type: ["string", "boolean"] }, "if"),
            next: armNext,
            transition: armTransition,
          },
          { allOf: [oneOfKeys("if", "condition"), oneOfKeys("next", "transition")] },
        ),
      },
      defaultNext: text("Where to go when none holds; without it the run fails."),
      default: alias(text(""), "defaultNext"),
    },
    { required: ["type", "conditions"], ...names },
  ),
  parallel: state(
    "Several branches at once.",
    {
      ...LONG,
      branches: {
        type: "array",
        minItems: 1,
        items: ref("branch"),
        description: "Each with its own states.",
      },
      join: closed(
        "How many branches must succeed.",
        {
          mode: {
            anyOf: [{ enum: ["all", "any"] }, whole("A count.")],
            description: "All (default), the first, or a count.",
          },
        },
        { required: ["mode"] },
      ),
      onBranchFailure: FAILURE,
    },
    ["branches"],
  ),
  foreach: state(
    "The same states for every item of a list.",
    {
      ...LONG,
      itemsPath: ref("path", "The list."),
      itemName: text("What an item is called in the body; default `item`.", { pattern: "^[A-Za-z]\\w*$" }),
      itemVariable: alias(text(""), "itemName"),
      maxConcurrency: whole("How many items at once; default 1."),
      iterator: ref("block", "What is done with each item."),
      onBranchFailure: FAILURE,
      outputAggregation: words(
        ["results", "array"],
        "A list of results (default), or of `{item, index, output}`.",
      ),
    },
    ["itemsPath", "iterator"],
  ),
  inject: state(
    "Writes constants and templates into the context.",
    { ...noTimeout, data: map("What is written; merged into the root without `resultPath`.") },
    ["data"],
  ),
  transform: state(
    "Computes a value.",
    { ...noTimeout, expression: text("Starlark: an expression, or statements that end with one.") },
    ["expression"],
  ),
  timer: closed(
    "Waits for a while, or until a time.",
    {
      ...base,
      ...onward,
      ...noTimeout,
      duration: {
        type: ["number", "string"],
        description: "`90s`, `2m`, `1h30m`, `PT5M`, seconds, or a template.",
      },
      until: text("A time like `2026-03-01T09:00:00Z`, or a template."),
    },
    { required: ["type"], allOf: [names, oneOfKeys("duration", "until")] },
  ),
  signal: state(
    "Waits for a message from outside; its payload is the result.",
    { ...timeout("How long it is waited for."), signal: text("The name under which it is sent.") },
    ["signal"],
  ),
  try: closed(
    "States whose failure is caught.",
    {
      ...base,
      ...onward,
      ...LONG,
      try: ref("block", "What is tried."),
      catch: ref("block", "What is done when it fails; `error` says why."),
      finally: ref("block", "What is done in any case."),
    },
    { required: ["type", "try"], allOf: [names, oneOfKeys("catch", "finally")] },
  ),
};

const states: Schema = { type: "array", minItems: 1, items: ref("state"), description: "In reading order." };

const blockKeys: Readonly<Record<string, Schema>> = {
  start: text("The first state; default: the first of the list."),
  states,
};

/** Every named part of the schema that has to do with states. */
export const listDefs: Readonly<Record<string, Schema>> = {
  ...Object.fromEntries(Object.entries(stateDefs).map(([type, schema]) => [`${type}State`, schema])),
  target,
  path: text("A path into the context: `steps.check.pods`, `items[0].name`; `ctx.` and `$.` name the root."),
  state: {
    type: "object",
    required: ["type"],
    properties: { type: { enum: Object.keys(STATE_TYPES), description: typeSentence() } },
    allOf: Object.entries(STATE_TYPES).map(([written, { type, action }]) =>
      when(has("type", written), ref(defOf(type, action))),
    ),
  },
  block: {
    description: "States with a start of their own: a map, just their list, or `agent: …` for a single step.",
    ...when(
      { type: "array" },
      states,
      when(
        { required: ["states"] },
        closed("States with a start of their own.", blockKeys, { required: ["states"] }),
        ref("agentBlock"),
      ),
    ),
  },
  branch: {
    description: "A branch: its name, and its states or `agent: …`.",
    ...when(
      { required: ["states"] },
      closed(
        "A branch.",
        { ...blockKeys, name: base["name"] as Schema, id: base["id"] as Schema },
        { required: ["states"], ...names },
      ),
      { allOf: [ref("agentBlock"), names] },
    ),
  },
};

function defOf(type: StateType, action: string | undefined): string {
  if (action === "human.approval") return "approvalState";
  if (action === "agent.run") return "agentState";
  if (action === "workflow.run") return "callState";
  return `${type}State`;
}

function typeSentence(): string {
  const others = Object.entries(STATE_TYPES).filter(([written, { type }]) => written !== type);
  return `What kind of state it is. Other spellings: ${others.map(([written, { type }]) => `${written} (${type})`).join(", ")}.`;
}
