import type { SyncReport } from "../../../http/schemas/system.ts";
import { plural } from "../../format.ts";

type Row = SyncReport["rows"][number];

/** The workflow files that a sync does not take. */
export function untakenWorkflows(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ kind, result }) => kind === "workflow" && result === "invalid");
}

/** Why the file that a workflow came from is not taken, or the folder that hides it; undefined where it is. */
export function untakenAt(rows: readonly Row[], origin: string): Row | undefined {
  const untaken = untakenWorkflows(rows);
  return (
    untaken.find(({ file }) => file === origin) ?? untaken.find(({ file }) => origin.startsWith(`${file}/`))
  );
}

/** Why a file is not taken: what stands against it, or its first error with its place. */
export function whyUntaken({ reason, diagnostics }: Pick<Row, "reason" | "diagnostics">): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (reason !== null) return reason;
  if (!first) return "it cannot be understood";
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return `line ${first.line}, column ${first.column}: ${first.message}${more}`;
}

/** What a sync did, and the first file that it could not take; null where that is none. */
export function toldOf(
  environment: string,
  rows: readonly Row[],
): { readonly done: string | null; readonly failed: string | null } {
  const changed = rows.filter(({ result }) => CHANGES.has(result)).length;
  const [first, ...others] = rows.filter(({ result }) => result === "invalid");
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  const done = changed > 0 ? `${environment}: ${plural(changed, "workflow")} changed` : null;
  if (!first) return { done: done ?? `${environment} is as its files say`, failed: null };
  return { done, failed: `${first.file} was not taken${more}: ${whyUntaken(first)}` };
}

const CHANGES: ReadonlySet<Row["result"]> = new Set(["created", "updated", "enabled", "disabled"]);
