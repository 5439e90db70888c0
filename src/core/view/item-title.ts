import { isObject, type JsonObject, type JsonValue } from "../json.ts";
import { type BranchPath, lastSegment } from "../run/ids.ts";

/** A longer value is no name: what draws it would draw all of it. */
const MOST_CHARS = 200;
const NAMING_KEYS = ["name", "title", "id", "key", "service"];

/** What people call a branch: a foreach's item by its value, any other branch by its name. */
export function itemTitle({
  branch,
  vars,
}: {
  readonly branch: BranchPath;
  readonly vars: JsonObject;
}): string {
  const title = "_item" in vars ? titleOf(vars["_item"] ?? null) : lastSegment(branch);
  return title.length > MOST_CHARS ? `${title.slice(0, MOST_CHARS - 1)}…` : title;
}

function titleOf(item: JsonValue): string {
  if (typeof item === "string") return item;
  if (!isObject(item)) return JSON.stringify(item);
  const key = NAMING_KEYS.find((name) => typeof item[name] === "string");
  return key === undefined ? JSON.stringify(item) : String(item[key]);
}
