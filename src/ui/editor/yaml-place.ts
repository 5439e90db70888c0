/** One step from the document to a place in it: a mapping with its names, or any item of a list. */
export type Frame =
  | {
      readonly in: "map";
      /** The name that leads further in; null at the end. */
      readonly key: string | null;
      /** What else stands in the mapping, as far as it is a scalar; others have an empty text. */
      readonly names: ReadonlyMap<string, string>;
    }
  | { readonly in: "list" };

export type YamlPlace = {
  readonly frames: readonly Frame[];
  /** Whether a name is written here, or the value of one. */
  readonly is: "name" | "value";
  /** The names of the states that can be led to from here. */
  readonly targets: readonly string[];
};

/** A mark of the text by which it is known what lies within what. */
type Token =
  | { readonly is: "item"; readonly line: number; readonly column: number }
  | {
      readonly is: "name";
      readonly line: number;
      readonly column: number;
      readonly name: string;
      readonly value: string;
    }
  | { readonly is: "flow"; readonly line: number; readonly column: number; readonly text: string };

const NAME = /^(["']?)([\w$.-]+)\1\s*:(?=\s|$)\s*/;

/**
 * Where in a YAML text a position is, told by indentation and brackets alone: a text that is being written is seldom
 * right. Brackets are followed within one line. Null where nothing can be said: in comments and texts of many lines.
 */
export function placeIn(text: string, offset: number): YamlPlace | null {
  const lines = text.split("\n");
  const before = text.slice(0, offset).split("\n");
  const line = before.length - 1;
  const head = before[line] ?? "";
  if (/(^|\s)#/.test(unquoted(head)) || isInBlockText(lines, line)) return null;
  const tokens = tokensOf(lines);
  const open = openBrackets(head);
  const [first] = open;
  const block = first === undefined ? head : head.slice(0, first.at);
  const around = blockFrames(tokens, line, block, first !== undefined);
  const inner = open.map(({ at, bracket }, index): Frame => {
    if (bracket === "[") return { in: "list" };
    const next = open[index + 1];
    const key = next ? nameBefore(head.slice(at + 1, next.at)) : nameBefore(head.slice(at + 1));
    return { in: "map", key, names: namesInFlow((lines[line] ?? "").slice(at + 1)) };
  });
  const frames = [...around, ...inner];
  const last = frames.at(-1);
  const is = last?.in === "map" && last.key === null ? "name" : "value";
  return { frames, is, targets: targetsFor(tokens, line, frames) };
}

function tokensOf(lines: readonly string[]): readonly Token[] {
  return lines.flatMap((text, line) => {
    const found: Token[] = [];
    let column = text.search(/\S/);
    if (column === -1 || text[column] === "#") return [];
    while (/^-(\s|$)/.test(text.slice(column))) {
      found.push({ is: "item", line, column });
      const rest = text.slice(column + 1).search(/\S/);
      if (rest === -1) return found;
      column += 1 + rest;
    }
    const rest = text.slice(column);
    const name = NAME.exec(rest);
    if (name?.[2])
      found.push({ is: "name", line, column, name: name[2], value: scalar(rest.slice(name[0].length)) });
    else if (rest.startsWith("{")) found.push({ is: "flow", line, column, text: rest.slice(1) });
    return found;
  });
}

/** What lies around a place in the block style; `hasBracket`: the place is within a bracket behind `head`. */
function blockFrames(
  tokens: readonly Token[],
  line: number,
  head: string,
  hasBracket: boolean,
): readonly Frame[] {
  const frames: Frame[] = [];
  const dashes = /^(\s*)((?:-\s+)*)/.exec(head);
  const lead = dashes?.[0].length ?? 0;
  const rest = head.slice(lead);
  const key = NAME.exec(rest)?.[2] ?? null;
  let limit = lead;
  // A bracket right behind a dash is an item: it has no mapping in the block style.
  if (!(hasBracket && key === null)) frames.unshift(mapFrame(tokens, line, limit, key));
  for (let index = lastBefore(tokens, line, limit); index >= 0; index--) {
    const token = tokens[index];
    if (!token || token.is === "flow") continue;
    if (token.is === "item" && token.column < limit) {
      frames.unshift({ in: "list" });
      // Its list may stand as far left as the name it belongs to.
      limit = token.column + 1;
      index = skipItems(tokens, index, token.column);
      const parent = tokens[index];
      if (parent?.is === "name" && parent.column <= token.column) {
        frames.unshift(mapFrame(tokens, parent.line, parent.column, parent.name));
        limit = parent.column;
      }
    } else if (token.is === "name" && token.column < limit) {
      frames.unshift(mapFrame(tokens, token.line, token.column, token.name));
      limit = token.column;
    }
  }
  return frames;
}

/** The last token before a place: on an earlier line, or a dash to the left of it. */
function lastBefore(tokens: readonly Token[], line: number, column: number): number {
  return tokens.findLastIndex(
    (token) => token.line < line || (token.line === line && token.is === "item" && token.column < column),
  );
}

/** From an item back to what its list belongs to. */
function skipItems(tokens: readonly Token[], from: number, column: number): number {
  let index = from - 1;
  for (; index >= 0; index--) {
    const token = tokens[index];
    if (!token || token.column > column || (token.is === "item" && token.column === column)) continue;
    break;
  }
  return index;
}

/** The mapping whose names stand at a column around a line. */
function mapFrame(tokens: readonly Token[], line: number, column: number, key: string | null): Frame {
  const names = new Map<string, string>();
  const take = (token: Token | undefined) => {
    if (!token || token.column < column) return false;
    if (token.is === "name" && token.column === column && token.line !== line)
      names.set(token.name, token.value);
    return true;
  };
  const at = tokens.findIndex((token) => token.line >= line);
  const first = at === -1 ? tokens.length : at;
  // The dash of an item begins its mapping: what stands before it is another's.
  const own = tokens.some((token) => token.is === "item" && token.line === line && token.column < column);
  if (!own) for (let index = first - 1; index >= 0 && take(tokens[index]); index--);
  for (let index = first; index < tokens.length; index++) {
    const token = tokens[index];
    if (token?.line === line) continue;
    if (!take(token)) break;
  }
  return { in: "map", key, names };
}

function openBrackets(head: string): readonly { readonly at: number; readonly bracket: "{" | "[" }[] {
  const open: { at: number; bracket: "{" | "[" }[] = [];
  const text = unquoted(head);
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    // Behind a template's braces nothing of the language lies.
    if (char === "{" || char === "[") open.push({ at, bracket: char });
    else if (char === "}" || char === "]") open.pop();
  }
  return open;
}

/** The name whose value is written at the end of a part of a mapping in braces; null where a name is. */
function nameBefore(part: string): string | null {
  const own = lastPart(part).trimStart();
  return NAME.exec(own)?.[2] ?? null;
}

function lastPart(text: string): string {
  let depth = 0;
  let from = 0;
  const plain = unquoted(text);
  for (let at = 0; at < plain.length; at++) {
    const char = plain[at];
    if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    else if (char === "," && depth === 0) from = at + 1;
  }
  return text.slice(from);
}

/** The names of a mapping in braces, with their scalars; `text` begins behind the brace. */
function namesInFlow(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const plain = unquoted(text);
  let depth = 0;
  let from = 0;
  const take = (to: number) => {
    const part = text.slice(from, to).trimStart();
    const name = NAME.exec(part);
    if (name?.[2]) names.set(name[2], scalar(part.slice(name[0].length)));
    from = to + 1;
  };
  for (let at = 0; at < plain.length; at++) {
    const char = plain[at];
    if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && depth-- === 0) {
      take(at);
      return names;
    } else if (char === "," && depth === 0) take(at);
  }
  take(plain.length);
  return names;
}

/** The states in the list around a place, or of the workflow where it is in none. */
function targetsFor(tokens: readonly Token[], line: number, frames: readonly Frame[]): readonly string[] {
  const isWithin = frames.some(
    (frame, index) => frame.in === "map" && frame.key === "states" && frames[index + 1],
  );
  const list = tokens.findLastIndex(
    (token) =>
      token.is === "name" && token.name === "states" && (isWithin ? token.line < line : token.column === 0),
  );
  const around = enclosing(tokens, list, line, isWithin);
  const parent = tokens[around];
  if (!parent) return [];
  const names: string[] = [];
  let column: number | null = null;
  for (let index = around + 1; index < tokens.length; index++) {
    const token = tokens[index];
    if (!token || token.column < parent.column || (token.column === parent.column && token.is !== "item"))
      break;
    if (token.is !== "item") continue;
    column ??= token.column;
    if (token.column === column) names.push(...nameOfItem(tokens, index));
  }
  return names;
}

/** Of several lists of states before a line, the one that the line lies in. */
function enclosing(tokens: readonly Token[], from: number, line: number, isWithin: boolean): number {
  if (!isWithin) return from;
  const next = (index: number) => {
    const { column = 0 } = tokens[index] ?? {};
    return tokens.findIndex(
      (token, at) =>
        at > index && (token.column < column || (token.column === column && token.is !== "item")),
    );
  };
  for (let index = from; index >= 0; index--) {
    const token = tokens[index];
    if (token?.is !== "name" || token.name !== "states") continue;
    const end = next(index);
    if (end === -1 || (tokens[end]?.line ?? 0) > line) return index;
  }
  return -1;
}

function nameOfItem(tokens: readonly Token[], item: number): readonly string[] {
  const dash = tokens[item];
  const first = tokens[item + 1];
  if (!dash || !first || first.column <= dash.column) return [];
  if (first.is === "flow") {
    const names = namesInFlow(first.text);
    const name = names.get("name") ?? names.get("id");
    return name ? [name] : [];
  }
  for (let index = item + 1; index < tokens.length; index++) {
    const token = tokens[index];
    if (!token || token.column <= dash.column) break;
    if (token.is === "name" && token.column === first.column && /^(name|id)$/.test(token.name) && token.value)
      return [token.value];
  }
  return [];
}

/** A scalar's text; empty for what is none. */
function scalar(text: string): string {
  const plain = text.replace(/\s#.*$/, "").trim();
  const quoted = /^(["'])(.*)\1$/.exec(plain);
  if (quoted) return quoted[2] ?? "";
  return /^[{[|>&*]/.test(plain) ? "" : plain;
}

/** The same text with what is in quotes and templates blanked, so that only the language's own marks are left. */
function unquoted(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"?|'[^']*'?|\{\{.*?(?:\}\}|$)/g, (part) => "·".repeat(part.length));
}

/** Whether a line belongs to a text that goes over several lines. */
function isInBlockText(lines: readonly string[], line: number): boolean {
  let limit = lines[line]?.search(/\S/) ?? -1;
  if (limit === -1) limit = Number.POSITIVE_INFINITY;
  for (let index = line - 1; index >= 0; index--) {
    const text = lines[index] ?? "";
    const column = text.search(/\S/);
    if (column === -1 || column >= limit) continue;
    if (/[:-]\s+[|>][+-]?\d*\s*$/.test(text)) return limit !== Number.POSITIVE_INFINITY;
    limit = column;
  }
  return false;
}
