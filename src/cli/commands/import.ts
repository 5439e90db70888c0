import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { action, type Cli } from "../action.ts";
import { CliError, EXIT, type ExitCode } from "../errors.ts";
import { textOf } from "../files.ts";
import { frame } from "../output/frame.ts";
import { printValue } from "../output/print.ts";
import { requiredArgument, roomOf, type Session } from "../session.ts";

type Options = { readonly out?: string };

/** `import`: a workflow of the Open Workflow Specification as one of ours. Needs no server. */
export function addImportCommand(program: Command, cli: Cli): void {
  program
    .command("import <file>")
    .helpGroup("Author:")
    .summary("translate an Open Workflow Specification 1.0 document")
    .description(
      "Translates a Serverless Workflow 1.0 `do:` document: set, switch, for, fork, try, raise, wait, listen, runs " +
        "of workflows and calls of named agents. What has no counterpart is an error at its line, and nothing is written: exit code 3.",
    )
    .option("--out <file>", "where the workflow goes (default: stdout)")
    .addHelpText(
      "after",
      "\n  stn import order.yaml --out environments/default/workflows/order.workflow.yaml",
    )
    .action(action<Options>(cli, importFile));
}

async function importFile(session: Session, { out }: Options, given?: string): Promise<ExitCode> {
  const { cwd, importDocument } = session.deps;
  const file = requiredArgument(given);
  const text = await textOf(session, file);
  const imported = await importDocument({ text, format: file.endsWith(".json") ? "json" : "yaml", file });
  const { look, output } = session.err;
  for (const { file: where, text: source, ...one } of imported.diagnostics)
    output.write(frame({ file: where, text: source }, one, look, roomOf(session.err)));
  if (imported.yaml === null) {
    if (session.format === "json")
      printValue(session, { workflow: null, diagnostics: imported.diagnostics }, () => "");
    return EXIT.findings;
  }
  if (out !== undefined) {
    await writeFile(resolve(cwd, out), imported.yaml, { flag: "wx" }).catch((cause: unknown) => {
      throw new CliError(EXIT.conflict, `${out} cannot be written, or is there already`, null, { cause });
    });
    session.say(`${out} is written – check it: stn validate ${out}`);
  }
  if (session.format === "json")
    printValue(session, { workflow: imported.workflow, diagnostics: [] }, () => "");
  else if (out === undefined) session.write(imported.yaml);
  return EXIT.ok;
}
