import { isList, type JsonObject, type JsonValue } from "../../json.ts";
import { pointerTo } from "../pointer.ts";
import type { Finding } from "./finding.ts";
import type { Judging } from "./fits.ts";
import { judgeWhole } from "./fits-scalar.ts";
import type { ListVariant } from "./shape.ts";

/** Items one by one as far as they are known, then what is true of all others. */
export function judgeList(judging: Judging, list: ListVariant, schema: JsonObject): readonly Finding[] {
  const { pointer, judge } = judging;
  const { items, prefixItems } = schema;
  const tuple = isList(items) ? items : isList(prefixItems) ? prefixItems : [];
  const others = isList(items) ? schema["additionalItems"] : items;
  const front = list.first.flatMap((shape, index) =>
    judge(shape, tuple[index] ?? others, pointerTo(pointer, index)),
  );
  const whole = [...judgeWhole(judging, list, schema), ...judgeLength(judging, list, schema), ...front];
  if (list.rest === null) return whole;
  const { rest } = list;
  const behind = tuple
    .slice(list.first.length)
    .flatMap((item, index) => judge(rest, item, pointerTo(pointer, list.first.length + index)));
  // that a list may go on is no reason to complain
  return [...whole, ...behind, ...(others === false ? [] : judge(rest, others, pointerTo(pointer, "*")))];
}

function judgeLength(
  { pointer }: Judging,
  { first, rest }: ListVariant,
  schema: JsonObject,
): readonly Finding[] {
  const least = limit(schema["minItems"], 0);
  const most = limit(schema["maxItems"], Number.POSITIVE_INFINITY);
  const { length } = first;
  if (length <= most && (rest !== null || length >= least)) return [];
  const expected = length > most ? `at most ${most} items` : `at least ${least} items`;
  return [{ kind: "value", severity: "error", pointer, expected, actual: `${length} items` }];
}

function limit(value: JsonValue | undefined, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
