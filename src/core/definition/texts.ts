import { isList, isObject, type JsonValue } from "../json.ts";
import { parsePath, type RootedPath } from "../path.ts";
import { allStates } from "./graph.ts";
import type { Before } from "./known-names.ts";
import { originOf } from "./origins.ts";
import { pointerTo } from "./pointer.ts";
import { isTemplate, parseTemplate } from "./template.ts";
import type { Definition, State } from "./types.ts";

/** A text of a definition that may hold templates. */
export type TemplatedText = {
  readonly text: string;
  /** Pointer into the author's text. */
  readonly pointer: string;
  /** `"task" of state "check_pods"`. */
  readonly what: string;
  /** The state it belongs to; absent for those of the workflow itself. */
  readonly state?: State;
  /** Set for those that are filled in before a run begins. */
  readonly before?: Before;
};

/** Every text in which `{{ … }}` works. */
export function templatedTexts(definition: Definition): readonly TemplatedText[] {
  const { concurrency, schedule } = definition;
  return [
    ...(concurrency
      ? textsIn(concurrency.key, originOf(definition, "concurrency/key", ""), `"concurrency.key"`).map(
          (text) => ({ ...text, before: "start" as const }),
        )
      : []),
    ...(schedule?.input
      ? textsIn(schedule.input, originOf(schedule, "input", "/schedule"), `"schedule.input"`).map((text) => ({
          ...text,
          before: "tick" as const,
        }))
      : []),
    ...allStates(definition).flatMap(({ state, pointer }) => textsOfState(state, pointer)),
  ];
}

/** The texts of one state in which `{{ … }}` works. */
function textsOfState(state: State, pointer: string): readonly TemplatedText[] {
  return templatedFields(state).flatMap(([path, value]) =>
    textsIn(
      value,
      originOf(state, path, pointer),
      `"${path.split("/").at(-1)}" of state "${state.name}"`,
    ).map((text) => ({ ...text, state })),
  );
}

/** A plain path that a definition reads. */
export type PathRead = {
  readonly path: RootedPath;
  /** As the author wrote it. */
  readonly text: string;
  readonly pointer: string;
  /** Where in the text at `pointer` it starts; absent when it is the whole text. */
  readonly offset?: number;
  readonly what: string;
  readonly before?: Before;
};

/** Every path into the context whose first key is known from the text; `$.` may look elsewhere in a run and is left out. */
export function pathsRead(definition: Definition): readonly PathRead[] {
  return [
    ...templatedTexts(definition).flatMap(pathsInText),
    ...allStates(definition).flatMap(({ state, pointer }) => pathFieldsOf(state, pointer)),
  ].filter(({ path, before }) => path.root !== "input" || before !== undefined);
}

/** Every plain path that a state reads, in its templates and on its own. */
export function pathsOfState(state: State, pointer: string): readonly PathRead[] {
  return [...textsOfState(state, pointer).flatMap(pathsInText), ...pathFieldsOf(state, pointer)];
}

function pathsInText({ text, pointer, what, before }: TemplatedText): readonly PathRead[] {
  const template = parseTemplate(text);
  if (!template.ok) return [];
  return template.parts.flatMap((part) =>
    part.kind === "path"
      ? [{ path: part.path, text: part.text, pointer, offset: part.offset, what, ...(before && { before }) }]
      : [],
  );
}

function pathFieldsOf(state: State, pointer: string): readonly PathRead[] {
  return pathFields(state).flatMap(([key, text]) => {
    const path = parsePath(text);
    if (!path) return [];
    return [
      { path, text, pointer: originOf(state, key, pointer), what: `"${key}" of state "${state.name}"` },
    ];
  });
}

function pathFields(state: State): readonly (readonly [string, string])[] {
  if (state.type === "switch" && state.dataPath !== undefined) return [["dataPath", state.dataPath]];
  if (state.type === "foreach") return [["itemsPath", state.itemsPath]];
  const isApproval = state.type === "operation" && state.action === "human.approval";
  return isApproval && state.summaryPath !== undefined ? [["summaryPath", state.summaryPath]] : [];
}

function textsIn(value: JsonValue, pointer: string, what: string): readonly TemplatedText[] {
  if (typeof value === "string") return [{ text: value, pointer, what }];
  if (isList(value)) return value.flatMap((item, index) => textsIn(item, pointerTo(pointer, index), what));
  if (isObject(value))
    return Object.entries(value).flatMap(([key, item]) => textsIn(item, pointerTo(pointer, key), what));
  return [];
}

/** The canonical keys of a state whose texts are templates. */
function templatedFields(state: State): readonly (readonly [string, JsonValue])[] {
  switch (state.type) {
    case "operation":
      return textsOfOperation(state);
    case "inject":
      return [["data", state.data]];
    case "timer":
      return "until" in state.wait
        ? [["wait/until", state.wait.until]]
        : [["wait/seconds", state.wait.seconds]];
    case "signal":
      return [["signal", state.signal]];
    case "switch":
    case "parallel":
    case "foreach":
    case "transform":
    case "try":
      return [];
  }
}

function textsOfOperation(
  state: Extract<State, { type: "operation" }>,
): readonly (readonly [string, JsonValue])[] {
  switch (state.action) {
    case "agent.run":
      return [
        ...optional("agent", isTemplate(state.agent) ? state.agent : undefined),
        ...optional("task", state.task),
        ...optional("variables", state.variables),
      ];
    case "human.approval":
      return [
        ["message", state.message],
        ...optional("title", state.title),
        ["approvers", state.approvers],
        ...optional("veto", state.veto),
        ...state.escalate.flatMap(({ to, notify }, index) => [
          [`escalate/${index}/to`, to] as const,
          ...optional(`escalate/${index}/notify`, notify),
        ]),
      ];
    case "workflow.run":
      return [
        ...optional("workflow", isTemplate(state.workflow) ? state.workflow : undefined),
        ...optional("variables", state.variables),
      ];
  }
}

function optional(path: string, value: JsonValue | undefined): readonly (readonly [string, JsonValue])[] {
  return value === undefined ? [] : [[path, value]];
}
