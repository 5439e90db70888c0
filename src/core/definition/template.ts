import { isList, isObject, type JsonValue } from "../json.ts";
import { parsePath, type RootedPath } from "../path.ts";

/** What a string of a definition is made of. `offset` is where the expression starts, in UTF-16 units. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "path"; readonly path: RootedPath; readonly text: string; readonly offset: number }
  | { readonly kind: "expression"; readonly text: string; readonly offset: number };

export type Template =
  | { readonly ok: true; readonly parts: readonly TemplatePart[] }
  | { readonly ok: false; readonly message: string; readonly offset: number };

const cache = new Map<string, Template>();

/**
 * Splits a string at `{{ expr }}` and `${expr}`; `$.a.b` alone is a path. The end of an expression is found by
 * reading Starlark strings and brackets, so a `}}` inside a string or a dict is not the end.
 */
export function parseTemplate(text: string): Template {
  const known = cache.get(text);
  if (known) return known;
  const parsed = parse(text);
  if (cache.size >= 4096) cache.clear();
  cache.set(text, parsed);
  return parsed;
}

/** True when the string is more than text. */
export function isTemplate(text: string): boolean {
  const template = parseTemplate(text);
  return !template.ok || template.parts.some((part) => part.kind !== "text");
}

/** All strings of a value that are templates, in reading order. */
export function templatesIn(value: JsonValue): readonly string[] {
  if (typeof value === "string") return isTemplate(value) ? [value] : [];
  if (isList(value)) return value.flatMap(templatesIn);
  if (isObject(value)) return Object.values(value).flatMap(templatesIn);
  return [];
}

function parse(text: string): Template {
  if (text.startsWith("$.")) {
    const path = parsePath(text);
    if (path) return { ok: true, parts: [{ kind: "path", path, text, offset: 0 }] };
  }
  const parts: TemplatePart[] = [];
  const marks = [new Mark(text, "{{", "}}"), new Mark(text, "${", "}")] as const;
  let from = 0;
  for (;;) {
    const open = nextOpening(marks, from);
    if (open === null) break;
    const end = closing(text, open.start, open.close);
    if (end === null)
      return { ok: false, message: `"${open.mark}" is never closed by "${open.close}"`, offset: open.at };
    if (open.at > from) parts.push({ kind: "text", text: text.slice(from, open.at) });
    const body = text.slice(open.start, end);
    const expression = body.trim();
    if (expression === "")
      return { ok: false, message: `"${open.mark}${body}${open.close}" is empty`, offset: open.at };
    const offset = open.start + body.indexOf(expression);
    parts.push(partOf(expression, offset));
    from = end + open.close.length;
  }
  if (from < text.length || parts.length === 0) parts.push({ kind: "text", text: text.slice(from) });
  return { ok: true, parts };
}

const WORDS = new Set(["true", "false", "null", "True", "False", "None", "now", "json"]);

/** The path that an expression is when it is nothing else: that is read without evaluating anything. */
export function pathOfExpression(text: string): RootedPath | null {
  return WORDS.has(text.trim()) ? null : parsePath(text);
}

function partOf(text: string, offset: number): TemplatePart {
  const path = pathOfExpression(text);
  return path ? { kind: "path", path, text, offset } : { kind: "expression", text, offset };
}

/** Where a mark comes next in a text; however often that is asked, the text is looked through once. */
class Mark {
  readonly mark: string;
  readonly close: string;
  readonly #text: string;
  #at: number;

  constructor(text: string, mark: string, close: string) {
    this.mark = mark;
    this.close = close;
    this.#text = text;
    this.#at = text.indexOf(mark);
  }

  /** The first at or behind `from`, which never goes back; endless when there is none. */
  next(from: number): number {
    if (this.#at !== -1 && this.#at < from) this.#at = this.#text.indexOf(this.mark, from);
    return this.#at === -1 ? Number.POSITIVE_INFINITY : this.#at;
  }
}

function nextOpening([braces, dollar]: readonly [Mark, Mark], from: number) {
  const first = braces.next(from) < dollar.next(from) ? braces : dollar;
  const at = first.next(from);
  const { mark, close } = first;
  return at === Number.POSITIVE_INFINITY ? null : { mark, close, at, start: at + mark.length };
}

/** Where the expression that starts at `from` ends: the first `close` outside of strings and brackets. */
function closing(text: string, from: number, close: string): number | null {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (depth === 0 && text.startsWith(close, i)) return i;
    if (char === '"' || char === "'") {
      const end = endOfString(text, i);
      if (end === null) return null;
      i = end;
    } else if (char === "(" || char === "[" || char === "{") depth++;
    else if ((char === ")" || char === "]" || char === "}") && depth > 0) depth--;
  }
  return null;
}

/** The index of the last quote of the Starlark string that starts at `at`. */
function endOfString(text: string, at: number): number | null {
  const quote = text[at] ?? "";
  const mark = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
  for (let i = at + mark.length; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text.startsWith(mark, i)) return i + mark.length - 1;
  }
  return null;
}
