import { isObject } from "../../json.ts";
import { TICK_NAMES } from "../../schedule/tick-names.ts";
import type { Issue } from "../diagnostic.ts";
import { originOf } from "../origins.ts";
import { explain } from "../schema/finding.ts";
import { fits } from "../schema/fits.ts";
import { type ObjectVariant, objectsIn, type Property, scalar, shapeOfValue } from "../schema/shape.ts";
import { isTemplate, pathOfExpression } from "../template.ts";
import type { Definition } from "../types.ts";
import { explainMiss } from "./misses.ts";
import { readShape, type View } from "./scene.ts";

/** A schedule's input must satisfy the workflow's schema, or no run will ever start by itself. */
export function scheduleIssues({ schedule, inputSchema }: Definition): readonly Issue[] {
  if (!schedule || !inputSchema) return [];
  const input = shapeOfValue(schedule.input ?? {}, (text) =>
    isTemplate(text) ? "unknown" : [{ type: "string", values: [text] }],
  );
  const [object] = input === "unknown" ? [] : objectsIn(input);
  if (!object) return [];
  const path = originOf(schedule, "input", "/schedule");
  return fits([{ ...object, properties: withCronNames(object) }], inputSchema).flatMap(
    (finding): readonly Issue[] =>
      finding.kind === "missing-optional" || finding.pointer.startsWith("/_cron")
        ? []
        : [
            {
              code: "SCHEMA_COMPATIBILITY",
              severity: finding.severity,
              path,
              message: `input of the schedule: ${explain(finding)}`,
              expected: finding.expected,
              actual: finding.actual,
            },
          ],
  );
}

function withCronNames({ properties }: ObjectVariant): ReadonlyMap<string, Property> {
  const text = { shape: scalar("string"), always: true };
  return new Map([...TICK_NAMES.map((name) => [name, text] as const), ...properties]);
}

/** What the workflow answers: a path that leads nowhere, or a value that its own schema refuses. */
export function outputIssues(definition: Definition, view: View): readonly Issue[] {
  const { output, outputSchema } = definition;
  const path = output === undefined ? null : pathOfExpression(output);
  if (output !== undefined && !path) return [];
  const at = output === undefined ? "" : originOf(definition, "output", "");
  const found = path ? readShape(view, path) : { found: true as const, shape: view.scene.last };
  if (!found.found) {
    if (!path) return [];
    const severity = found.isCertain ? "error" : "warning";
    const { message, hint } = explainMiss(path, found);
    const more = hint === undefined ? {} : { hint };
    return [{ code: "UNKNOWN_NAME", severity, path: at, message: `"output": ${message}`, ...more }];
  }
  if (!isObject(outputSchema)) return [];
  const wrong = fits(found.shape, outputSchema).filter(({ severity }) => severity === "error");
  return wrong.map((finding) => ({
    code: "SCHEMA_COMPATIBILITY",
    severity: "warning",
    path: originOf(definition, "outputSchema", ""),
    on: "key",
    message: `the workflow's output does not match "outputSchema": ${explain(finding)}`,
    expected: finding.expected,
    actual: finding.actual,
  }));
}
