import type { JsonObject, JsonValue } from "../../core/json.ts";
import { isObject } from "../../core/json.ts";
import type { FreeName } from "./program.ts";

type Path = readonly string[];

/** The JSON of what the programs read: one object with their free names, cut down to the paths below them. */
export function serialiseScope(layers: readonly JsonObject[], names: readonly FreeName[]): string {
  const read = emptyObject();
  const paths = new Map<string, Path[]>();
  for (const free of names) {
    const known = paths.get(free.name);
    if (known === undefined) paths.set(free.name, [...free.paths]);
    else known.push(...free.paths);
  }
  for (const [name, below] of paths) {
    const value = layers.find((layer) => Object.hasOwn(layer, name))?.[name];
    if (value !== undefined) read[name] = project(value, below);
  }
  return JSON.stringify(read);
}

/** Every name that stands for something, innermost first. */
export function namesIn(layers: readonly JsonObject[]): string[] {
  return [...new Set(layers.flatMap((layer) => Object.keys(layer)))];
}

/** Keeps the paths alone if all of them exist; otherwise everything, for the fallbacks and the error messages. */
function project(value: JsonValue, paths: readonly Path[]): JsonValue {
  if (!isObject(value)) return value;
  const byKey = new Map<string, Path[]>();
  for (const [key, ...rest] of paths) {
    if (key === undefined || !Object.hasOwn(value, key)) return value;
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, [rest]);
    else known.push(rest);
  }
  const kept = emptyObject();
  for (const [key, below] of byKey) kept[key] = project(value[key] as JsonValue, below);
  return kept;
}

/** Without a prototype, so that a key `__proto__` is a key. */
function emptyObject(): Record<string, JsonValue> {
  return Object.create(null) as Record<string, JsonValue>;
}
