import type { KnownWorkflow } from "../calls.ts";
import type { Issue } from "../diagnostic.ts";
import { originOf } from "../origins.ts";
import { pointerKeys } from "../pointer.ts";
import { explain } from "../schema/finding.ts";
import { fits } from "../schema/fits.ts";
import { emptyObject } from "../schema/shape.ts";
import type { CallState } from "../types.ts";
import { filled, type View } from "./scene.ts";

/** What a called run is given is what is written, and nothing else. */
export function callIssues(
  state: CallState,
  pointer: string,
  view: View,
  called: KnownWorkflow | undefined,
): readonly Issue[] {
  if (!called?.inputSchema) return [];
  const given = state.variables === undefined ? [emptyObject] : filled(view, state.variables);
  return fits(given, called.inputSchema).flatMap((finding): readonly Issue[] => {
    if (finding.kind === "missing-optional") return [];
    const [key] = pointerKeys(finding.pointer);
    const at =
      key !== undefined && Object.hasOwn(state.variables ?? {}, key) ? `variables/${key}` : "workflow";
    return [
      {
        code: "SCHEMA_COMPATIBILITY",
        severity: finding.severity,
        path: originOf(state, at, pointer),
        message: `input of workflow "${state.workflow}" (state "${state.name}"): ${explain(finding)}`,
        expected: finding.expected,
        actual: finding.actual,
      },
    ];
  });
}
