import { allStates, nestedBlocks } from "../definition/graph.ts";
import type { Definition, State } from "../definition/types.ts";
import { isList, isObject, type JsonValue } from "../json.ts";

/**
 * The names of the states that cannot be known before a run, because what they read comes from an agent, a person, a
 * signal or another run, straight or by way of other states: where a switch leads, how often a foreach goes round.
 * Goes by the words of expressions alone, so it rather calls one open too many.
 */
export function openStates(definition: Definition): ReadonlySet<string> {
  const states = allStates(definition).map(({ state }) => state);
  const open = new Set<string>();
  // Until nothing new is written from what is not known.
  for (let before = -1; before !== open.size; ) {
    before = open.size;
    for (const state of states)
      if (isWrittenFromOutside(state, open)) for (const path of writtenBy(state, open)) open.add(path);
  }
  return new Set(states.filter((state) => readsAny(state, open)).map(({ name }) => name));
}

function isWrittenFromOutside(state: State, open: ReadonlySet<string>): boolean {
  if (state.type === "operation" || state.type === "signal") return true;
  const below = nestedBlocks(state).flatMap(({ block }) => block.states);
  return readsAny(state, open) || below.some((one) => isWrittenFromOutside(one, open));
}

function writtenBy(state: State, open: ReadonlySet<string>): readonly string[] {
  const own = [`steps.${state.name}`, ...(state.resultPath === undefined ? [] : [state.resultPath])];
  // What is written nowhere is merged, under names of its own.
  if (state.type === "inject") own.push(...Object.keys(state.data));
  if (state.type === "foreach" && readsAny(state, open)) own.push(state.itemName);
  return own;
}

function readsAny(state: State, open: ReadonlySet<string>): boolean {
  return textsOf(state)
    .flatMap(wordsOf)
    .some((word) => FROM_BEFORE.has(word) || [...open].some((path) => overlap(word, path)));
}

/** The expressions and templates of a state by itself. */
function textsOf(state: State): readonly string[] {
  switch (state.type) {
    case "switch":
      return state.dataPath === undefined ? state.conditions.map((arm) => arm.if) : [state.dataPath];
    case "foreach":
      return [state.itemsPath];
    case "transform":
      return [state.expression];
    case "parallel":
    case "try":
      return [];
    case "operation":
    case "inject":
    case "timer":
    case "signal":
      return textsIn(state as unknown as JsonValue).flatMap((text) => text.match(TEMPLATES) ?? []);
  }
}

function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === "string") return [value];
  if (isList(value)) return value.flatMap(textsIn);
  return isObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** Names with what stands behind their dots, without the texts in quotes; an index by a text is read as all of it. */
function wordsOf(text: string): readonly string[] {
  const plain = text.replace(/(["'])(?:\\.|(?!\1)[^\\])*\1/g, "");
  return (plain.match(/[A-Za-z_][\w.]*/g) ?? []).map((word) => word.replace(/^ctx\.|\.$/g, ""));
}

function overlap(word: string, path: string): boolean {
  if (word === "ctx") return true;
  return word === path || word.startsWith(`${path}.`) || path.startsWith(`${word}.`);
}

const TEMPLATES = /\{\{.*?\}\}|\$\{.*?\}|^\$\..*/gs;

/** The result of the state before, whichever that was, and what went wrong in it. */
const FROM_BEFORE: ReadonlySet<string> = new Set(["result", "_value", "val", "error"]);
