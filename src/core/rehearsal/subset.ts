import { pointerTo } from "../definition/pointer.ts";
import { isList, isObject, type JsonValue } from "../json.ts";

/** Where a value is not what was expected; `pointer` leads into the expectation. */
export type Difference = {
  readonly pointer: string;
  readonly expected: JsonValue;
  /** `undefined`: it is not there. */
  readonly actual: JsonValue | undefined;
};

/**
 * Where `actual` falls short of `expected`: an object must have the expected keys and may have more, at every depth;
 * lists and everything else must be equal. Empty when nothing does.
 */
export function shortfalls(
  expected: JsonValue,
  actual: JsonValue | undefined,
  pointer = "",
): readonly Difference[] {
  if (isObject(expected) && isObject(actual))
    return Object.entries(expected).flatMap(([key, value]) =>
      shortfalls(value, Object.hasOwn(actual, key) ? actual[key] : undefined, pointerTo(pointer, key)),
    );
  if (isList(expected) && isList(actual) && expected.length === actual.length)
    return expected.flatMap((value, index) => shortfalls(value, actual[index], pointerTo(pointer, index)));
  return expected === actual || isEqualEmpty(expected, actual) ? [] : [{ pointer, expected, actual }];
}

function isEqualEmpty(expected: JsonValue, actual: JsonValue | undefined): boolean {
  return isList(expected) && isList(actual) && expected.length === 0 && actual.length === 0;
}
