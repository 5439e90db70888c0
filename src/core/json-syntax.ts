/** Where a text stops being JSON, and why; lines and columns count from 1. */
export type SyntaxFault = { readonly message: string; readonly line: number; readonly column: number };

/** Parses JSON. `JSON.parse` tells the position of some faults only; here every fault has one. */
export function parseJson(text: string): { readonly value: unknown } | { readonly fault: SyntaxFault } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    const at = firstFault(text);
    const before = text.slice(0, at).split("\n");
    return {
      fault: {
        message: `not JSON: ${foundAt(text, at)}`,
        line: before.length,
        column: (before.at(-1)?.length ?? 0) + 1,
      },
    };
  }
}

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
