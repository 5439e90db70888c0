import type { DiagnosticCode, Issue } from "../diagnostic.ts";

/** What normalising finds out beside the definition. */
export type Report = { readonly issues: Issue[] };

type More = Partial<Pick<Issue, "expected" | "actual" | "on" | "offset">> & {
  readonly hint?: string | undefined;
};

/** Notes an error; the definition cannot be used. */
export function fail(
  report: Report,
  code: DiagnosticCode,
  path: string,
  message: string,
  more: More = {},
): void {
  note(report, { code, severity: "error", path, message }, more);
}

/** Notes a warning. */
export function warn(
  report: Report,
  code: DiagnosticCode,
  path: string,
  message: string,
  more: More = {},
): void {
  note(report, { code, severity: "warning", path, message }, more);
}

function note(report: Report, issue: Issue, { hint, ...more }: More): void {
  report.issues.push({ ...issue, ...more, ...(hint !== undefined && { hint }) });
}
