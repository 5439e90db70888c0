import { pointerTo } from "../definition/pointer.ts";
import { didYouMean } from "../definition/suggest.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../json.ts";
import { parsePath } from "../path.ts";
import { callOf, outside, runOf } from "./call.ts";
import type { Names } from "./expression.ts";
import type { Translation } from "./translation.ts";

/** Where a task stands: what its names mean, and the tasks it may jump to. */
export type Scene = {
  readonly names: Names;
  /** `then: end` ends the run, which only the outermost list can. */
  readonly isRoot: boolean;
  /** Where each task of the list is entered, by name. */
  readonly targets: ReadonlyMap<string, string>;
  /** Translates a list within a task. */
  readonly list: (
    translation: Translation,
    list: JsonValue | undefined,
    pointer: string,
    scene: Pick<Scene, "names" | "isRoot">,
  ) => TranslatedList;
};

/** A list of tasks as states, and what `.` is behind it. */
export type TranslatedList = { readonly states: readonly JsonObject[]; readonly dot: string };

export type Task = {
  readonly name: string;
  readonly body: JsonObject;
  readonly pointer: string;
  /** The state behind it; `null`: the list ends. */
  readonly following: string | null;
};

export type TranslatedTask = TranslatedList & {
  /** Other tasks of the list it may go to. */
  readonly jumps: readonly string[];
};

const COMMON = ["if", "input", "output", "export", "timeout", "then", "metadata"];
/** What each kind of task has besides what all have. The first that is there says which kind it is. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  set: [],
  switch: [],
  for: ["while", "do"],
  fork: [],
  try: ["catch"],
  raise: [],
  wait: [],
  listen: ["foreach"],
  run: [],
  call: ["with"],
  emit: [],
  do: [],
};

/** Where a task is entered: a task with `if` at the switch in front of it. */
export function entryOf({ name, body }: Pick<Task, "name" | "body">): string {
  return "if" in body ? `${name}_if` : name;
}

/** One task as one state or several, the first of which is where it is entered. */
export function translateTask(translation: Translation, task: Task, scene: Scene): TranslatedTask {
  const { name, body, pointer, following } = task;
  const kind = Object.keys(KINDS).find((candidate) => candidate in body);
  if (kind === undefined) {
    const keys = Object.keys(body).filter((key) => !COMMON.includes(key));
    const hint =
      didYouMean(keys[0] ?? "", Object.keys(KINDS)) ?? `there are ${Object.keys(KINDS).join(", ")}`;
    translation.error("UNKNOWN_STATE_TYPE", pointer, `"${name}" is no kind of task that is known`, hint);
    return { states: [], dot: scene.names.dot, jumps: [] };
  }
  translation.only(body, pointer, [kind, ...(KINDS[kind] ?? []), ...COMMON]);
  for (const key of ["input", "output", "export"])
    if (key in body) {
      const hint = "a `set` task in front or behind says the same";
      translation.error(
        "UNSUPPORTED",
        pointerTo(pointer, key),
        `\`${key}\` of a task has no counterpart`,
        hint,
      );
    }
  const way = wayOf(translation, body["then"], pointerTo(pointer, "then"), following, scene);
  const made = stateOf(translation, kind, task, scene, way);
  const timeout = translation.timeout(body["timeout"], pointerTo(pointer, "timeout"));
  const [first, ...rest] = made.states;
  const states = first ? [{ ...first, ...timeout }, ...rest] : [];
  const jumps = [...made.jumps, ...(way.jump === null ? [] : [way.jump])];
  if (!("if" in body)) return { states, dot: made.dot, jumps };
  const condition = translation.expression(
    String(body["if"]),
    pointerTo(pointer, "if"),
    scene.names,
    "truth",
  );
  const skip = following ?? `${name}_skipped`;
  const gate = {
    name: `${name}_if`,
    type: "switch",
    conditions: [{ if: condition, next: name }],
    defaultNext: skip,
  };
  const end = following === null ? [{ name: skip, type: "inject", data: {}, end: true }] : [];
  return { states: [gate, ...states, ...end], dot: made.dot, jumps };
}

type Way = { readonly key: JsonObject; readonly jump: string | null };

/** A flow directive as our key: `continue`, `exit`, `end`, or a task of the same list. */
function wayOf(
  translation: Translation,
  then: JsonValue | undefined,
  pointer: string,
  following: string | null,
  { isRoot, targets }: Scene,
): Way {
  const on = (target: string | null) => (target === null ? { end: true } : { next: target });
  if (then === undefined || then === "continue") return { key: on(following), jump: null };
  if (then === "exit" || (then === "end" && isRoot)) return { key: { end: true }, jump: null };
  if (then === "end") {
    const hint = "`raise` an error, or end the list with `exit`";
    translation.error("UNSUPPORTED", pointer, "`then: end` within another task has no counterpart", hint);
    return { key: { end: true }, jump: null };
  }
  const target = targets.get(String(then));
  if (target !== undefined) return { key: { next: target }, jump: String(then) };
  const hint = didYouMean(String(then), targets.keys());
  translation.error("UNKNOWN_TARGET", pointer, `there is no task "${String(then)}" in this list`, hint);
  return { key: { end: true }, jump: null };
}

function stateOf(
  translation: Translation,
  kind: string,
  task: Task,
  scene: Scene,
  { key }: Way,
): TranslatedTask {
  const { name, body, pointer } = task;
  const { names } = scene;
  const at = pointerTo(pointer, kind);
  const value = body[kind] ?? null;
  const result = /^[A-Za-z_]\w*$/.test(name) ? `steps.${name}` : `steps[${JSON.stringify(name)}]`;
  const one = (state: JsonObject, dot: string): TranslatedTask => ({
    states: [{ name, ...state, ...key }],
    dot,
    jumps: [],
  });
  switch (kind) {
    case "set":
      if (isObject(value)) return one({ type: "inject", data: translation.value(value, at, names) }, "ctx");
      return one({ type: "transform", expression: translation.expression(String(value), at, names) }, result);
    case "wait":
      return one({ type: "timer", duration: `${translation.seconds(value, at) ?? 0}s` }, names.dot);
    case "switch":
      return switchOf(translation, task, at, scene);
    case "for":
      return one(forOf(translation, value, body, pointer, scene), result);
    case "fork":
      return one(forkOf(translation, value, at, scene), result);
    case "try":
      return one(tryOf(translation, body, pointer, scene), result);
    case "do": {
      const list = scene.list(translation, value, at, { names, isRoot: false });
      const done = { name: `${name}_done`, type: "inject", data: {}, end: true };
      return one({ type: "try", try: { states: list.states }, finally: { states: [done] } }, result);
    }
    case "listen":
      if ("foreach" in body)
        translation.error(
          "UNSUPPORTED",
          pointerTo(pointer, "foreach"),
          "`foreach` over events has no counterpart",
          "one event is listened to; a task that jumps back listens again",
        );
      return one({ type: "signal", signal: eventOf(translation, value, at) }, result);
    case "raise":
      return one({ type: "transform", expression: raised(translation, value, at) }, result);
    case "call":
      return one(callOf(translation, String(value), body["with"], pointer, names), result);
    case "run":
      if (isObject(value) && isObject(value["workflow"]))
        return one(runOf(translation, { ...value, workflow: value["workflow"] }, at, names), result);
      outside(translation, kind, value, at);
      return one({ type: "inject", data: {} }, names.dot);
    default:
      outside(translation, kind, value, at);
      return one({ type: "inject", data: {} }, names.dot);
  }
}

function switchOf(
  translation: Translation,
  { name, body, following }: Task,
  at: string,
  scene: Scene,
): TranslatedTask {
  const conditions: JsonObject[] = [];
  const jumps: string[] = [];
  const ends: JsonObject[] = [];
  let otherwise: string | undefined;
  for (const [index, item] of (isList(body["switch"]) ? body["switch"] : []).entries()) {
    const [label, arm] = Object.entries(isObject(item) ? item : {})[0] ?? ["", {}];
    const pointer = pointerTo(at, index, label);
    translation.only(arm, pointer, ["when", "then"]);
    const { when, then } = isObject(arm) ? arm : {};
    const way = wayOf(translation, then, pointerTo(pointer, "then"), following, scene);
    if (way.jump !== null) jumps.push(way.jump);
    if (!("next" in way.key) && ends.length === 0)
      ends.push({ name: `${name}_end`, type: "inject", data: {}, end: true });
    const next = String(way.key["next"] ?? `${name}_end`);
    if (when === undefined) otherwise = next;
    else
      conditions.push({
        if: translation.expression(String(when), pointerTo(pointer, "when"), scene.names, "truth"),
        next,
      });
  }
  if (otherwise === undefined && following === null && ends.length === 0)
    ends.push({ name: `${name}_end`, type: "inject", data: {}, end: true });
  const state = { name, type: "switch", conditions, defaultNext: otherwise ?? following ?? `${name}_end` };
  return { states: [state, ...ends], dot: scene.names.dot, jumps };
}

function forOf(
  translation: Translation,
  value: JsonValue,
  body: JsonObject,
  pointer: string,
  scene: Scene,
): JsonObject {
  translation.only(value, pointerTo(pointer, "for"), ["each", "in", "at"]);
  const { each = "item", in: items, at: index = "index" } = isObject(value) ? value : {};
  if ("while" in body)
    translation.error(
      "UNSUPPORTED",
      pointerTo(pointer, "while"),
      "`while` has no counterpart",
      "a `switch` that goes back has",
    );
  const path = translation.expression(String(items ?? ""), pointerTo(pointer, "for", "in"), scene.names);
  if (!parsePath(path))
    translation.error(
      "UNSUPPORTED",
      pointerTo(pointer, "for", "in"),
      "only a path can be gone through",
      "`set` it first",
    );
  const variables = { ...scene.names.variables, [String(each)]: String(each), [String(index)]: "_index" };
  const list = scene.list(translation, body["do"], pointerTo(pointer, "do"), {
    names: { ...scene.names, variables },
    isRoot: false,
  });
  return {
    type: "foreach",
    itemsPath: path,
    itemName: String(each),
    maxConcurrency: 1,
    iterator: { states: list.states },
  };
}

function forkOf(translation: Translation, value: JsonValue, at: string, scene: Scene): JsonObject {
  translation.only(value, at, ["branches", "compete"]);
  const { branches, compete } = isObject(value) ? value : {};
  const made = (isList(branches) ? branches : []).map((branch, index) => {
    const [name = ""] = Object.keys(isObject(branch) ? branch : {});
    const pointer = pointerTo(at, "branches", index);
    return { name, states: branchOf(translation, branch, pointer, scene) };
  });
  if (made.length === 0)
    translation.error("MISSING_KEY", pointerTo(at, "branches"), "a fork needs `branches`");
  return { type: "parallel", branches: made, ...(compete === true ? { join: { mode: "any" } } : {}) };
}

/** One named task. Issues carry pointers as if it stood in a list, which is put right here. */
function branchOf(translation: Translation, branch: JsonValue, pointer: string, scene: Scene) {
  const before = translation.issues.length;
  const { states } = scene.list(translation, [branch], pointer, { names: scene.names, isRoot: false });
  for (const [index, issue] of translation.issues.entries())
    if (index >= before && issue.path.startsWith(`${pointer}/0`))
      translation.issues[index] = { ...issue, path: pointer + issue.path.slice(pointer.length + 2) };
  return states;
}

function tryOf(translation: Translation, body: JsonObject, pointer: string, scene: Scene): JsonObject {
  const { names } = scene;
  const tried = scene.list(translation, body["try"], pointerTo(pointer, "try"), { names, isRoot: false });
  const at = pointerTo(pointer, "catch");
  const caught = isObject(body["catch"]) ? body["catch"] : {};
  for (const key of Object.keys(caught))
    if (!["as", "do"].includes(key)) {
      const hint =
        key === "retry"
          ? "put `retry: {maxAttempts, backoffSeconds}` on the agent's state after the import"
          : "every error is caught; a `switch` within `do` can tell them apart";
      translation.error("UNSUPPORTED", pointerTo(at, key), `\`catch.${key}\` has no counterpart`, hint);
    }
  const as = String(caught["as"] ?? "error");
  const variables = { ...names.variables, [as]: "error" };
  const handled =
    "do" in caught
      ? scene.list(translation, caught["do"], pointerTo(at, "do"), {
          names: { ...names, variables },
          isRoot: false,
        }).states
      : [{ name: "caught", type: "inject", data: {}, end: true }];
  return { type: "try", try: { states: tried.states }, catch: { states: handled } };
}

function eventOf(translation: Translation, value: JsonValue, at: string): string {
  translation.only(value, at, ["to", "read"]);
  const { to: written, read = "data" } = isObject(value) ? value : {};
  if (read !== "data")
    translation.error(
      "UNSUPPORTED",
      pointerTo(at, "read"),
      `reading an event's ${String(read)} has no counterpart`,
      "its data is what is read",
    );
  const to = isObject(written) ? written : {};
  translation.only(to, pointerTo(at, "to"), ["one", "any", "all"]);
  const { one, any, all } = to;
  const list = [any, all].find(isList);
  const [only] = one === undefined ? (list ?? []) : [one];
  if (one !== undefined) translation.only(one, pointerTo(at, "to", "one"), ["with"]);
  const filter = isObject(only) && isObject(only["with"]) ? only["with"] : {};
  const { type, ...others } = filter;
  if (typeof type !== "string" || (list !== undefined && list.length > 1)) {
    const hint = "listen to `one: {with: {type: …}}`; for several events fork into one listen each";
    translation.error(
      "UNSUPPORTED",
      pointerTo(at, "to"),
      "only one event, named by its type, can be listened to",
      hint,
    );
    return "event";
  }
  const [stranger] = Object.keys(others);
  if (stranger !== undefined)
    translation.error(
      "UNSUPPORTED",
      pointerTo(at, "to"),
      `an event cannot be chosen by its ${stranger}`,
      "choose it by its type",
    );
  return type;
}

function raised(translation: Translation, value: JsonValue, at: string): string {
  const written = isObject(value) ? value["error"] : null;
  const use = isObject(translation.document["use"]) ? translation.document["use"] : {};
  const named = isObject(use["errors"]) && typeof written === "string" ? use["errors"][written] : written;
  if (!isObject(named)) {
    translation.error(
      "INVALID_VALUE",
      pointerTo(at, "error"),
      `there is no error ${JSON.stringify(written ?? null)} in \`use.errors\``,
    );
    return "None";
  }
  const { type, status, title, detail } = named;
  const told = [type, title, detail].find((part) => typeof part === "string" && part.includes("${"));
  if (told !== undefined)
    translation.error(
      "UNSUPPORTED",
      pointerTo(at, "error"),
      "an expression in an error has no counterpart",
      "write its title and detail as text",
    );
  const text = [
    title ?? type,
    ...(status === undefined ? [] : [`(${String(status)})`]),
    ...(detail === undefined ? [] : [`: ${String(detail)}`]),
  ];
  return `fail(${JSON.stringify(text.map(String).join(" ").replace(" : ", ": "))})`;
}
