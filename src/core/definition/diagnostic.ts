import type { JsonValue } from "../json.ts";

export type Severity = "error" | "warning";

/** What is wrong, as a stable name. Where the PRD names one, it is the PRD's. */
export type DiagnosticCode =
  // the text
  | "SYNTAX"
  | "TOO_LARGE"
  | "ENCODING"
  | "UNREADABLE"
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
  | "NO_EFFECT"
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
  | "SHADOWED_NAME"
  | "AGENT_NOT_FOUND"
  | "WORKFLOW_NOT_FOUND"
  | "AGENT_UNUSABLE"
  | "AGENT_CYCLE"
  | "MODEL_UNAVAILABLE"
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
  readonly endColumn?: number;
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
export type Place = { readonly line: number; readonly column: number; readonly endColumn?: number };

/**
 * Where a pointer stands in the author's text, or what would hold it when it is not there: the value (default) or
 * its key, or the `offset`th character of a text value.
 */
export type Locate = (path: string, on?: "key" | "value", offset?: number) => Place;

/** Attaches places and sorts by them. */
export function placed(issues: readonly Issue[], locate: Locate): readonly Diagnostic[] {
  return issues
    .map((issue) => {
      const { on, offset, ...rest } = issue;
      const { line, column, endColumn } = locate(issue.path, on, offset);
      return { ...rest, line, column, ...(endColumn !== undefined && { endColumn }) };
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** True when anything stands in the way of using the definition. */
export function hasErrors(diagnostics: readonly { readonly severity: Severity }[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
