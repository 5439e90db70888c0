import { define, isList, isObject, type JsonObject, type JsonValue } from "./json.ts";

/** The keys and indexes of a dot-path. */
export type Path = readonly string[];

/**
 * Where a path starts: `name` among the names an expression sees, those beside the context first; `context` (`ctx.`)
 * in the context first; `input` (`$.`) in the state's input first.
 */
export type RootedPath = { readonly root: "name" | "context" | "input"; readonly keys: Path };

const SEGMENT = String.raw`[A-Za-z_][\w-]*`;
const PLAIN = new RegExp(String.raw`^(?:${SEGMENT})(?:\.(?:${SEGMENT}|\d+)|\[\d+\]|\["[^"\\]*"\])*$`);

/**
 * Parses `a.b.0.c`, `a[0]`, `a["b c"]`, with `ctx.`, `ctx["b c"]` or `$.` naming the root; `null` when the text is not a
 * path. `ctx` and `$` alone are the whole context or input.
 */
export function parsePath(text: string): RootedPath | null {
  const trimmed = text.trim();
  if (trimmed === "ctx" || trimmed === "") return { root: "context", keys: [] };
  if (trimmed === "$") return { root: "input", keys: [] };
  if (trimmed.startsWith("ctx["))
    return PLAIN.test(trimmed) ? { root: "context", keys: split(trimmed).slice(1) } : null;
  const root = trimmed.startsWith("$.") ? "input" : trimmed.startsWith("ctx.") ? "context" : "name";
  const bare = trimmed.replace(/^(?:ctx|\$)\./, "");
  return PLAIN.test(bare) ? { root, keys: split(bare) } : null;
}

function split(path: string): Path {
  return [...path.matchAll(/\["([^"\\]*)"\]|([\w-]+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

/** Reads a path; `undefined` when any part is missing. Numbers index lists. */
export function readPath(value: JsonValue | undefined, path: Path): JsonValue | undefined {
  let current = value;
  for (const key of path) current = child(current, key);
  return current;
}

/** One step down: a key of an object, an index of a list. */
export function child(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (isObject(value)) return Object.hasOwn(value, key) ? value[key] : undefined;
  if (isList(value) && /^\d+$/.test(key)) return value[Number(key)];
  return undefined;
}

/** The longest prefix of `path` that exists, as text. */
export function deepestExisting(value: JsonValue, path: Path): string {
  let current: JsonValue | undefined = value;
  const found: string[] = [];
  for (const key of path) {
    current = child(current, key);
    if (current === undefined) break;
    found.push(key);
  }
  return found.join(".");
}

/** A copy of `target` in which nothing stands at `path`. */
export function without(target: JsonObject, path: Path): JsonObject {
  const [head, ...rest] = path;
  if (head === undefined || !Object.hasOwn(target, head)) return target;
  const { [head]: below, ...others } = target;
  return rest.length > 0 && isObject(below) ? { ...others, [head]: without(below, rest) } : others;
}

/** A copy of `target` with `path` set; parents that are missing or no objects are created. */
export function writePath(target: JsonObject, path: Path, value: JsonValue): JsonObject {
  const [head, ...rest] = path;
  if (head === undefined) return isObject(value) ? value : target;
  const copy: Record<string, JsonValue> = { ...target };
  const below = Object.hasOwn(target, head) ? target[head] : undefined;
  define(copy, head, rest.length === 0 ? value : writePath(isObject(below) ? below : {}, rest, value));
  return copy;
}
