import { pointerTo } from "../../../src/core/definition/pointer.ts";
import { isObject, type JsonObject } from "../../../src/core/json.ts";
import { drop, eachState, type Kind, keyIn, put, rename } from "../mutate.ts";

/** Two letters change places. */
function misspelled(word: string): string {
  return word.length < 3 ? `${word}x` : `${word.slice(0, 1)}${word[2]}${word[1]}${word.slice(3)}`;
}

const REQUIRED = [
  "type",
  "agent",
  "message",
  "conditions",
  "branches",
  "itemsPath",
  "iterator",
  "data",
  "expression",
  "signal",
  "try",
];

/** What is wrong with keys, names and the ways between states. */
export const structure: Readonly<Record<string, Kind>> = {
  "unknown key": (workflow) =>
    eachState(workflow, ({ pointer }) => [put(workflow, `${pointer}/colour`, "red")]),
  "unknown key of the workflow": (workflow) => [put(workflow, "/stages", [])],
  "misspelled key": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      Object.keys(state)
        .filter((key) => key.length > 3 && key !== "name")
        .map((key) => rename(workflow, `${pointer}/${key}`, misspelled(key))),
    ),
  "missing key": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      REQUIRED.filter((key) => Object.hasOwn(state, key) && !isSaidTwice(state, key)).map((key) =>
        drop(workflow, `${pointer}/${key}`),
      ),
    ),
  "missing name": (workflow) =>
    eachState(workflow, ({ pointer, state }) => [
      drop(workflow, `${pointer}/${keyIn(state, "name", "id") ?? "name"}`),
    ]),
  "name that is none": (workflow) =>
    eachState(workflow, ({ pointer, state }) => {
      const at = `${pointer}/${keyIn(state, "name", "id") ?? "name"}`;
      return [put(workflow, at, "a/b"), put(workflow, at, 5), put(workflow, at, "")];
    }),
  "duplicate name": (workflow) =>
    eachState(workflow, ({ pointer, state, name, siblings }) => {
      const [other] = siblings.filter((sibling) => sibling !== name);
      const isLater = other !== undefined && siblings.indexOf(other) < siblings.indexOf(name);
      return isLater ? [put(workflow, `${pointer}/${keyIn(state, "name", "id") ?? "name"}`, other)] : [];
    }),
  "missing id": (workflow) => [drop(workflow, "/id")],
  "id that is none": (workflow) => [put(workflow, "/id", "has blanks!")],
  "unknown target": (workflow) =>
    eachState(workflow, ({ pointer, state }) => {
      const key = keyIn(state, "next", "transition", "defaultNext", "default");
      return key === undefined ? [] : [put(workflow, `${pointer}/${key}`, "nowhere_at_all")];
    }),
  "unknown target after a failure": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      state["continueOnError"] === undefined
        ? [put(workflow, `${pointer}/onError`, { next: "nowhere_at_all" })]
        : [],
    ),
  "unknown start": (workflow) => [put(workflow, "/start", "nowhere_at_all")],
  "removed end": (workflow) =>
    eachState(workflow, ({ pointer, state, isLast }) => {
      const key = keyIn(state, "next", "transition", "end");
      return isLast || key === undefined ? [] : [drop(workflow, `${pointer}/${key}`)];
    }),
  "next and end": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      keyIn(state, "next", "transition") === undefined ? [] : [put(workflow, `${pointer}/end`, true)],
    ),
  "next and transition differ": (workflow) =>
    eachState(workflow, ({ pointer, state, name }) =>
      typeof state["next"] === "string" && state["next"] !== name
        ? [put(workflow, `${pointer}/transition`, name)]
        : [],
    ),
  "unknown state type": (workflow) =>
    eachState(workflow, ({ pointer }) => [
      put(workflow, `${pointer}/type`, "opration"),
      put(workflow, `${pointer}/type`, "http"),
    ]),
  "unknown action": (workflow) =>
    eachState(workflow, ({ pointer, state }) => {
      const key = keyIn(state, "action", "operation");
      return key === undefined ? [] : [put(workflow, `${pointer}/${key}`, "agent.rn")];
    }),
  "no states": (workflow) => [put(workflow, "/states", []), drop(workflow, "/states")],
  "no states in a block": (workflow) =>
    eachState(workflow, ({ pointer, state }) =>
      ["iterator", "try"].flatMap((key) =>
        isObject(state[key]) && Object.hasOwn(state[key], "states")
          ? [put(workflow, pointerTo(pointer, key, "states"), [])]
          : [],
      ),
    ),
  "state that is no map": (workflow) =>
    eachState(workflow, ({ pointer }) => [put(workflow, pointer, "check")]),
  "deep nesting": (workflow) => [deep(workflow)],
};

/** The type or the agent of a state may be said in several places. */
function isSaidTwice(state: JsonObject, key: string): boolean {
  const input = isObject(state["input"]) ? state["input"] : {};
  return Object.hasOwn(input, key) || (key === "agent" && keyIn(input, "agent_id") !== undefined);
}

/** A hundred and more maps in each other: none but a machine wrote this. */
function deep(workflow: JsonObject) {
  let value: JsonObject = { end: 1 };
  for (let depth = 0; depth < 110; depth++) value = { d: value };
  return put(workflow, "/states/0/data", value);
}
