import { didYouMean } from "../../core/definition/suggest.ts";
import type { JsonObject } from "../../core/json.ts";
import {
  type Asked,
  checkTemplate,
  type TemplateAst,
  type TemplateProblem,
  variablesOf,
} from "./template-check.ts";

/** A prompt's template, compiled. */
export type Template =
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] }
  | {
      readonly ok: true;
      /** The names it asks for. */
      readonly variables: ReadonlyMap<string, Asked>;
      readonly hasRoles: boolean;
      /** Throws what a helper throws. */
      render(variables: JsonObject): readonly TemplatePart[];
    };

/** A stretch of the prompt: what follows one `{{role}}`; `role` is null before the first. */
export type TemplatePart = { readonly role: Role | null; readonly text: string };

export type Role = (typeof ROLES)[number];

/** `model` is what dotprompt calls the assistant. */
export const ROLES = ["system", "user", "assistant", "model"] as const;

/** What a template may call beside its variables. */
const HELPERS = [
  "role",
  "history",
  "json",
  "ifEquals",
  "unlessEquals",
  "if",
  "unless",
  "each",
  "with",
  "lookup",
];

type Handlebars = typeof import("handlebars");

/** Compiles templates for one environment: nothing is shared with another, and nothing can be registered. */
export type Templates = (body: string) => Template;

/** Loads the template engine on first use: a process that renders nothing does not pay for it. */
export async function openTemplates(): Promise<Templates> {
  const { default: handlebars } = await import("handlebars");
  const nonce = crypto.randomUUID();
  const isolated = handlebars.create();
  isolated.registerHelper(helpersFor(nonce));
  return (body) => compile(isolated, nonce, body);
}

function compile(handlebars: Handlebars, nonce: string, body: string): Template {
  let ast: TemplateAst;
  try {
    ast = handlebars.parse(body) as unknown as TemplateAst;
  } catch (error) {
    return { ok: false, problems: [syntaxProblem(error)] };
  }
  const problems = checkTemplate(ast, { helpers: HELPERS, roles: ROLES });
  if (problems.length > 0) return { ok: false, problems };
  const fill = handlebars.compile(ast, {
    noEscape: true,
    knownHelpersOnly: true,
    knownHelpers: Object.fromEntries(HELPERS.map((name) => [name, true])),
  });
  const { names, hasRoles } = variablesOf(ast);
  return {
    ok: true,
    variables: names,
    hasRoles,
    render: (variables) => partsOf(fill(variables), nonce),
  };
}

/**
 * A role's mark holds a number that only this process knows, so no text that goes through a variable (a tool's
 * answer, another step's output) can begin a message of its own.
 */
function partsOf(text: string, nonce: string): readonly TemplatePart[] {
  const [first = "", ...rest] = text.split(`\u0001${nonce}:`);
  const parts = rest.map((part): TemplatePart => {
    const end = part.indexOf("\u0001");
    return { role: part.slice(0, end) as Role, text: part.slice(end + 1).trim() };
  });
  return [{ role: null, text: first.trim() }, ...parts].filter((part) => part.text !== "");
}

type Options = {
  fn(context: unknown): string;
  inverse(context: unknown): string;
  hash: Record<string, unknown>;
};

function helpersFor(nonce: string) {
  return {
    role(name: unknown): string {
      const role = ROLES.find((known) => known === name);
      if (role === undefined)
        throw new Error(
          `unknown role ${JSON.stringify(name)}; ${didYouMean(String(name), ROLES) ?? `there are: ${ROLES.join(", ")}`}`,
        );
      return `\u0001${nonce}:${role}\u0001`;
    },
    history: () => "",
    json(value: unknown, options: Options): string {
      const indent = options.hash["indent"];
      return JSON.stringify(value, null, typeof indent === "number" ? indent : undefined) ?? "null";
    },
    ifEquals(this: unknown, a: unknown, b: unknown, options: Options): string {
      return a === b ? options.fn(this) : options.inverse(this);
    },
    unlessEquals(this: unknown, a: unknown, b: unknown, options: Options): string {
      return a === b ? options.inverse(this) : options.fn(this);
    },
  };
}

function syntaxProblem(error: unknown): TemplateProblem {
  const said = error instanceof Error ? error.message : String(error);
  const line = Number(/line (\d+)/.exec(said)?.[1] ?? 1);
  const source = said.split("\n")[1] ?? "";
  const isGo = /\{\{-?\s*\./.test(source) || /got 'SEP'/.test(said);
  const expected = /Expecting .*?, got '(\w+)'/.exec(said)?.[1];
  const what =
    expected === undefined ? (said.split("\n").at(-1) ?? said) : `unexpected ${TOKENS[expected] ?? expected}`;
  return {
    line,
    column: 1,
    message: `the template cannot be read: ${what}`,
    ...(isGo ? { hint: "write {{NAME}}, without the dot" } : {}),
  };
}

const TOKENS: Readonly<Record<string, string>> = {
  EOF: "end of the file: something is not closed",
  SEP: '"."',
  INVALID: "character",
  CLOSE: '"}}"',
  OPEN_ENDBLOCK: "end of a block",
};
