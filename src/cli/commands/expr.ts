import type { Command } from "commander";
import { action, type Cli } from "../action.ts";
import { EXIT, type ExitCode, usage } from "../errors.ts";
import { resolveRun } from "../ids.ts";
import { wholeNumber } from "../options.ts";
import { json, printValue } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";
import { clean } from "../terminal/text.ts";

type Options = { readonly run?: string; readonly at?: number };

/** `expr`: what an expression of a workflow would say, over a real run's context. */
export function addExprCommand(program: Command, cli: Cli): void {
  program
    .command("expr <starlark>")
    .helpGroup("Author:")
    .summary("evaluate an expression, over a run's context with --run")
    .option("--run <id>", "the run whose context the expression sees; a beginning of its id, or @last")
    .option("--at <seq>", "as it stood after this event, in that event's branch", wholeNumber)
    .addHelpText("after", "\n  stn expr 'len(ctx.pods) > 3' --run @last --at 12")
    .action(action<Options>(cli, evaluate));
}

async function evaluate(session: Session, { run, at }: Options, given?: string): Promise<ExitCode> {
  const expression = requiredArgument(given);
  if (at !== undefined && run === undefined)
    throw usage("--at is an event of a run", "--run <id> --at <seq>");
  const runId = run === undefined ? {} : { runId: await resolveRun(session, run) };
  const body = { expression, ...runId, ...(at !== undefined && { at }) };
  const result = await session.client.evaluateExpression({ body, signal: session.signal });
  if (session.format !== "table")
    printValue(session, result, () => (result.ok ? JSON.stringify(result.value) : ""));
  else if (result.ok) session.write(json(result.value));
  if (result.ok) return EXIT.ok;
  const { line, column, message, kind } = result.error;
  const { look, output } = session.err;
  const source = expression.split("\n")[line - 1];
  const mark =
    source === undefined || column < 1 ? [] : [`  ${clean(source)}`, `  ${" ".repeat(column - 1)}^`];
  const head = `${look.paint(["red", "bold"], `error[${kind}]:`)} ${clean(message)}`;
  output.write(`${look.typeset([head, ...mark].join("\n"))}\n`);
  return EXIT.findings;
}
