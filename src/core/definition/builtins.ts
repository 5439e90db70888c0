/** The functions that every expression has; data of such a name gives way to them in calls and in arguments. */
export const BUILTINS: ReadonlySet<string> = new Set([
  "abs",
  "all",
  "any",
  "bool",
  "bytes",
  "chr",
  "dict",
  "dir",
  "enumerate",
  "fail",
  "float",
  "getattr",
  "hasattr",
  "hash",
  "int",
  "json",
  "len",
  "list",
  "max",
  "min",
  "ord",
  "print",
  "range",
  "repr",
  "reversed",
  "set",
  "sorted",
  "str",
  "sum",
  "tuple",
  "type",
  "zip",
]);

/** A builtin's name that is an argument, and where it starts, in UTF-16 units. */
export type Argument = { readonly name: string; readonly offset: number };

type Token = { readonly text: string; readonly offset: number };

/**
 * The builtins that a Starlark text gives to others as arguments: `type` of `str(type)`. Not those that it means as
 * functions, `sorted(xs, key = len)`, and none whose name the text itself gives to something.
 */
export function builtinArguments(text: string): readonly Argument[] {
  const tokens = tokensOf(text);
  if (!tokens.some((token) => BUILTINS.has(token.text))) return [];
  const bound = boundNames(tokens);
  const found: Argument[] = [];
  const calls: (string | null)[] = [];
  for (const [index, token] of tokens.entries()) {
    if (isOpening(token)) calls.push(token.text === "(" ? calleeAt(tokens, index) : null);
    else if (isClosing(token)) calls.pop();
    const callee = calls.at(-1) ?? null;
    if (callee === null || (token.text !== "(" && token.text !== ",")) continue;
    const argument = argumentFrom(tokens, index + 1, callee);
    if (argument && BUILTINS.has(argument.text) && !bound.has(argument.text))
      found.push({ name: argument.text, offset: argument.offset });
  }
  return found;
}

/** Texts and comments first: what stands in them are no names. */
const TOKEN =
  /#[^\n]*|(?:\b[rb]{1,2})?(?:"""(?:\\.|[^\\])*?"""|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|[^\W\d]\w*|\d[\w.]*|[=!<>]=|\*\*|[^\s\w]/gs;

function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(TOKEN)].flatMap(({ 0: token, index }) =>
    token.startsWith("#") ? [] : [{ text: token, offset: index }],
  );
}

const isOpening = ({ text }: Token) => text === "(" || text === "[" || text === "{";
const isClosing = ({ text }: Token) => text === ")" || text === "]" || text === "}";

const WORDS = new Set(["and", "def", "elif", "else", "for", "if", "in", "lambda", "not", "or", "return"]);

/** What is called with the bracket at `index`: its last name, "" for the value of an expression; `null` where nothing is. */
function calleeAt(tokens: readonly Token[], index: number): string | null {
  const before = tokens[index - 1];
  if (!before || tokens[index - 2]?.text === "def") return null;
  if (before.text === ")" || before.text === "]") return "";
  return /^\w/.test(before.text) && !WORDS.has(before.text) ? before.text : null;
}

/** The functions whose `key` is one. */
const TAKES_KEY = ["max", "min", "sorted"];

/** The name that an argument is when it is nothing else: behind `name =` or stars, with brackets or without. */
function argumentFrom(tokens: readonly Token[], from: number, callee: string): Token | null {
  let at = from;
  if (tokens[at + 1]?.text === "=") {
    if (tokens[at]?.text === "key" && TAKES_KEY.includes(callee)) return null;
    at += 2;
  } else if (tokens[at]?.text === "*" || tokens[at]?.text === "**") at++;
  let open = 0;
  for (; tokens[at]?.text === "("; at++) open++;
  const argument = tokens[at];
  for (; open > 0 && tokens[at + 1]?.text === ")"; at++) open--;
  const after = tokens[at + 1]?.text;
  return argument && open === 0 && (after === "," || after === ")") ? argument : null;
}

/** The names that a text gives to something: by assigning, in loops, as parameters. */
function boundNames(tokens: readonly Token[]): ReadonlySet<string> {
  const bound = new Set<string>();
  let depth = 0;
  let until: string | null = null;
  for (const [index, token] of tokens.entries()) {
    if (isOpening(token)) depth++;
    else if (isClosing(token)) depth--;
    if (token.text === until) until = null;
    const after = tokens[index + 1]?.text ?? "";
    if (until !== null || (depth === 0 && (after === "=" || after === ","))) bound.add(token.text);
    if (token.text === "for") until = "in";
    if (token.text === "lambda" || token.text === "def") until = ":";
  }
  return bound;
}
