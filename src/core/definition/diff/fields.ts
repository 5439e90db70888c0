import { isList, isObject, type JsonValue } from "../../json.ts";

/** A value that is not what it was; the side on which there is none is absent. */
export type FieldChange = {
  /** Canonical keys below what is compared: `retry/maxAttempts`, `conditions/0/if`. */
  readonly path: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
};

/** Where two values differ, as deep as they can be laid side by side; lists of different lengths are one change. */
export function changedFields(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path = "",
): readonly FieldChange[] {
  if (before === undefined && after === undefined) return [];
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => changedFields(own(before, key), own(after, key), below(path, key)));
  }
  if (isList(before) && isList(after) && before.length === after.length && before.some(isObject))
    return before.flatMap((value, index) => changedFields(value, after[index], below(path, String(index))));
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function own(value: { readonly [key: string]: JsonValue }, key: string): JsonValue | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function below(path: string, key: string): string {
  return path === "" ? key : `${path}/${key}`;
}
