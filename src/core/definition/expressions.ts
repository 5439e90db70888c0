import type { Program } from "../run/questions.ts";
import { builtinArguments } from "./builtins.ts";
import { type Diagnostic, type Issue, type Locate, placed } from "./diagnostic.ts";
import { allStates } from "./graph.ts";
import { type KnownNames, knownNames, namesBefore, unknownName } from "./known-names.ts";
import { originOf } from "./origins.ts";
import { parseTemplate, pathOfExpression } from "./template.ts";
import { templatedTexts } from "./texts.ts";
import type { Definition, State } from "./types.ts";

/** A piece of Starlark in a definition, and where it stands. */
export type Expression = {
  readonly program: Program;
  /** The state it belongs to; absent for those of the workflow itself. */
  readonly state?: State;
  /** Pointer into the author's text. */
  readonly pointer: string;
  /** Where in the text at `pointer` it starts, in UTF-16 units. */
  readonly offset: number;
  /** `condition 1 of state "decide"`. */
  readonly what: string;
  /** The names it can read; `null` where they cannot be known (the keys of a `dataPath`). */
  readonly known: KnownNames | null;
};

/** What the evaluator says of one program without running it; the part that is needed here. */
export type Described = {
  readonly error?: { readonly message: string; readonly line: number; readonly column: number };
  readonly names: readonly {
    readonly name: string;
    readonly line: number;
    readonly column: number;
    /** Constant paths below the name; "" for the name itself. */
    readonly paths: readonly string[];
    /** True for a builtin that data of the same name would replace: it is always there. */
    readonly builtin?: boolean;
  }[];
};

/** Every condition, transform, template expression and the output of a definition, in reading order. */
export function expressionsOf(definition: Definition): readonly Expression[] {
  const known = knownNames(definition);
  const ofStates = allStates(definition).flatMap(({ state, pointer }) =>
    stateExpressions(state, pointer, known),
  );
  return [...outputExpression(definition, known), ...ofStates, ...templateExpressions(definition, known)];
}

function outputExpression(definition: Definition, known: KnownNames): readonly Expression[] {
  const { output } = definition;
  if (output === undefined || pathOfExpression(output)) return [];
  const program = { mode: "expression", text: output } as const;
  return [
    {
      program,
      pointer: originOf(definition, "output", ""),
      offset: 0,
      what: '"output" of the workflow',
      known,
    },
  ];
}

function stateExpressions(state: State, pointer: string, known: KnownNames): readonly Expression[] {
  if (state.type === "switch")
    return state.conditions.map((arm, index) => ({
      program: { mode: "expression", text: arm.if },
      pointer: originOf(state, `conditions/${index}/if`, pointer),
      offset: 0,
      what: `condition ${index + 1} of state "${state.name}"`,
      known: state.dataPath === undefined ? known : null,
      state,
    }));
  if (state.type !== "transform") return [];
  const program = { mode: "transform", text: state.expression } as const;
  const what = `"expression" of state "${state.name}"`;
  return [{ program, pointer: originOf(state, "expression", pointer), offset: 0, what, known, state }];
}

function templateExpressions(definition: Definition, known: KnownNames): readonly Expression[] {
  return templatedTexts(definition).flatMap(({ text, pointer, what, state, before }) => {
    const template = parseTemplate(text);
    if (!template.ok) return [];
    return template.parts.flatMap((part) =>
      part.kind === "expression"
        ? [
            {
              program: { mode: "expression", text: part.text } as const,
              pointer,
              offset: part.offset,
              what,
              known: before ? namesBefore(definition, before) : known,
              ...(state && { state }),
            },
          ]
        : [],
    );
  });
}

/** Turns what the evaluator says of each expression into diagnostics: syntax errors, and names nothing provides. */
export function judgeExpressions(
  expressions: readonly Expression[],
  descriptions: readonly Described[],
  locate: Locate,
): readonly Diagnostic[] {
  const issues = expressions.flatMap((expression, index) => {
    const described = descriptions[index];
    return described ? judge(expression, described) : [];
  });
  return placed(issues, locate);
}

function judge(expression: Expression, { error, names }: Described): readonly Issue[] {
  const { program, pointer, what, known } = expression;
  const offsetAt = (line: number, column: number) => expression.offset + offsetIn(program.text, line, column);
  if (error)
    return [
      {
        code: "EXPRESSION_SYNTAX",
        severity: "error",
        path: pointer,
        offset: offsetAt(error.line, error.column),
        message: `${what}: ${error.message}`,
        actual: program.text,
        ...withoutBraces(program.text),
      },
    ];
  if (!known) return [];
  const unknown = names
    .filter(({ builtin }) => !builtin)
    .flatMap(({ name, line, column, paths }) =>
      unknownPaths(known, name, paths).map(
        (unknown): Issue => ({
          code: "UNKNOWN_NAME",
          path: pointer,
          offset: offsetAt(line, column),
          ...unknown,
          message: `${what}: ${unknown.message}`,
        }),
      ),
    );
  return [...unknown, ...shadowed(expression, (name) => (known.data.has(name) ? `ctx.${name}` : null))];
}

/** The arguments of an expression that are builtins where their author means data; `dataOf` says how that is written. */
export function shadowed(
  { program, pointer, offset, what }: Expression,
  dataOf: (name: string) => string | null,
): readonly Issue[] {
  return builtinArguments(program.text).flatMap((argument): readonly Issue[] => {
    const { name } = argument;
    const data = dataOf(name);
    if (data === null) return [];
    const message = `${what}: "${name}" as an argument is the function of that name, not the data`;
    const hint = `write ${data} for the data`;
    return [
      {
        code: "SHADOWED_NAME",
        severity: "warning",
        path: pointer,
        offset: offset + argument.offset,
        message,
        hint,
      },
    ];
  });
}

/** How an expression is written that has braces around what it reads, as texts have them. */
export function withoutBraces(text: string): Pick<Issue, "hint"> {
  const plain = text.replace(/\{\{\s*(.*?)\s*\}\}|\$\{\s*(.*?)\s*\}/g, "$1$2");
  return plain === text ? {} : { hint: `write ${plain}, without braces` };
}

/** One complaint per missing thing, however often it is read. */
function unknownPaths(known: KnownNames, name: string, paths: readonly string[]) {
  const keys = [[name], ...paths.map((path) => [name, ...path.split(".").filter((key) => key !== "")])];
  const found = keys.flatMap((path) => unknownName(known, path) ?? []);
  return [...new Map(found.map((unknown) => [unknown.message, unknown])).values()];
}

/** The UTF-16 offset of a line and column that count characters from 1. */
export function offsetIn(text: string, line: number, column: number): number {
  if (line < 1) return 0;
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const chars = [...(lines[line - 1] ?? "")].slice(0, Math.max(0, column - 1));
  return Math.min(before + chars.join("").length, text.length);
}
