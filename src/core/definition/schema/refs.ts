import { isList, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { readPath } from "../../path.ts";
import { pointerKeys } from "../pointer.ts";

const MAX_DEPTH = 64;

/** What a `$ref` within the document `root` means; `undefined` for another document or nothing. */
export function resolveRef(root: JsonObject, ref: JsonValue | undefined): JsonValue | undefined {
  if (typeof ref !== "string") return undefined;
  const base = typeof root["$id"] === "string" ? root["$id"].replace(/#$/, "") : null;
  const fragment = base !== null && ref.startsWith(`${base}#`) ? ref.slice(base.length) : ref;
  if (fragment === "#" || (base !== null && fragment === base)) return root;
  if (!fragment.startsWith("#")) return undefined;
  const name = decoded(fragment.slice(1));
  if (name === null) return undefined;
  return name.startsWith("/") ? readPath(root, pointerKeys(name)) : anchored(root, name, 0);
}

function decoded(fragment: string): string | null {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return null;
  }
}

/** `$anchor` of draft 2020-12, `$id: "#name"` of draft 07. */
function anchored(value: JsonValue, name: string, depth: number): JsonValue | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (isObject(value) && (value["$anchor"] === name || value["$id"] === `#${name}`)) return value;
  const below = isList(value) ? value : isObject(value) ? Object.values(value) : [];
  for (const item of below) {
    const found = anchored(item, name, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
