import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import type { Look } from "../terminal/look.ts";
import { clean, oneLine } from "../terminal/text.ts";

/** The findings about one file, and its text when there is one to show. */
export type FileFindings = {
  readonly file: string;
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
};

/** A finding as compilers show it: place, what is wrong, the line with a mark below, what to do. */
export function frame(
  { file, text }: Pick<FileFindings, "file" | "text">,
  diagnostic: Diagnostic,
  look: Look,
): string {
  const { line, column, severity, message, hint } = diagnostic;
  const style = severity === "error" ? "red" : "yellow";
  const code = nameOfCode(diagnostic);
  const place = look.paint("bold", `${oneLine(file)}:${line}:${column}`);
  const head = `${place} ${look.paint([style, "bold"], `${severity}[${code}]`)} ${clean(message)}`;
  const source = text?.split(/\r?\n/)[line - 1];
  const lines = [head, ...(source === undefined ? [] : marked(source, diagnostic, look, style))];
  if (hint) lines.push(`  ${look.paint("dim", clean(hint))}`);
  return `${look.typeset(lines.join("\n"))}\n`;
}

function marked(
  source: string,
  { line, column, endColumn }: Diagnostic,
  look: Look,
  style: "red" | "yellow",
): readonly string[] {
  const gutter = " ".repeat(String(line).length);
  const before = clean(source.slice(0, column - 1)).replace(/[^\t]/g, " ");
  const length = Math.max(1, Math.min(endColumn ?? column + 1, source.length + 1) - column);
  return [
    `${look.paint("dim", `  ${line} │`)} ${clean(source)}`,
    `${look.paint("dim", `  ${gutter} │`)} ${before}${look.paint(style, "^".repeat(length))}`,
  ];
}

/** A finding as a GitHub workflow command, which marks the line in a pull request. */
export function githubLine(file: string, diagnostic: Diagnostic): string {
  const { line, column, severity, message, hint } = diagnostic;
  const place = `file=${property(file)},line=${line},col=${column}`;
  const text = hint ? `${message}\n${hint}` : message;
  return `::${severity} ${place},title=${property(nameOfCode(diagnostic))}::${escaped(text)}\n`;
}

/** A finding's code as people type it: `agent-not-found`. */
export function nameOfCode({ code }: Diagnostic): string {
  return code.toLowerCase().replaceAll("_", "-");
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
