import { allStates, nestedBlocks } from "../definition/graph.ts";
import { parseTemplate } from "../definition/template.ts";
import type { Definition, State } from "../definition/types.ts";
import { DEEPEST, isList, isObject, type JsonValue } from "../json.ts";

/**
 * The names of the states that cannot be known before a run, because what they read comes from an agent, a person, a
 * signal or another run, straight or by way of other states: where a switch leads, how often a foreach goes round.
 * Goes by the words of expressions alone, so it rather calls one open too many.
 */
export function openStates(definition: Definition): ReadonlySet<string> {
  const states = allStates(definition).map(({ state }) => state);
  const around = new Map(
    states.flatMap((outer) =>
      nestedBlocks(outer).flatMap(({ block }) => block.states.map((state) => [state, outer] as const)),
    ),
  );
  const readers = readersOf(states);
  const reading = new Set<State>();
  const written = new Set<State>();
  // What is not known and has still to be looked for among what others read: each path once.
  const paths: string[] = [];
  const reads = (state: State) => {
    if (reading.has(state)) return;
    reading.add(state);
    if (state.type === "foreach") paths.push(state.itemName);
    writes(state);
  };
  const writes = (state: State) => {
    for (let one: State | undefined = state; one && !written.has(one); one = around.get(one)) {
      written.add(one);
      for (const path of writtenBy(one)) paths.push(path);
    }
  };
  for (const state of readers.ofBefore) reads(state);
  for (const state of states) if (state.type === "operation" || state.type === "signal") writes(state);
  for (let path = paths.pop(); path !== undefined; path = paths.pop())
    for (const state of readers.of(path)) reads(state);
  return new Set(states.filter((state) => reading.has(state)).map(({ name }) => name));
}

function writtenBy(state: State): readonly string[] {
  const own = [`steps.${state.name}`, ...(state.resultPath === undefined ? [] : [state.resultPath])];
  // What is written nowhere is merged, under names of its own.
  return state.type === "inject" ? [...own, ...Object.keys(state.data)] : own;
}

/** Who reads the result of the state before, and who a path, all that it is in or what is below it. */
function readersOf(states: readonly State[]) {
  const ofBefore: State[] = [];
  const ofAll: State[] = [];
  const exactly = new Map<string, State[]>();
  const within = new Map<string, State[]>();
  for (const state of states)
    for (const word of new Set(textsOf(state).flatMap(wordsOf)))
      if (FROM_BEFORE.has(word)) ofBefore.push(state);
      else if (word === "ctx") ofAll.push(state);
      else {
        const beginnings = beginningsOf(word);
        put(exactly, beginnings.at(-1) ?? word, state);
        for (const outer of beginnings) put(within, outer, state);
      }
  /** Whoever was named once is not named again. */
  const taken = (map: Map<string, State[]>, key: string) => {
    const found = map.get(key) ?? [];
    map.delete(key);
    return found;
  };
  return {
    ofBefore,
    of: (path: string): readonly State[] => [
      ...ofAll.splice(0),
      ...beginningsOf(path).flatMap((outer) => taken(exactly, outer)),
      ...taken(within, beginningsOf(path).at(-1) ?? path),
    ],
  };
}

function put(map: Map<string, State[]>, key: string, state: State): void {
  const there = map.get(key);
  if (there) there.push(state);
  else map.set(key, [state]);
}

/** `a`, `a.b` and `a.b.c` of `a.b.c`; no value is deeper than the last of them. */
function beginningsOf(path: string): readonly string[] {
  const beginnings: string[] = [];
  for (let at = path.indexOf("."); at !== -1; at = path.indexOf(".", at + 1)) {
    beginnings.push(path.slice(0, at));
    if (beginnings.length === DEEPEST) return beginnings;
  }
  return [...beginnings, path];
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
      return textsIn(state as unknown as JsonValue).flatMap(templated);
  }
}

function textsIn(value: JsonValue): readonly string[] {
  if (typeof value === "string") return [value];
  if (isList(value)) return value.flatMap(textsIn);
  return isObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** What of a text is filled in. */
function templated(text: string): readonly string[] {
  const template = parseTemplate(text);
  return template.ok ? template.parts.flatMap((part) => (part.kind === "text" ? [] : [part.text])) : [];
}

/** A text in quotes, or what is behind a quote that is never closed: no letter is looked at twice. */
const QUOTED = /(["'])((?:\\.?|(?!\1)[^\\])*)(\1?)/gs;

/** Names with what stands behind their dots, without the texts in quotes; an index by a text is read as all of it. */
function wordsOf(text: string): readonly string[] {
  const plain = text.replace(QUOTED, (_, __, inside: string, end: string) =>
    end === "" ? ` ${inside}` : "",
  );
  return (plain.match(/[A-Za-z_][\w.]*/g) ?? []).map((word) => word.replace(/^ctx\.|\.$/g, ""));
}

/** The result of the state before, whichever that was, and what went wrong in it. */
const FROM_BEFORE: ReadonlySet<string> = new Set(["result", "_value", "val", "error"]);
