export type JsonPrimitive = string | number | boolean | null;
export type JsonValue = JsonPrimitive | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue };

/** True for `{…}`: not null, not a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a list; narrows better than `Array.isArray` does for readonly lists. */
export function isList(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * Overlays `over` on `base`: objects are merged key by key at every depth, anything else is replaced, and so is what
 * stands at the paths of `whole`.
 */
export function mergeDeep(
  base: JsonObject,
  over: JsonObject,
  whole: readonly (readonly string[])[] = [],
): JsonObject {
  const merged: Record<string, JsonValue> = { ...base };
  const wholeBelow = Map.groupBy(whole, ([head]) => head);
  for (const [key, value] of Object.entries(over)) {
    const old = Object.hasOwn(merged, key) ? merged[key] : undefined;
    const below = (wholeBelow.get(key) ?? []).map(([, ...rest]) => rest);
    const isReplaced = !isObject(old) || !isObject(value) || below.some(({ length }) => length === 0);
    define(merged, key, isReplaced ? value : mergeDeep(old, value, below));
  }
  return merged;
}

/** Sets an own property even when it is called `__proto__`. */
export function define(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** Levels of lists and objects that a value from outside may have: whoever works on it level by level gets to its end. */
export const DEEPEST = 200;

/** True for a value of more levels than that. */
export function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap((one) => (isList(one) ? one : isObject(one) ? Object.values(one) : []));
  }
  return false;
}
