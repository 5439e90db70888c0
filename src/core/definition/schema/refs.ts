import { isList, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { readPath } from "../../path.ts";
import { percentDecoded } from "../../percent.ts";
import { pointerKeys } from "../pointer.ts";

const MAX_DEPTH = 64;

/** What a `$ref` within the document `root` means; `undefined` for another document or nothing. */
export function resolveRef(root: JsonObject, ref: JsonValue | undefined): JsonValue | undefined {
  if (typeof ref !== "string") return undefined;
  const base = typeof root["$id"] === "string" ? root["$id"].replace(/#$/, "") : null;
  const fragment = base !== null && ref.startsWith(`${base}#`) ? ref.slice(base.length) : ref;
  if (fragment === "#" || (base !== null && fragment === base)) return root;
  if (!fragment.startsWith("#")) return undefined;
  const name = percentDecoded(fragment.slice(1));
  if (name === null) return undefined;
  return name.startsWith("/") ? readPath(root, pointerKeys(name)) : anchored(root, name);
}

const anchors = new WeakMap<JsonObject, ReadonlyMap<string, JsonObject>>();

/** `$anchor` of draft 2020-12, `$id: "#name"` of draft 07. */
function anchored(root: JsonObject, name: string): JsonObject | undefined {
  let known = anchors.get(root);
  if (!known) {
    known = new Map(anchorsIn(root, 0));
    anchors.set(root, known);
  }
  return known.get(name);
}

function* anchorsIn(value: JsonValue, depth: number): Iterable<readonly [string, JsonObject]> {
  if (depth > MAX_DEPTH) return;
  if (isObject(value)) {
    const { $anchor, $id } = value;
    if (typeof $anchor === "string") yield [$anchor, value];
    if (typeof $id === "string" && $id.startsWith("#")) yield [$id.slice(1), value];
  }
  const below = isList(value) ? value : isObject(value) ? Object.values(value) : [];
  for (const item of below) yield* anchorsIn(item, depth + 1);
}
