import { pointerKeys, pointerTo } from "../../src/core/definition/pointer.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";

/** A workflow with one thing wrong, and where that is. */
export type Mutation = { readonly workflow: JsonObject; readonly at: string };

/** One way to break a workflow: every place where it can be done. */
export type Kind = (workflow: JsonObject) => readonly Mutation[];

/** A state as its author wrote it. */
export type RawState = {
  readonly pointer: string;
  readonly state: JsonObject;
  readonly name: string;
  /** The names of its list. */
  readonly siblings: readonly string[];
  readonly isLast: boolean;
};

/** Every state of a workflow at every depth. */
export function rawStates(workflow: JsonObject): readonly RawState[] {
  return listOf(workflow["states"], "/states");
}

function listOf(list: JsonValue | undefined, pointer: string): readonly RawState[] {
  if (!isList(list)) return [];
  const siblings = list.map((state) => (isObject(state) ? nameOf(state) : ""));
  return list.flatMap((state, index) => {
    if (!isObject(state)) return [];
    const at = pointerTo(pointer, index);
    const isLast = index === list.length - 1;
    return [{ pointer: at, state, name: nameOf(state), siblings, isLast }, ...inside(state, at)];
  });
}

function inside(state: JsonObject, pointer: string): readonly RawState[] {
  const branches = isList(state["branches"]) ? state["branches"] : [];
  const blocks = ["iterator", "try", "catch", "finally"].map(
    (key) => [state[key], pointerTo(pointer, key)] as const,
  );
  const parallel = branches.map((branch, index) => [branch, pointerTo(pointer, "branches", index)] as const);
  return [...parallel, ...blocks].flatMap(([block, at]) =>
    isObject(block) ? listOf(block["states"], pointerTo(at, "states")) : listOf(block, at),
  );
}

function nameOf(state: JsonObject): string {
  const name = state["name"] ?? state["id"];
  return typeof name === "string" ? name : "";
}

/** The first of several keys that a map has. */
export function keyIn(map: JsonObject, ...keys: readonly string[]): string | undefined {
  return keys.find((key) => Object.hasOwn(map, key));
}

/** The workflow with another value at a pointer. */
export function put(workflow: JsonObject, at: string, value: JsonValue): Mutation {
  return { workflow: changed(workflow, pointerKeys(at), () => value) as JsonObject, at };
}

/** The workflow without the key at a pointer; what is wrong is then its map. */
export function drop(workflow: JsonObject, at: string): Mutation {
  const keys = pointerKeys(at);
  const last = keys.at(-1) ?? "";
  const owner = keys.slice(0, -1);
  const without = changed(workflow, owner, (map) =>
    isObject(map) ? Object.fromEntries(Object.entries(map).filter(([key]) => key !== last)) : map,
  );
  return { workflow: without as JsonObject, at: pointerTo("", ...owner) };
}

/** The workflow with another key at a pointer. */
export function rename(workflow: JsonObject, at: string, key: string): Mutation {
  const keys = pointerKeys(at);
  const owner = keys.slice(0, -1);
  const renamed = changed(workflow, owner, (map) =>
    isObject(map)
      ? Object.fromEntries(
          Object.entries(map).map(([old, value]) => [old === keys.at(-1) ? key : old, value]),
        )
      : map,
  );
  return { workflow: renamed as JsonObject, at: pointerTo("", ...owner, key) };
}

function changed(
  value: JsonValue | undefined,
  keys: readonly string[],
  change: (value: JsonValue) => JsonValue,
): JsonValue {
  const [head, ...rest] = keys;
  if (head === undefined) return change(value ?? null);
  if (isList(value))
    return value.map((item, index) => (String(index) === head ? changed(item, rest, change) : item));
  const map = isObject(value) ? value : {};
  return { ...map, [head]: changed(map[head], rest, change) };
}

/** The same change for every state that `places` finds something in. */
export function eachState(
  workflow: JsonObject,
  places: (state: RawState) => readonly Mutation[],
): readonly Mutation[] {
  return rawStates(workflow).flatMap(places);
}
