import type { JsonValue } from "../json.ts";
import { parentPointer } from "./pointer.ts";

export type Severity = "error" | "warning";

/** What is wrong, as a stable name. Where the PRD names one, it is the PRD's. */
export type DiagnosticCode =
  // the text
  | "SYNTAX"
  | "TOO_LARGE"
  | "ENCODING"
  | "DUPLICATE_KEY"
  // one value
  | "WRONG_TYPE"
  | "MISSING_KEY"
  | "UNKNOWN_KEY"
  | "UNKNOWN_STATE_TYPE"
  | "UNKNOWN_ACTION"
  | "CONFLICTING_KEYS"
  | "DEPRECATED"
  | "UNSUPPORTED"
  | "INVALID_VALUE"
  | "INVALID_NAME"
  | "INVALID_DURATION"
  | "INVALID_RETRY"
  | "INVALID_APPROVERS"
  | "INVALID_QUORUM"
  | "INVALID_PATH"
  | "INVALID_CRON"
  | "INVALID_SCHEMA"
  // the workflow as a whole
  | "EMPTY_WORKFLOW"
  | "DUPLICATE_NAME"
  | "START_STATE_NOT_FOUND"
  | "UNKNOWN_TARGET"
  | "UNREACHABLE_STATE"
  | "CIRCULAR_TRANSITION"
  | "DEAD_END"
  | "IMPLICIT_END"
  | "TEMPLATE_SYNTAX"
  | "EXPRESSION_SYNTAX"
  | "UNKNOWN_NAME"
  | "AGENT_NOT_FOUND"
  | "SCHEMA_COMPATIBILITY";

/** A finding at its place in the author's text. Lines and columns count from 1, columns in UTF-16 units. */
export type Diagnostic = {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** JSON pointer into the author's text, before any alias was resolved. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** Where the marked text ends on that line, exclusive. */
  readonly endColumn: number;
  readonly message: string;
  readonly hint?: string;
  readonly expected?: JsonValue;
  readonly actual?: JsonValue;
};

/** A finding that knows its pointer and not yet its line. */
export type Issue = Omit<Diagnostic, "line" | "column" | "endColumn"> & {
  /** Mark the key, not its value. */
  readonly on?: "key";
  /** Mark what starts here within the text value, in UTF-16 units. */
  readonly offset?: number;
};

/** A place in the author's text. */
export type Place = {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  readonly offset: number;
};

/** Where a pointer stands in the author's text; `null` when there is no such key or value. */
export type Locate = (path: string, on: "key" | "value", offset?: number) => Place | null;

/** Attaches places and sorts by them. A pointer to something absent is placed at what would hold it. */
export function placed(issues: readonly Issue[], locate: Locate): readonly Diagnostic[] {
  return issues
    .map((issue) => {
      const { on, offset, ...rest } = issue;
      const { line, column, endColumn } = nearest(issue, locate);
      return { ...rest, line, column, endColumn };
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function nearest(issue: Issue, locate: Locate): Place {
  const exact = locate(issue.path, issue.on ?? "value", issue.offset);
  if (exact) return exact;
  for (let path = issue.path; path !== ""; ) {
    path = parentPointer(path);
    const place = locate(path, "key") ?? locate(path, "value");
    if (place) return place;
  }
  return { line: 1, column: 1, endColumn: 1, offset: 0 };
}

/** True when anything stands in the way of using the definition. */
export function hasErrors(diagnostics: readonly { readonly severity: Severity }[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
