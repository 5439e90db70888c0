import { isObject, type JsonValue } from "../../../core/json.ts";
import type { Step } from "../../../core/run/run.ts";
import type { StepTrail } from "./index-events.ts";

/** What is worth saying beside a left state: the arm a switch took and why, or where an error led. */
export function noteOfExit(trail: StepTrail, step: Step, n: number): string | null {
  const { exit } = trail;
  if (!exit || exit.seq > n) return null;
  if (exit.error) return `error handled → ${exit.next ?? "end"}`;
  if (trail.type !== "switch") return null;
  const why = exit.condition === null || exit.condition === undefined ? "otherwise" : exit.condition;
  const value = exit.condition ? withValues(exit.condition, step.input) : null;
  return `${why}${value === null ? "" : ` (${value})`} → ${exit.next ?? "end"}`;
}

/** A condition with the values it saw in the place of their names: `0.083 > 0.05`; null where none is known. */
export function withValues(condition: string, data: JsonValue | undefined): string | null {
  if (!isObject(data)) return null;
  let isChanged = false;
  const text = condition.replace(
    /(["'])(?:\\.|(?!\1).)*\1|\b(?:(?:result|val|_value)\.)?([A-Za-z_]\w*)\b(?![\w.(])/g,
    (whole, _, name) => {
      const value = typeof name === "string" && Object.hasOwn(data, name) ? data[name] : undefined;
      if (value === undefined || (typeof value === "object" && value !== null)) return whole;
      isChanged = true;
      return JSON.stringify(value);
    },
  );
  return isChanged ? text : null;
}
