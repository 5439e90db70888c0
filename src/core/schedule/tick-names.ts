import { isObject, type JsonObject, type JsonValue } from "../json.ts";
import { isoTime } from "../time.ts";
import type { Timing } from "./schedule.ts";

/** What a run that a schedule started can read of its tick; also a schedule's input, in templates. */
export const TICK_NAMES = ["_cronTriggeredAt", "_cronExpression", "_cronTimezone"] as const;

/** The names of a tick with their values. */
export function tickNames(timing: Timing, at: number): Readonly<Record<(typeof TICK_NAMES)[number], string>> {
  const [expression, timezone] =
    timing.kind === "cron" ? [timing.cron, timing.timezone] : [`@every ${timing.everySeconds}s`, "UTC"];
  return { _cronTriggeredAt: isoTime(at), _cronExpression: expression, _cronTimezone: timezone };
}

/** An input without the names of a tick that its schema does not declare, and those by themselves. */
export function withoutTickNames(
  input: JsonObject,
  schema: JsonObject,
): { readonly names: JsonObject; readonly others: JsonObject } {
  const declared = isObject(schema["properties"]) ? schema["properties"] : {};
  const names: Record<string, JsonValue> = {};
  const others: Record<string, JsonValue> = { ...input };
  for (const name of TICK_NAMES) {
    const value = input[name];
    if (value === undefined || Object.hasOwn(declared, name)) continue;
    names[name] = value;
    delete others[name];
  }
  return { names, others };
}
