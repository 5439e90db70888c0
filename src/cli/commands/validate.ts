import { join, relative, resolve, sep } from "node:path";
import { type Command, Option } from "commander";
import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import { misnamed, WORKFLOW_FILE } from "../../core/definition/file-name.ts";
import { action, type Cli } from "../action.ts";
import type { CheckedFile } from "../deps.ts";
import { CliError, EXIT, type ExitCode } from "../errors.ts";
import { flowText } from "../output/flow-text.ts";
import { type FileFindings, frame, githubLine } from "../output/frame.ts";
import { json, jsonLine, yaml } from "../output/print.ts";
import { sarifLog } from "../output/sarif.ts";
import { roomOf, type Session } from "../session.ts";
import { environmentOf, filesBelow, MCP_SERVERS_FILE } from "../workflow-files.ts";

/** A file's findings, and how its data flows. */
type Followed = FileFindings & Pick<CheckedFile, "report">;

type Options = {
  readonly format?: "text" | "json" | "github" | "sarif";
  readonly strict?: true;
  readonly report?: true;
};

/** `validate`: checks the files of workflows and MCP servers on this machine; needs no server. */
export function addValidateCommand(program: Command, cli: Cli): void {
  program
    .command("validate [files...]")
    .helpGroup("Author:")
    .summary("check workflow files on this machine")
    .description(
      "Checks files of workflows and MCP servers; without any, all of every environment. Exit code 3 when one has an error, " +
        "with --strict also when one has a warning.",
    )
    .addOption(
      new Option("--format <format>", "how findings are written")
        .choices(["text", "json", "github", "sarif"])
        .default("text"),
    )
    .option("--strict", "warnings count like errors")
    .option("--report", "show how data flows from state to state, and what speaks against it")
    .action(action<Options, readonly [readonly string[]]>(cli, validate));
}

async function validate(session: Session, options: Options, files: readonly string[]): Promise<ExitCode> {
  const { cwd, environmentsDir } = session.deps;
  const root = resolve(cwd, environmentsDir);
  const named = files.map((file) => resolve(cwd, file));
  const paths = await filesBelow(
    named.length > 0 ? named : [root],
    (path) => WORKFLOW_FILE.test(path) || MCP_SERVERS_FILE.test(path) || problemOfName(root, path) !== null,
  );
  if (paths.length === 0) throw new CliError(EXIT.notFound, `no *.workflow.yaml below ${root}`);
  const checked: Followed[] = [];
  for (const path of paths) {
    const problem = problemOfName(root, path);
    // What nobody reads is checked only where somebody asks for it.
    if (problem && !named.includes(path)) checked.push(findingsOf(relative(cwd, path), problem));
    else checked.push(await checkFile(session, root, path, problem));
  }
  const format = session.format === "table" ? (options.format ?? "text") : session.format;
  session.write(reportOf(session, checked, format, options.report ?? false));
  const found = checked.flatMap(({ diagnostics }) => diagnostics);
  const errors = found.filter(({ severity }) => severity === "error").length;
  const warnings = found.length - errors;
  session.say(`${count(paths.length, "file")}, ${count(errors, "error")}, ${count(warnings, "warning")}`);
  return errors > 0 || (options.strict && warnings > 0) ? EXIT.findings : EXIT.ok;
}

/** Why the server ignores a file of an environment; `null` for one that it reads, and for files elsewhere. */
function problemOfName(root: string, path: string): Diagnostic | null {
  const environment = environmentOf(root, path);
  return environment === null ? null : misnamed(relative(join(root, environment), path).replaceAll(sep, "/"));
}

function findingsOf(file: string, problem: Diagnostic): Followed {
  return { file, text: null, diagnostics: [problem], report: () => null };
}

async function checkFile(
  session: Session,
  root: string,
  path: string,
  ofName: Diagnostic | null,
): Promise<Followed> {
  const { cwd, check, readSource } = session.deps;
  const file = relative(cwd, path) || path;
  const read = await readSource(path);
  if ("problem" in read) return findingsOf(file, read.problem);
  const { text } = read;
  const format = path.endsWith(".json") ? "json" : "yaml";
  const environment = session.givenEnvironment ?? environmentOf(root, path);
  const { diagnostics, report } = await check({ text, format, file }, environment);
  return { file, text, diagnostics: ofName ? [ofName, ...diagnostics] : diagnostics, report };
}

function reportOf(
  session: Session,
  checked: readonly Followed[],
  format: string,
  withReport: boolean,
): string {
  const results = checked.map(({ report, ...file }) => ({
    ...resultOf(file),
    ...(withReport && { report: report() }),
  }));
  switch (format) {
    case "json":
      return json({ files: results });
    case "yaml":
      return yaml({ files: results });
    case "jsonl":
      return results.map(jsonLine).join("");
    case "id":
      return checked.map(({ file }) => `${file}\n`).join("");
    case "github":
      return checked
        .flatMap(({ file, diagnostics }) => diagnostics.map((one) => githubLine(file, one)))
        .join("");
    case "sarif":
      return json(sarifLog(checked, session.deps.version));
    default:
      return checked
        .flatMap((file) => [
          ...file.diagnostics.map((one) => frame(file, one, session.out.look, roomOf(session.out))),
          ...(withReport ? [flowOf(file, session)] : []),
        ])
        .join("");
  }
}

function flowOf({ file, report }: Followed, { out: { look } }: Session): string {
  const flow = report();
  return flow ? flowText(file, flow, look) : "";
}

/** The API's `ValidationResult`, with the file it is about. */
function resultOf({ file, diagnostics }: FileFindings) {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const warnings = diagnostics.filter(({ severity }) => severity === "warning");
  return { file, valid: errors.length === 0, errors, warnings };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
