/** What the names of a jq expression mean where it stands, as Starlark. */
export type Names = {
  /** What `.` is. */
  readonly dot: string;
  /** `$name` by name, without the `$`. */
  readonly variables: Readonly<Record<string, string>>;
};

export type Translated =
  | { readonly ok: true; readonly text: string; readonly usesDot: boolean }
  /** `offset` counts characters from 0. */
  | { readonly ok: false; readonly offset: number; readonly message: string };

const TOKEN =
  /\s*(?:(\.(?![\w"[])|\.[A-Za-z_]\w*|\.(?="|\[))|(\$[A-Za-z_]\w*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\d+(?:\.\d+)?)|(==|!=|<=|>=|<|>|\+|-|\*|\/\/|\/|%|\(|\)|\[|\]|,|\|)|([A-Za-z_]\w*))/y;
const WORDS: Readonly<Record<string, string>> = {
  and: "and",
  or: "or",
  true: "True",
  false: "False",
  null: "None",
};

/** A jq expression in Starlark: paths, variables, literals, comparison, arithmetic, `and`, `or`, `not`, `length`. */
export function toStarlark(jq: string, names: Names): Translated {
  const parts: string[] = [];
  let usesDot = false;
  TOKEN.lastIndex = 0;
  let at = 0;
  while (jq.slice(at).trim() !== "") {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(jq);
    const start = at + (/^\s*/.exec(jq.slice(at))?.[0].length ?? 0);
    if (!match) return failed(start, `"${jq.slice(start, start + 10)}" has no counterpart in Starlark`);
    const [whole, dot, variable, text, number, sign, word] = match;
    at += whole.length;
    const isBelow = parts.length > 0 && /[\w\])"]$/.test(parts.at(-1) ?? "") && !/\s/.test(whole.charAt(0));
    if (dot !== undefined) {
      if (isBelow && dot !== ".") parts.push(dot);
      else if (!isBelow) {
        usesDot = true;
        parts.push(dot === "." ? names.dot : `${names.dot}${dot}`);
      } else if (!/^[["]/.test(jq.slice(at))) return failed(start, `"." is not expected here`);
      if (dot === "." && jq.charAt(at) === '"') {
        const key = /^"(?:[^"\\]|\\.)*"/.exec(jq.slice(at))?.[0] ?? "";
        parts.push(`[${key}]`);
        at += key.length;
      }
    } else if (variable !== undefined) {
      const name = variable.slice(1);
      const meant = Object.hasOwn(names.variables, name) ? names.variables[name] : undefined;
      if (meant === undefined) return failed(start, `${variable} has no counterpart here`);
      if (meant === names.dot) usesDot = true;
      parts.push(meant);
    } else if (text !== undefined) {
      if (text.includes("\\("))
        return failed(start, "text with \\( ) has no counterpart; put it together with +");
      parts.push(text);
    } else if (number !== undefined) parts.push(number);
    else if (sign === "|") {
      const rest = /^\s*(length|not)\b/.exec(jq.slice(at));
      if (!rest) return failed(start, "a pipe has no counterpart, except to length and not");
      const group = parts.splice(groupStart(parts));
      if (group.length === 0) return failed(start, "nothing goes into the pipe");
      if (isList(group)) return failed(start, "a pipe behind a comma has no counterpart");
      at += rest[0].length;
      const before = joined(group);
      parts.push(rest[1] === "length" ? `len(${before})` : `not (${before})`);
    } else if (sign === "//") return failed(start, 'the operator "//" has no counterpart');
    else if (sign !== undefined) parts.push(sign);
    else if (word !== undefined) {
      const meant = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
      if (meant === undefined) return failed(start, `"${word}" has no counterpart in Starlark`);
      parts.push(meant);
    }
  }
  if (parts.length === 0) return failed(0, "the expression is empty");
  return { ok: true, text: joined(parts), usesDot };
}

/** Where the group begins that is still open: a pipe takes what stands before it there, and no more. */
function groupStart(parts: readonly string[]): number {
  let depth = 0;
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index];
    if (part === ")" || part === "]") depth++;
    else if ((part === "(" || part === "[") && depth-- === 0) return index + 1;
  }
  return 0;
}

/** True for several values with commas between them. */
function isList(group: readonly string[]): boolean {
  return group.some((part, index) => part === "," && groupStart(group.slice(0, index)) === 0);
}

function failed(offset: number, message: string): Translated {
  return { ok: false, offset, message };
}

/** Paths stay together, everything else gets spaces. */
function joined(parts: readonly string[]): string {
  return parts
    .reduce((text, part) => {
      const sticks =
        part.startsWith(".") ||
        part === "]" ||
        part === ")" ||
        part === "," ||
        text.endsWith("[") ||
        text.endsWith("(");
      const opens = part === "[" || (part.startsWith("[") && part.length > 1);
      return text === "" ? part : sticks || opens ? `${text}${part}` : `${text} ${part}`;
    }, "")
    .trim();
}
