import { pointerTo } from "../definition/pointer.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../json.ts";
import { entryOf, type Scene, type Task, type TranslatedList, translateTask } from "./task.ts";
import type { Translation } from "./translation.ts";

/** A list of named tasks, one behind the other. */
export function translateList(
  translation: Translation,
  list: JsonValue | undefined,
  pointer: string,
  scene: Pick<Scene, "names" | "isRoot">,
): TranslatedList {
  const tasks = tasksOf(translation, list, pointer);
  const states: JsonObject[] = [];
  const targets = new Map(tasks.map((task) => [task.name, entryOf(task)]));
  let { names } = scene;
  const arrivals = new Map<string, { dot: string; pointer: string }[]>();
  for (const [index, task] of tasks.entries()) {
    const next = tasks[index + 1];
    const following = next === undefined ? null : entryOf(next);
    const {
      states: made,
      dot,
      jumps,
    } = translateTask(translation, { ...task, following }, { ...scene, names, targets, list: translateList });
    for (const target of jumps)
      arrivals.set(target, [...(arrivals.get(target) ?? []), { dot, pointer: task.pointer }]);
    states.push(...made);
    const known = arrivals.get(next?.name ?? "") ?? [];
    const strange = known.find((arrival) => arrival.dot !== dot);
    if (next && strange && usesDot(next.body))
      translation.error(
        "UNSUPPORTED",
        next.pointer,
        `what \`.\` is in "${next.name}" depends on the way that leads there`,
        "read it as `$context`, which is the same on every way",
      );
    names = { ...names, dot, variables: { ...names.variables, input: dot } };
  }
  return { states, dot: names.dot };
}

function tasksOf(
  translation: Translation,
  list: JsonValue | undefined,
  pointer: string,
): readonly Omit<Task, "following">[] {
  if (!isList(list)) {
    translation.error("WRONG_TYPE", pointer, "a list of named tasks is expected here");
    return [];
  }
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    const at = pointerTo(pointer, index);
    const [entry, ...others] = Object.entries(isObject(item) ? item : {});
    if (!entry || others.length > 0 || !isObject(entry[1])) {
      translation.error("WRONG_TYPE", at, "a task is one name with what it does below it");
      return [];
    }
    const [name, body] = entry;
    const below = pointerTo(at, name);
    if (seen.has(name)) translation.error("DUPLICATE_NAME", below, `there are two tasks called "${name}"`);
    seen.add(name);
    return [{ name, body: body as JsonObject, pointer: below }];
  });
}

function usesDot(value: JsonValue): boolean {
  if (typeof value === "string") return /(?:^|[^\w\])"$])\.[A-Za-z_["]|\$\{\s*\.\s*\}|\$input\b/.test(value);
  if (isList(value)) return value.some(usesDot);
  return isObject(value) && Object.values(value).some(usesDot);
}
