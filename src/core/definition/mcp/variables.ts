import { isList, isObject, type JsonValue } from "../../json.ts";
import { pointerTo } from "../pointer.ts";

/** A stretch of text, or a variable in its place. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string; readonly fallback: string | null };

export type Parsed =
  | { readonly ok: true; readonly parts: readonly Part[] }
  | { readonly ok: false; readonly message: string; readonly offset: number };

/** What a template is filled in with; `undefined` where there is no such variable. */
export type Lookup = (name: string) => string | undefined;

const NAME = "[A-Za-z_][A-Za-z0-9_]*";
/** `{{ .VAR }}`, `{{ .VAR | default "x" }}`, `${VAR}`, `${VAR:-x}`, `${env:VAR}`. */
const VARIABLE = new RegExp(
  `\\{\\{-?\\s*\\.(${NAME})(?:\\s*\\|\\s*default\\s+("(?:[^"\\\\]|\\\\.)*"|'[^']*'|[\\w./:-]+))?\\s*-?\\}\\}` +
    `|\\$\\{(?:env:)?(${NAME})(?::-([^}]*))?\\}`,
  "g",
);
/** What looks like a variable and is none. */
const NEARLY = /\{\{|\$\{/;
/** The forms that are understood, for hints. */
export const VARIABLE_FORMS = `{{ .NAME }}, {{ .NAME | default "x" }}, \${NAME} or \${NAME:-x}`;

/** Splits a text into what stands there and the variables in it. */
export function parseVariables(text: string): Parsed {
  const parts: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const before = text.slice(at, match.index);
    if (NEARLY.test(before)) break;
    if (before !== "") parts.push({ kind: "text", text: before });
    const fallback = match[2] === undefined ? (match[4] ?? null) : unquoted(match[2]);
    parts.push({ kind: "variable", name: match[1] ?? match[3] ?? "", fallback });
    at = match.index + match[0].length;
  }
  const rest = text.slice(at);
  const near = NEARLY.exec(rest);
  if (near) return { ok: false, message: `is no variable: "${near[0]}" opens one`, offset: at + near.index };
  if (rest !== "") parts.push({ kind: "text", text: rest });
  return { ok: true, parts };
}

/** Every text of a value with its pointer. */
export function textsIn(
  value: JsonValue,
  pointer: string,
): readonly { readonly text: string; readonly pointer: string }[] {
  if (typeof value === "string") return [{ text: value, pointer }];
  if (isList(value)) return value.flatMap((item, index) => textsIn(item, pointerTo(pointer, index)));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, pointerTo(pointer, key)));
}

/** The variables a text needs and has no fallback for. */
export function requiredVariables(text: string): readonly string[] {
  const parsed = parseVariables(text);
  return parsed.ok
    ? parsed.parts.flatMap((part) => (part.kind === "variable" && part.fallback === null ? [part.name] : []))
    : [];
}

/** A text with its variables in place; a value is never expanded twice. Notes the names of those that are missing. */
export function fillVariables(
  text: string,
  lookup: Lookup,
  found: { readonly missing: Set<string>; readonly values: Map<string, string> },
): string {
  const parsed = parseVariables(text);
  if (!parsed.ok) return text;
  return parsed.parts
    .map((part) => {
      if (part.kind === "text") return part.text;
      const value = lookup(part.name);
      if (value !== undefined) found.values.set(part.name, value);
      else if (part.fallback === null) found.missing.add(part.name);
      return value ?? part.fallback ?? "";
    })
    .join("");
}

function unquoted(text: string): string {
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(.)/g, "$1");
  return text.startsWith("'") ? text.slice(1, -1) : text;
}
