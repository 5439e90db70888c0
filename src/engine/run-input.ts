import type { Definition } from "../core/definition/types.ts";
import type { JsonObject } from "../core/json.ts";
import { withoutTickNames } from "../core/schedule/tick-names.ts";
import type { SchemaError } from "./ports/schemas.ts";
import type { Ports } from "./ports.ts";
import { scheduledInput } from "./scheduled-input.ts";

type RunInput =
  | { readonly valid: true; readonly input: JsonObject }
  | { readonly valid: false; readonly errors: readonly SchemaError[] };

/**
 * What a run begins with: `said`, checked and completed by the workflow's schema. With a moment `byHandAt`, a workflow
 * that declares a schedule gives what it would give a run of that moment, and what is said counts more.
 */
export async function runInput(
  ports: Pick<Ports, "expressions" | "schemas">,
  { schedule, inputSchema }: Definition,
  said: JsonObject,
  byHandAt: number | null,
): Promise<RunInput> {
  let given = said;
  if (schedule && byHandAt !== null) {
    const { cron, timezone, input = {} } = schedule;
    const made = await scheduledInput(ports, { timing: { kind: "cron", cron, timezone }, input }, byHandAt);
    if (!made.ok) {
      const message = `the schedule's input cannot be made: ${made.message}`;
      return { valid: false, errors: [{ pointer: "", message, keyword: "schedule" }] };
    }
    given = { ...made.value, ...said };
  }
  if (!inputSchema) return { valid: true, input: given };
  // What a schedule adds nobody has to declare.
  const { names, others } = withoutTickNames(given, inputSchema);
  const check = ports.schemas.validate(inputSchema, others);
  if (!check.valid) return { valid: false, errors: check.errors };
  return { valid: true, input: { ...(check.value as JsonObject), ...names } };
}
