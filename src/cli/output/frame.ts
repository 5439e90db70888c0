import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import type { Look } from "../terminal/look.ts";
import { clean, oneLine, shorten, textWidth } from "../terminal/text.ts";

/** The findings about one file, and its text when there is one to show. */
export type FileFindings = {
  readonly file: string;
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
};

/** A finding as compilers show it: place, what is wrong, the line with a mark below, what to do. `room`: cells of a line. */
export function frame(
  { file, text }: Pick<FileFindings, "file" | "text">,
  diagnostic: Diagnostic,
  look: Look,
  room = Number.POSITIVE_INFINITY,
): string {
  const { line, column, severity, message, hint } = diagnostic;
  const style = severity === "error" ? "red" : "yellow";
  const code = nameOfCode(diagnostic);
  const place = look.paint("bold", `${oneLine(file)}:${line}:${column}`);
  const head = `${place} ${look.paint([style, "bold"], `${severity}[${code}]`)} ${clean(message)}`;
  const source = text?.split(/\r?\n/)[line - 1];
  const lines = [head, ...(source === undefined ? [] : marked(source, diagnostic, look, style, room))];
  if (hint) lines.push(`  ${look.paint("dim", clean(hint))}`);
  return `${look.typeset(lines.join("\n"))}\n`;
}

function marked(
  source: string,
  { line, column, endColumn }: Diagnostic,
  look: Look,
  style: "red" | "yellow",
  room: number,
): readonly string[] {
  const gutter = " ".repeat(String(line).length);
  const end = Math.max(column, Math.min(endColumn ?? column + 1, source.length + 1));
  const parts = [source.slice(0, column - 1), source.slice(column - 1, end - 1), source.slice(end - 1)];
  const [before, text] = around(parts.map(clean), room - gutter.length - 5, look.ellipsis);
  const blanks = before.replace(/[^\t]+/g, (some) => " ".repeat(textWidth(some)));
  const length = Math.max(1, Math.min(textWidth(parts[1] ?? ""), textWidth(text)));
  return [
    `${look.paint("dim", `  ${line} │`)} ${before}${text}`,
    `${look.paint("dim", `  ${gutter} │`)} ${blanks}${look.paint(style, "^".repeat(length))}`,
  ];
}

/** What is shown before a mark and from there on: the whole line, or as much of it around the mark as there is room for. */
function around(
  [before = "", marked = "", after = ""]: readonly string[],
  room: number,
  ellipsis: string,
): readonly [string, string] {
  const whole = before + marked + after;
  if (textWidth(whole) <= room && (room === Number.POSITIVE_INFINITY || !whole.includes("\t")))
    return [before, marked + after];
  const flat = before.replaceAll("\t", "  ");
  const rest = (marked + after).replaceAll("\t", "  ");
  const kept = Math.max(Math.floor(room / 3), room - Math.max(1, textWidth(rest)));
  const shown = textWidth(flat) <= kept ? flat : ellipsis + lastOf(flat, kept - textWidth(ellipsis));
  return [shown, shorten(rest, Math.max(1, room - textWidth(shown)), ellipsis)];
}

/** The end of a text, of so many cells. */
function lastOf(text: string, cells: number): string {
  let end = text.slice(-Math.max(0, cells));
  while (textWidth(end) > cells) end = [...end].slice(1).join("");
  return cells > 0 ? end : "";
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
