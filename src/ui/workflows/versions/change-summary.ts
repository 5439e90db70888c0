import type { JsonValue } from "../../../core/json.ts";
import type { WorkflowDiff } from "../../../http/schemas/workflow-versions.ts";
import { plural } from "../../format.ts";

type Changes = Omit<WorkflowDiff, "workflowId" | "environment" | "text">;

/** What changed, in one line: `+1 state, timeoutSeconds 600 → 3600, approvers added`. */
export function changeSummary({ isEquivalent, fields, states, agents, approvers }: Changes): string {
  if (isEquivalent) return "only how it is written";
  const of = (change: "added" | "removed") => states.filter((state) => state.change === change).length;
  const changed = [...fields, ...states.flatMap((state) => (state.change === "changed" ? state.fields : []))];
  const parts = [
    counted("+", of("added")),
    counted("−", of("removed")),
    ...changed.slice(0, MOST_FIELDS).map(fieldText),
    changed.length > MOST_FIELDS && `${plural(changed.length - MOST_FIELDS, "more field")}`,
    named("approvers", approvers),
    named("agents", agents),
  ];
  // What is left are other ways between the same states.
  return parts.filter(Boolean).join(", ") || "other ways between its states";
}

const MOST_FIELDS = 2;
const MOST_TEXT = 16;

function counted(sign: string, count: number): string | false {
  return count > 0 && `${sign}${plural(count, "state")}`;
}

function fieldText({ path, before, after }: WorkflowDiff["fields"][number]): string {
  if (before === undefined) return `${path} added`;
  if (after === undefined) return `${path} removed`;
  const both = [before, after].map(shortText);
  return both.every((text) => text !== null) ? `${path} ${both.join(" → ")}` : `${path} changed`;
}

/** A value that is worth a place in a line; null for what is too long. */
function shortText(value: JsonValue): string | null {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= MOST_TEXT ? text : null;
}

function named(what: string, { added, removed }: WorkflowDiff["agents"]): string | false {
  if (added.length > 0) return `${what} ${removed.length > 0 ? "changed" : "added"}`;
  return removed.length > 0 && `${what} removed`;
}
