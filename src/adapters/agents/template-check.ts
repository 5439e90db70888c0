import { didYouMean } from "../../core/definition/suggest.ts";

/** What is wrong with a template; lines and columns from 1, within the template. */
export type TemplateProblem = {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
};

type Loc = { readonly start: { readonly line: number; readonly column: number } };

/** As much of Handlebars' tree as is looked at. */
export type TemplateAst = { readonly type: string; readonly body: readonly Node[] };

type Expression = {
  readonly type: string;
  readonly loc: Loc;
  readonly original?: string;
  readonly parts?: readonly string[];
  readonly depth?: number;
  readonly data?: boolean;
  readonly value?: unknown;
  readonly path?: Expression;
  readonly params?: readonly Expression[];
  readonly hash?: { readonly pairs: readonly { readonly value: Expression }[] };
};

type Node = Expression & {
  readonly program?: TemplateAst & { readonly blockParams?: readonly string[] };
  readonly inverse?: TemplateAst;
};

type Known = { readonly helpers: readonly string[]; readonly roles: readonly string[] };

/** Everything in a template that would fail, or silently lose text, when it is filled in. */
export function checkTemplate(ast: TemplateAst, known: Known): readonly TemplateProblem[] {
  return ast.body.flatMap((node) => checkNode(node, known));
}

function checkNode(node: Node, known: Known): readonly TemplateProblem[] {
  switch (node.type) {
    case "MustacheStatement":
      return checkCall(node, known);
    case "BlockStatement": {
      const name = node.path?.original ?? "";
      const below = [node.program, node.inverse].flatMap((part) => (part ? checkTemplate(part, known) : []));
      if (name === "role" || name === "history")
        return [
          problem(
            node,
            `{{#${name}}} is no block and would lose its text`,
            `write {{${name}${name === "role" ? ' "user"' : ""}}} and the text behind it`,
          ),
        ];
      return [...(known.helpers.includes(name) ? [] : [unknownHelper(node, name, known)]), ...below];
    }
    case "PartialStatement":
    case "PartialBlockStatement":
      return [problem(node, "there are no partials ({{> …}}): agents share no texts")];
    case "Decorator":
    case "DecoratorBlock":
      return [problem(node, "decorators ({{* …}}) are not supported")];
    default:
      return [];
  }
}

function checkCall(node: Expression, known: Known): readonly TemplateProblem[] {
  const name = node.path?.original ?? "";
  const params = node.params ?? [];
  const inner = params.flatMap((param) => (param.type === "SubExpression" ? checkCall(param, known) : []));
  if (name === "role") return [...checkRole(node, params, known.roles), ...inner];
  const isCall = params.length > 0 || node.type === "SubExpression";
  if (isCall && !known.helpers.includes(name)) return [unknownHelper(node, name, known), ...inner];
  return inner;
}

function checkRole(
  node: Expression,
  [role, ...more]: readonly Expression[],
  roles: readonly string[],
): readonly TemplateProblem[] {
  if (!role || more.length > 0) return [problem(node, "{{role}} takes one name", 'write {{role "user"}}')];
  if (role.type === "PathExpression")
    return [
      problem(
        node,
        `the role ${role.original ?? ""} must be written in quotes`,
        `write {{role "${role.original}"}}`,
      ),
    ];
  const name = String(role.value);
  if (roles.includes(name)) return [];
  return [
    problem(node, `unknown role "${name}"`, didYouMean(name, roles) ?? `there are: ${roles.join(", ")}`),
  ];
}

function unknownHelper(node: Expression, name: string, { helpers }: Known): TemplateProblem {
  return problem(
    node,
    `there is no helper "${name}"`,
    didYouMean(name, helpers) ?? `there are: ${helpers.join(", ")}`,
  );
}

function problem({ loc }: Expression, message: string, hint?: string): TemplateProblem {
  return {
    line: loc.start.line,
    column: loc.start.column + 1,
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Where a template first asks for a name; `null` where that may be a name of an item. */
export type Asked = Pick<TemplateProblem, "line" | "column"> | null;

/** The names that a template asks for at its own level (not of an item within `each` or `with`). */
export function variablesOf(ast: TemplateAst): {
  readonly names: ReadonlyMap<string, Asked>;
  readonly hasRoles: boolean;
} {
  const names = new Map<string, Asked>();
  let hasRoles = false;
  const path = (expression: Expression | undefined, scopes: number): void => {
    if (expression?.type === "SubExpression") call(expression, scopes);
    const [head] = expression?.parts ?? [];
    if (expression?.type !== "PathExpression" || head === undefined || expression.data === true) return;
    const { depth = 0, loc } = expression;
    if (scopes > 0 && depth === 0) return;
    const isOwn = depth >= scopes;
    names.set(
      head,
      names.get(head) ?? (isOwn ? { line: loc.start.line, column: loc.start.column + 1 } : null),
    );
  };
  const call = (node: Expression, scopes: number): void => {
    const isHelper = (node.params ?? []).length > 0 || node.path?.original === "history";
    if (node.path?.original === "role") hasRoles = true;
    if (!isHelper) path(node.path, scopes);
    for (const param of node.params ?? []) path(param, scopes);
    for (const { value } of node.hash?.pairs ?? []) path(value, scopes);
  };
  const walk = (part: TemplateAst | undefined, scopes: number): void => {
    for (const node of part?.body ?? []) {
      if (node.type === "MustacheStatement") call(node, scopes);
      if (node.type !== "BlockStatement") continue;
      for (const param of node.params ?? []) path(param, scopes);
      const opens = node.path?.original === "each" || node.path?.original === "with";
      walk(node.program, opens ? scopes + 1 : scopes);
      walk(node.inverse, scopes);
    }
  };
  walk(ast, 0);
  return { names, hasRoles };
}
