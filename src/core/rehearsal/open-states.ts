import { edgesOf, nestedBlocks, type StateList, stateLists } from "../definition/graph.ts";
import { parseTemplate } from "../definition/template.ts";
import type { Definition, State } from "../definition/types.ts";
import { DEEPEST, isList, isObject, type JsonValue } from "../json.ts";

/**
 * The names of the states that cannot be known before a run, because what they read comes from an agent, a person, a
 * signal or another run, straight or by way of other states: where a switch leads, how often a foreach goes round.
 * Goes by the words of expressions alone, so it rather calls one open too many.
 */
export function openStates(definition: Definition): ReadonlySet<string> {
  const lists = stateLists(definition);
  const states = lists.flatMap((list) => list.states);
  const ways = waysOf(lists);
  const readers = readersOf(states);
  const reading = new Set<State>();
  const written = new Set<State>();
  const flowing = new Set<State>();
  // What is not known and has still to be followed: paths to whoever reads them, results to whom they flow into.
  const paths: string[] = [];
  const entered: State[] = [];
  const reads = (state: State) => {
    if (reading.has(state)) return;
    reading.add(state);
    if (state.type === "foreach") {
      paths.push(state.itemName);
      for (const first of ways.into(state)) entered.push(first);
    }
    writes(state);
  };
  const writes = (state: State) => {
    for (let one: State | undefined = state; one && !written.has(one); one = ways.around(one)) {
      written.add(one);
      for (const path of writtenBy(one)) paths.push(path);
      for (const next of ways.onFrom(one)) entered.push(next);
    }
  };
  for (const state of readers.ofBefore) reads(state);
  for (const state of states) if (state.type === "operation" || state.type === "signal") writes(state);
  while (paths.length + entered.length > 0) {
    const path = paths.pop();
    if (path !== undefined) for (const state of readers.of(path)) reads(state);
    const state = entered.pop();
    if (state === undefined || flowing.has(state)) continue;
    flowing.add(state);
    if (readsBefore(state)) reads(state);
    for (const next of flowsOn(state, ways)) entered.push(next);
  }
  return new Set(states.filter((state) => reading.has(state)).map(({ name }) => name));
}

/** Where what flows into a state flows on to as it is. */
function flowsOn(state: State, { into, onFrom }: Ways): readonly State[] {
  if (state.type === "switch" || state.type === "timer") return onFrom(state);
  return state.type === "foreach" ? [] : into(state);
}

type Ways = ReturnType<typeof waysOf>;

/** How states lead to one another. */
function waysOf(lists: readonly StateList[]) {
  const around = new Map<State, State>();
  const into = new Map<State, State[]>();
  const onFrom = new Map<State, readonly State[]>();
  for (const { states } of lists) {
    const byName = new Map(states.map((state) => [state.name, state]));
    const named = (name: string) => byName.get(name) ?? [];
    for (const state of states) {
      onFrom.set(
        state,
        edgesOf(state).flatMap(({ target }) => named(target)),
      );
      for (const { block } of nestedBlocks(state))
        for (const inner of block.states) {
          around.set(inner, state);
          if (inner.name === block.start) put(into, state, inner);
        }
    }
  }
  return {
    /** The state that holds a state. */
    around: (state: State) => around.get(state),
    /** The first states of those that a state holds. */
    into: (state: State): readonly State[] => into.get(state) ?? [],
    onFrom: (state: State) => onFrom.get(state) ?? [],
  };
}

/** Whether a state reads what flows into it: in a transform that is `input`, everywhere `$`. */
function readsBefore(state: State): boolean {
  const texts = textsOf(state);
  if (texts.some((text) => /^\$(?:\.|$)/.test(text))) return true;
  return state.type === "transform" && texts.flatMap(wordsOf).some((word) => /^input(?:\.|$)/.test(word));
}

function writtenBy(state: State): readonly string[] {
  const own = [`steps.${state.name}`, ...(state.resultPath === undefined ? [] : [state.resultPath])];
  // What is written nowhere is merged, under names of its own.
  return state.type === "inject" ? [...own, ...Object.keys(state.data)] : own;
}

/** Who reads the result of the state before by its own name, and who a path, all that it is in or what is below it. */
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

function put<Key>(map: Map<Key, State[]>, key: Key, state: State): void {
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
