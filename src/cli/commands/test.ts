import { access } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { TEST_FILE } from "../../core/definition/file-name.ts";
import type { TestedWorkflow, TestFileResult } from "../../engine/rehearsal/run-test-file.ts";
import { action, type Cli } from "../action.ts";
import { CliError, EXIT, type ExitCode } from "../errors.ts";
import { textOf } from "../files.ts";
import { json, jsonLine, yaml } from "../output/print.ts";
import { type TestFileReport, testFileLines } from "../output/test-report.ts";
import { roomOf, type Session } from "../session.ts";
import { environmentOf, filesBelow } from "../workflow-files.ts";

const ENDINGS = [".workflow.yaml", ".workflow.yml", ".workflow.json"];

/** `test`: runs the tests of workflows on this machine; needs no server. */
export function addTestCommand(program: Command, cli: Cli): void {
  program
    .command("test [paths...]")
    .helpGroup("Author:")
    .summary("run the tests of workflows on this machine")
    .description(
      "Plays workflows through as their *.test.yaml say: the real decisions and expressions, agents and people " +
        "as the test says, and time that is skipped. Without paths all tests of every environment. Exit code 1 " +
        "when a test fails, 3 when a file is not right.",
    )
    .option("--only <text>", "only tests whose name contains this")
    .action(action<{ readonly only?: string }, readonly [readonly string[]]>(cli, test));
}

async function test(
  session: Session,
  { only }: { readonly only?: string },
  given: readonly string[],
): Promise<ExitCode> {
  const { cwd, environmentsDir } = session.deps;
  const root = resolve(cwd, environmentsDir);
  const paths = await filesBelow(
    given.length > 0 ? given.map((path) => resolve(cwd, path)) : [root],
    (path) => TEST_FILE.test(path),
  );
  if (paths.length === 0)
    throw new CliError(
      EXIT.notFound,
      `no *.test.yaml below ${given.length > 0 ? given.join(", ") : root}`,
      "write hello.test.yaml beside hello.workflow.yaml",
    );
  const reports: TestFileReport[] = [];
  for (const path of paths) reports.push(await testFile(session, root, path, only));
  report(session, reports);
  return summarised(session, reports);
}

async function testFile(
  session: Session,
  root: string,
  path: string,
  only: string | undefined,
): Promise<TestFileReport> {
  const { cwd, rehearsals } = session.deps;
  const named = (absolute: string) => relative(cwd, absolute) || absolute;
  const text = await textOf(session, path);
  const find = async (workflow: string | null): Promise<TestedWorkflow> => {
    const at = await workflowPath(path, workflow);
    const source = { text: await textOf(session, at), format: formatOf(at), file: named(at) };
    return { source, environment: session.givenEnvironment ?? environmentOf(root, at) ?? "default" };
  };
  const source = { text, format: formatOf(path), file: named(path) };
  const options = only === undefined ? {} : { only };
  const result: TestFileResult = await rehearsals.test(source, find, options);
  return { file: named(path), text, ...result };
}

/** What the test file names, from its own folder; else the workflow that bears its name. */
async function workflowPath(testPath: string, workflow: string | null): Promise<string> {
  const folder = dirname(testPath);
  const base = basename(testPath).replace(TEST_FILE, "");
  const candidates =
    workflow === null
      ? ENDINGS.map((ending) => join(folder, `${base}${ending}`))
      : [resolve(folder, workflow), ...ENDINGS.map((ending) => join(folder, `${workflow}${ending}`))];
  for (const candidate of candidates) if (await exists(candidate)) return candidate;
  const wanted = workflow === null ? `${base}.workflow.yaml beside it` : `workflow "${workflow}"`;
  throw new CliError(
    EXIT.notFound,
    `${testPath}: there is no ${wanted}`,
    "workflow: ./path/to/x.workflow.yaml",
  );
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function formatOf(path: string): "json" | "yaml" {
  return path.endsWith(".json") ? "json" : "yaml";
}

function report(session: Session, reports: readonly TestFileReport[]): void {
  const files = reports.map(({ text: _, ...rest }) => rest);
  switch (session.format) {
    case "json":
      session.write(json({ files }));
      break;
    case "yaml":
      session.write(yaml({ files }));
      break;
    case "jsonl":
      for (const file of files) session.write(jsonLine(file));
      break;
    case "id":
      for (const { tests } of files)
        for (const { name, passed } of tests) if (!passed) session.write(`${name}\n`);
      break;
    case "table":
      for (const file of reports)
        session.write(
          `${session.out.look.typeset(testFileLines(file, session.out.look, roomOf(session.out), session.isVerbose).join("\n"))}\n`,
        );
      break;
  }
}

function summarised(session: Session, reports: readonly TestFileReport[]): ExitCode {
  const tests = reports.flatMap((file) => file.tests);
  const failed = tests.filter(({ passed }) => !passed).length;
  const broken = reports.filter(({ diagnostics }) => diagnostics.length > 0).length;
  const ms = Math.round(tests.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const parts = [`${tests.length - failed} passed`, ...(failed > 0 ? [`${failed} failed`] : [])];
  if (broken > 0) parts.push(`${broken} ${broken === 1 ? "file is" : "files are"} not right`);
  session.say(`${parts.join(", ")} in ${ms} ms`);
  if (tests.length === 0 && broken === 0) throw new CliError(EXIT.notFound, "no test has such a name");
  return broken > 0 ? EXIT.findings : failed > 0 ? EXIT.error : EXIT.ok;
}
