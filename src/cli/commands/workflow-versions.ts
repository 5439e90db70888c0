import { Argument, type Command } from "commander";
import type { WorkflowDiff } from "../../http/schemas/workflow-versions.ts";
import { action, type Cli } from "../action.ts";
import { EXIT } from "../errors.ts";
import { inEnvironment, limitOption, versionNumber } from "../options.ts";
import { describeDiff, paintedLines } from "../output/diff.ts";
import { printDone, printList, printValue } from "../output/print.ts";
import type { Session } from "../session.ts";
import { moment } from "../terminal/time.ts";

/** `workflow versions|diff|rollback`. */
export function addVersionCommands(group: Command, cli: Cli): void {
  group
    .command("versions <id>")
    .summary("list a workflow's versions, newest first")
    .addOption(limitOption())
    .action(action<{ readonly limit: number }, readonly [string]>(cli, listVersions));
  group
    .command("diff <id>")
    .summary("what changed between two versions (default: the last change)")
    .addArgument(new Argument("[from]", "a version").argParser(versionNumber))
    .addArgument(new Argument("[to]", "a version; default: the current one").argParser(versionNumber))
    .option("--text", "compare the authors' texts line by line")
    .action(action<{ readonly text?: true }, readonly [string, number?, number?]>(cli, showDiff));
  group
    .command("rollback <id>")
    .summary("make an earlier version the current one; nothing is lost")
    .addArgument(new Argument("<version>", "the version to go back to").argParser(versionNumber))
    .action(action<unknown, readonly [string, number]>(cli, rollBack));
}

async function listVersions(session: Session, { limit }: { readonly limit: number }, id: string) {
  const query = { limit, ...inEnvironment(session.environment) };
  const page = await session.client.listWorkflowVersions({ params: { id }, query, signal: session.signal });
  const now = session.deps.now();
  printList(session, page, {
    columns: [
      { title: "version", value: ({ version }) => `v${version}` },
      { title: "author's", value: ({ authorVersion }) => authorVersion, optional: 2 },
      { title: "made", value: ({ createdAt }) => moment(Date.parse(createdAt), now, session.time) },
      { title: "by", value: ({ createdBy }) => createdBy, optional: 1 },
      {
        title: "restores",
        value: ({ restoredFrom }) => (restoredFrom === null ? "" : `v${restoredFrom}`),
        optional: 3,
      },
    ],
    id: ({ version }) => String(version),
    empty: "no versions",
  });
  return EXIT.ok;
}

async function showDiff(
  session: Session,
  { text }: { readonly text?: true },
  id: string,
  from?: number,
  to?: number,
) {
  const versions = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const query = { ...versions, ...inEnvironment(session.environment) };
  const diff = await session.client.diffWorkflow({ params: { id }, query, signal: session.signal });
  if (session.format !== "table") {
    printValue(session, diff, () => id);
    return EXIT.ok;
  }
  session.say(`${id} v${diff.from} → v${diff.to}${summaryOf(diff)}`);
  const { look } = session.out;
  session.write(look.typeset(text ? paintedLines(diff.text, look) : describeDiff(diff, look)));
  return EXIT.ok;
}

function summaryOf({ from, to, isEquivalent, text }: WorkflowDiff): string {
  if (from === to) return ": the same version";
  if (!isEquivalent) return "";
  return text === ""
    ? ": no difference"
    : ": they do the same; only spelling or layout differ (--text shows it)";
}

async function rollBack(session: Session, _options: unknown, id: string, version: number) {
  const rolled = await session.client.rollbackWorkflow({
    params: { id },
    query: inEnvironment(session.environment),
    body: { version },
    signal: session.signal,
  });
  const isNew = !rolled.notices.some(({ code }) => code === "UNCHANGED");
  printDone(session, rolled, {
    id: () => id,
    row: [id, `v${rolled.version}`],
    sentence: isNew
      ? `${id} is at v${rolled.version}, which says what v${version} says`
      : `${id} stays at v${rolled.version}`,
  });
  for (const { message, hint } of rolled.notices)
    session.say(` ${message}${hint ? `\n      ${hint}` : ""}`, session.err.look.paint("yellow", "note:"));
  return EXIT.ok;
}
