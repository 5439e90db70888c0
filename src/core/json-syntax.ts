import type { JsonValue } from "./json.ts";

/** Where a text is not the JSON it should be, and why; lines and columns count from 1. */
export type SyntaxFault = { readonly message: string; readonly line: number; readonly column: number };

/**
 * Parses JSON. `JSON.parse` tells the position of some faults only; here every fault has one. Nor is anything else taken
 * for what was written: an integer that no number holds is a fault.
 */
export function parseJson(text: string): { readonly value: JsonValue } | { readonly fault: SyntaxFault } {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    const at = firstFault(text);
    return { fault: faultAt(text, at, `not JSON: ${foundAt(text, at)}`) };
  }
  const rounded = firstRounded(text);
  return rounded ? { fault: faultAt(text, rounded.at, roundedMessage(rounded.digits)) } : { value };
}

/** What `parseJson` has against the integers of a text that is JSON; null when all are kept as they are. */
export function integerFault(text: string): string | null {
  const rounded = firstRounded(text);
  return rounded && roundedMessage(rounded.digits);
}

function roundedMessage(digits: string): string {
  const shown = digits.length > 40 ? `${digits.slice(0, 40)}…` : digits;
  return `not kept as it is: ${shown} would become ${Number(digits)}; write it as a text, in quotes`;
}

function faultAt(text: string, at: number, message: string): SyntaxFault {
  const before = text.slice(0, at).split("\n");
  return { message, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** So many digits in a row may be more than a number keeps. */
const MANY_DIGITS = /\d{16}/;

/**
 * The first integer of a JSON text that would be another as a number: of ids that long, two would become one. Goes letter
 * by letter: a pattern for a text of some megabytes is more than the stack takes.
 */
function firstRounded(text: string): { readonly at: number; readonly digits: string } | null {
  if (!MANY_DIGITS.test(text)) return null;
  for (let at = 0; at < text.length; ) {
    if (text[at] === '"') at = behindText(text, at);
    else if (isOfNumber(text, at)) {
      const from = at;
      let isInteger = true;
      for (; isOfNumber(text, at); at++) if (at > from && !isDigit(text, at)) isInteger = false;
      const digits = text.slice(from, at);
      if (isInteger && String(Number(digits)) !== digits && MANY_DIGITS.test(digits))
        return { at: from, digits };
    } else at++;
  }
  return null;
}

function behindText(text: string, quote: number): number {
  let at = quote + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

const isDigit = (text: string, at: number) => text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57;

/** In JSON outside of its texts `e` is also a letter of words; none of them has a digit. */
const isOfNumber = (text: string, at: number) =>
  isDigit(text, at) || (at < text.length && "-+.eE".includes(text.charAt(at)));

function foundAt(text: string, at: number): string {
  if (at >= text.length) return "it ends too early";
  const char = text.charAt(at);
  return char === '"' ? "a string is misplaced, not closed or badly written" : `"${char}" is misplaced`;
}

const BLANK = /[ \t\n\r]*/y;
const STRING = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Expected = "value" | "value-or-end" | "key" | "key-or-end" | "colon" | "comma" | "nothing";

/** The offset of the first token that cannot stand where it stands; the text's end when it ends too early. */
export function firstFault(text: string): number {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = 0;
  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found !== null && found[0] !== "";
  };
  const closed = (): Expected => (open.length === 0 ? "nothing" : "comma");
  for (;;) {
    match(BLANK);
    const char = text.charAt(at);
    const top = open.at(-1);
    const mayEnd = expected === "comma" || expected === "value-or-end" || expected === "key-or-end";
    if (mayEnd && ((char === "}" && top === "{") || (char === "]" && top === "["))) {
      open.pop();
      at++;
      expected = closed();
    } else if (expected === "comma" && char === ",") {
      at++;
      expected = top === "{" ? "key" : "value";
    } else if (expected === "colon" && char === ":") {
      at++;
      expected = "value";
    } else if ((expected === "key" || expected === "key-or-end") && match(STRING)) {
      expected = "colon";
    } else if ((expected === "value" || expected === "value-or-end") && (char === "{" || char === "[")) {
      open.push(char);
      at++;
      expected = char === "{" ? "key-or-end" : "value-or-end";
    } else if ((expected === "value" || expected === "value-or-end") && (match(STRING) || match(SCALAR))) {
      expected = closed();
    } else return at;
  }
}
