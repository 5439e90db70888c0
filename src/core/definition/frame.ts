import type { Diagnostic } from "./diagnostic.ts";

/**
 * A diagnostic as compilers print it: `file:line:col error[code] message`, the source line with a caret under the
 * place, and the hint.
 */
export function renderFrame(diagnostic: Diagnostic, file: string, source: string): string {
  const { line, column, severity, code, message, hint } = diagnostic;
  const head = `${file}:${line}:${column} ${severity}[${code.toLowerCase().replaceAll("_", "-")}] ${message}`;
  const text = source.split("\n")[line - 1]?.replace(/\r$/, "");
  const frame = text === undefined ? [] : codeFrame(text, line, column, diagnostic.endColumn);
  return [head, ...frame, ...(hint === undefined ? [] : [`  hint: ${hint}`])].join("\n");
}

/** Wider than this a line is cut around its place. */
const MAX_WIDTH = 160;

function codeFrame(text: string, line: number, column: number, endColumn = column + 1): readonly string[] {
  const from = column > MAX_WIDTH - 40 ? column - 60 : 0;
  const shown = text.slice(from, from + MAX_WIDTH);
  const start = column - 1 - from;
  const length = Math.max(1, Math.min(endColumn - column, shown.length - start));
  const number = String(line);
  const gutter = " ".repeat(number.length);
  // tabs are kept, so that the caret stands below its character whatever their width
  const indent = shown.slice(0, start).replace(/[^\t]/g, " ");
  return [`  ${number} | ${shown}`, `  ${gutter} | ${indent}${"^".repeat(length)}`];
}
