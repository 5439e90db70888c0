import { type Document, type ParsedNode, parseDocument } from "yaml";
import type { Diagnostic, Locate } from "../../core/definition/diagnostic.ts";
import type { JsonValue } from "../../core/json.ts";
import { firstFault } from "../../core/json-syntax.ts";
import { lineStarts, locator, placeOf, type Span } from "./places.ts";
import { plainValue } from "./plain-value.ts";

export type SourceFormat = "yaml" | "json";

/** The largest text that is read, in UTF-8 bytes. */
export const MAX_SOURCE_BYTES = 1_000_000;

/** How many syntax errors are worth showing: later ones are mostly echoes of the first. */
const MAX_SYNTAX_ERRORS = 5;

export type Source = {
  /** Absent when the text could not be read as one value. */
  readonly value?: JsonValue;
  readonly diagnostics: readonly Diagnostic[];
  readonly locate: Locate;
};

/**
 * Reads YAML or JSON text into a plain JSON value that knows where everything stood. Timestamps stay text, a number
 * as `version` is its source text, and two `task` keys in one map (PRD §3.4) become `action` and `task`. Whatever
 * JSON cannot hold, duplicate keys, several documents and aliases that grow without bound are errors.
 */
export function parseSource(source: string, format: SourceFormat): Source {
  const text = source.startsWith("\uFEFF") ? source.slice(1) : source;
  const starts = lineStarts(text);
  const bytes = Buffer.byteLength(text);
  const at = (start: number, end: number): Span => placeOf(text, starts, start, end);
  if (bytes > MAX_SOURCE_BYTES)
    return failed([
      problem("TOO_LARGE", `${bytes} bytes are more than the ${MAX_SOURCE_BYTES} allowed`, at(0, 0)),
    ]);

  const strict = format === "json" ? jsonProblem(text, at) : null;
  if (strict) return failed([strict]);
  const document = compose(text);
  if (!document) return failed([problem("SYNTAX", "nested too deeply", at(0, 0))]);
  const broken = syntaxProblems(document, text, at);
  if (broken.length > 0) return failed(broken);

  const diagnostics: Diagnostic[] = [];
  const { value, entries } = plainValue(document.contents, { diagnostics, at });
  const locate = locator(text, starts, entries);
  return diagnostics.length > 0 ? { diagnostics, locate } : { value, diagnostics, locate };
}

function failed(diagnostics: readonly Diagnostic[]): Source {
  return { diagnostics, locate: () => ({ line: 1, column: 1 }) };
}

function problem(code: Diagnostic["code"], message: string, place: Span, hint?: string): Diagnostic {
  const { line, column, endColumn } = place;
  return { code, severity: "error", path: "", line, column, endColumn, message, ...(hint && { hint }) };
}

function compose(text: string): Document.Parsed<ParsedNode> | null {
  try {
    return parseDocument(text, {
      schema: "core", // a `%YAML 1.1` line must not turn `yes` into true or dates into objects
      uniqueKeys: false, // theirs compares every key with every other; ours is a set
      resolveKnownTags: false,
      prettyErrors: false,
      logLevel: "error",
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A mark behind which no document begins, as Helm ends its files. */
const NOTHING = /^---(?:\s|#[^\n]*(?:\n|$))*$/;

function syntaxProblems(
  document: Document.Parsed<ParsedNode>,
  text: string,
  at: (start: number, end: number) => Span,
): readonly Diagnostic[] {
  const errors = [...document.errors, ...document.warnings]
    .filter(({ code, pos: [start] }) => code !== "MULTIPLE_DOCS" || !NOTHING.test(text.slice(start)))
    .sort((a, b) => a.pos[0] - b.pos[0]);
  const found = errors.slice(0, MAX_SYNTAX_ERRORS).map((error) => {
    const place = at(...error.pos);
    if (error.code === "MULTIPLE_DOCS")
      return problem("SYNTAX", "more than one document in one file", place, "keep one definition per file");
    return problem("SYNTAX", lowerFirst(error.message), place, hintFor(error.code, text, error.pos[0]));
  });
  // Of what is said of each word of a line once is enough.
  const said = ({ line, message }: Diagnostic) => `${line} ${message}`;
  return [...Map.groupBy(found, said).values()].flatMap(([first]) => first ?? []);
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function hintFor(code: string, text: string, at: number): string | undefined {
  if (code === "BLOCK_AS_IMPLICIT_KEY") return 'a text that contains ": " must be in quotes';
  if (code === "TAB_AS_INDENT") return "indent with spaces";
  if (code === "BAD_SCALAR_START") return "put the text in quotes";
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
  const [, start] = /(?:^|[:,[{-])\s+(\{\{|\*)/.exec(`${line}${text.slice(at, at + 2)}`) ?? [];
  return start === undefined ? undefined : `a text that starts with ${start} must be in quotes`;
}

/** What `JSON.parse` has against the text: YAML alone would accept more than JSON. */
function jsonProblem(text: string, at: (start: number, end: number) => Span): Diagnostic | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? firstFault(text));
    const plain = message.replace(/ at position.*$/s, "").replace(/, .*is not valid JSON$/s, " in JSON");
    return problem("SYNTAX", lowerFirst(plain), at(position, position + 1));
  }
}
