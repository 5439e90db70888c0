/** What the names of a jq expression mean where it stands, as Starlark. */
export type Names = {
  /** What `.` is. */
  readonly dot: string;
  /** `$name` by name, without the `$`. */
  readonly variables: Readonly<Record<string, string>>;
};

export type Translated =
  | { readonly ok: true; readonly text: string }
  /** `offset` counts characters from 0. */
  | { readonly ok: false; readonly offset: number; readonly message: string };

/**
 * A jq expression in Starlark: paths, variables, literals, comparison, arithmetic, `and`, `or`, `not`, `length`. As a
 * `truth` it is True or False as jq would have it, for which only `null` and `false` are not true.
 */
export function toStarlark(jq: string, names: Names, as: "value" | "truth"): Translated {
  const read = tokensOf(jq);
  if ("message" in read) return read;
  const { tokens } = read;
  let at = 0;
  let refusal: Refusal | null = null;

  const peek = () => tokens[at];
  const isNext = (...texts: readonly string[]) => texts.includes(peek()?.text ?? "");
  const take = (...texts: readonly string[]) => (isNext(...texts) ? tokens[at++]?.text : undefined);
  /** The first refusal counts; nothing is read behind it. */
  const refuse = (message: string, offset = peek()?.offset ?? jq.trimEnd().length): Term => {
    refusal ??= { ok: false, offset, message };
    at = tokens.length;
    return NONE;
  };
  const expect = (text: string) => {
    if (take(text) === undefined)
      refuse(peek() ? `"${peek()?.text}" is not expected here` : `"${text}" is missing`);
  };

  /** Several values with commas between them; behind a pipe `.` is what went into it. */
  const values = (dot: Term): readonly Term[] => {
    const found = [disjunction(dot)];
    while (take(",")) found.push(disjunction(dot));
    const offset = peek()?.offset;
    if (!take("|")) return found;
    const [piped = NONE, ...others] = found;
    if (others.length > 0) refuse("a pipe behind a comma has no counterpart", offset);
    if (!PIPED.has(peek()?.text ?? "")) refuse("a pipe has no counterpart, except to length and not", offset);
    return values(piped);
  };
  const value = (dot: Term): Term => {
    const offset = peek()?.offset;
    const [first = NONE, ...others] = values(dot);
    return others.length > 0 ? refuse("several values have no counterpart, except in a list", offset) : first;
  };
  const disjunction = (dot: Term): Term => {
    let left = conjunction(dot);
    while (take("or")) left = binary(truthOf(left), "or", truthOf(conjunction(dot)), BINDS.or, true);
    return left;
  };
  const conjunction = (dot: Term): Term => {
    let left = comparison(dot);
    while (take("and")) left = binary(truthOf(left), "and", truthOf(comparison(dot)), BINDS.and, true);
    return left;
  };
  const comparison = (dot: Term): Term => {
    const left = sum(dot);
    const operator = take("==", "!=", "<=", ">=", "<", ">");
    if (operator === undefined) return left;
    const compared = binary(left, operator, sum(dot), BINDS.comparison, true);
    return isNext("==", "!=", "<=", ">=", "<", ">")
      ? refuse(`"${peek()?.text}" is not expected here`)
      : compared;
  };
  const sum = (dot: Term): Term => {
    let left = take("-") ? negated(product(dot)) : product(dot);
    for (let operator = take("+", "-"); operator !== undefined; operator = take("+", "-"))
      left = binary(left, operator, product(dot), BINDS.sum, false);
    return left;
  };
  const product = (dot: Term): Term => {
    let left = path(dot);
    for (let operator = take("*", "/", "%"); operator !== undefined; operator = take("*", "/", "%"))
      left = binary(left, operator, path(dot), BINDS.product, false);
    return left;
  };
  const path = (dot: Term): Term => {
    let below = beginning(dot);
    for (;;) {
      const next = peek();
      if (next?.is === "field") {
        at++;
        below = atom(`${within(below, BINDS.atom)}${fieldOf(next.text.slice(1))}`);
      } else if (next?.text === "." && tokens[at + 1]?.is === "text") {
        at++;
        below = atom(`${within(below, BINDS.atom)}[${tokens[at++]?.text}]`);
      } else if (next?.text === "." && tokens[at + 1]?.text === "[") at++;
      else if (next?.text === "[") {
        at++;
        below = isNext("]")
          ? refuse("going through all items has no counterpart: `for` has")
          : atom(`${within(below, BINDS.atom)}[${value(dot).text}]`);
        expect("]");
      } else return below;
    }
  };
  const beginning = (dot: Term): Term => {
    const token = peek();
    if (!token) return refuse("something is missing at the end");
    if (token.is === "field") return dot;
    const next = tokens[at + 1];
    if (token.is === "dot" && (next?.is === "text" || next?.text === "[")) return dot;
    at++;
    switch (token.is) {
      case "dot":
        return dot;
      case "variable": {
        const name = token.text.slice(1);
        const meant = Object.hasOwn(names.variables, name) ? names.variables[name] : undefined;
        return meant === undefined
          ? refuse(`${token.text} has no counterpart here`, token.offset)
          : atom(meant);
      }
      case "text":
      case "number":
        return atom(token.text);
      case "word":
        return word(token, dot);
      case "sign":
        break;
    }
    if (token.text === "(") {
      const inside = value(dot);
      expect(")");
      return inside;
    }
    if (token.text !== "[") return refuse(`"${token.text}" is not expected here`, token.offset);
    const items = isNext("]") ? [] : values(dot);
    expect("]");
    return atom(`[${items.map(({ text }) => text).join(", ")}]`);
  };
  const word = ({ text, offset }: Token, dot: Term): Term => {
    const below = peek();
    if (PIPED.has(text) && (below?.is === "field" || below?.is === "dot" || below?.text === "["))
      return refuse(`what "${text}" is of stands in front of it: (.a | ${text})`, offset);
    if (text === "length") return atom(`len(${dot.text})`);
    if (text === "not") return negation(dot);
    const literal = Object.hasOwn(LITERALS, text) ? LITERALS[text] : undefined;
    return literal ?? refuse(`"${text}" has no counterpart in Starlark`, offset);
  };

  if (tokens.length === 0) return { ok: false, offset: 0, message: "the expression is empty" };
  const found = value(atom(names.dot));
  if (peek()) refuse(`"${peek()?.text}" is not expected here`);
  return refusal ?? { ok: true, text: (as === "truth" ? truthOf(found) : found).text };
}

type Refusal = Extract<Translated, { readonly ok: false }>;

/** A part of the translation: how tightly its outermost operator binds, and whether it can only be True or False. */
type Term = { readonly text: string; readonly binds: number; readonly isTruth: boolean };

/** Starlark's operators, loosest first; jq's have the same order. */
const BINDS = { or: 0, and: 1, not: 2, comparison: 3, sum: 4, product: 5, sign: 6, atom: 7 } as const;

const NONE = atom("None");
/** They take what goes into them by a pipe. */
const PIPED: ReadonlySet<string> = new Set(["length", "not"]);
/** Names of fields that are words of Starlark's own. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    "and as assert async await break class continue def del elif else except finally for from global if import in is " +
    "lambda load nonlocal not or pass raise return try while with yield"
  ).split(" "),
);
const LITERALS: Readonly<Record<string, Term>> = {
  true: { ...atom("True"), isTruth: true },
  false: { ...atom("False"), isTruth: true },
  null: NONE,
};

function atom(text: string): Term {
  return { text, binds: BINDS.atom, isTruth: false };
}

function fieldOf(name: string): string {
  return RESERVED.has(name) ? `["${name}"]` : `.${name}`;
}

function binary(left: Term, operator: string, right: Term, binds: number, isTruth: boolean): Term {
  const isChained = binds !== BINDS.comparison;
  const text = `${within(left, isChained ? binds : binds + 1)} ${operator} ${within(right, binds + 1)}`;
  return { text, binds, isTruth };
}

function negated(term: Term): Term {
  return { text: `-${within(term, BINDS.sign)}`, binds: BINDS.sign, isTruth: false };
}

/** In parentheses where it binds more loosely than its place does. */
function within({ text, binds }: Term, place: number): string {
  return binds < place ? `(${text})` : text;
}

/** Whether jq takes it for true: also 0, "" and [], which Starlark does not. */
function truthOf(term: Term): Term {
  if (term.isTruth) return term;
  return { text: `${within(term, BINDS.sum)} not in [None, False]`, binds: BINDS.comparison, isTruth: true };
}

function negation(term: Term): Term {
  return term.isTruth
    ? { text: `not ${within(term, BINDS.not)}`, binds: BINDS.not, isTruth: true }
    : { text: `${within(term, BINDS.sum)} in [None, False]`, binds: BINDS.comparison, isTruth: true };
}

type Token = {
  readonly is: "field" | "dot" | "variable" | "text" | "number" | "sign" | "word";
  readonly text: string;
  readonly offset: number;
};

const TOKEN =
  /(?<field>\.[A-Za-z_]\w*)|(?<dot>\.)|(?<variable>\$[A-Za-z_]\w*)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<number>\d+(?:\.\d+)?)|(?<sign>==|!=|<=|>=|<|>|\+|-|\*|\/\/|\/|%|\(|\)|\[|\]|,|\|)|(?<word>[A-Za-z_]\w*)/y;

function tokensOf(jq: string): { readonly tokens: readonly Token[] } | Refusal {
  const tokens: Token[] = [];
  for (let offset = 0; offset < jq.length; ) {
    if (/\s/.test(jq.charAt(offset))) {
      offset++;
      continue;
    }
    TOKEN.lastIndex = offset;
    const groups = Object.entries(TOKEN.exec(jq)?.groups ?? {});
    const [is, text] = groups.find(([, found]) => found !== undefined) ?? [];
    const refuse = (message: string): Refusal => ({ ok: false, offset, message });
    if (is === undefined || text === undefined)
      return refuse(`"${jq.slice(offset, offset + 10)}" has no counterpart in Starlark`);
    if (text === "//") return refuse('the operator "//" has no counterpart');
    if (is === "text" && text.includes("\\("))
      return refuse("text with \\( ) has no counterpart; put it together with +");
    tokens.push({ is: is as Token["is"], text, offset });
    offset += text.length;
  }
  return { tokens };
}
