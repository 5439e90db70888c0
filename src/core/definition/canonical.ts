import { isList, isObject, type JsonValue } from "../json.ts";
import type { Definition } from "./types.ts";

/** True when two definitions mean the same: whatever is laid out, commented or spelled differently does not count. */
export function isSameDefinition(a: Definition, b: Definition): boolean {
  return a === b || canonicalText(a) === canonicalText(b);
}

/** Text that is equal for definitions that mean the same: keys in order, nothing undefined. */
function canonicalText(definition: Definition): string {
  return JSON.stringify(sorted(JSON.parse(JSON.stringify(definition))));
}

function sorted(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, below]) => [key, sorted(below)]));
}
