import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { isoTime } from "../../core/time.ts";
import { BackupRefused } from "../../engine/errors.ts";
import type { BackupSummary } from "../../engine/ports/backups.ts";
import { Unreachable } from "../../http/client/errors.ts";
import { action, type Cli } from "../action.ts";
import { confirm } from "../confirm.ts";
import { CliError, EXIT, type ExitCode } from "../errors.ts";
import { printDone } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";

type Sure = { readonly yes?: true };

/** `backup`, `restore`: the whole database as one file, and back. */
export function addBackupCommands(program: Command, cli: Cli): void {
  program
    .command("backup <file>")
    .helpGroup("Serve:")
    .summary("copy the whole database into a file, while Station works")
    .description(
      "Writes one SQLite file: everything as it was at one moment, checked from end to end. With STATION_DATABASE_URL " +
        "of a server it is read from there; else the server at --url sends it; and where none answers, the database " +
        "file of this folder is read itself.",
    )
    .option("--yes", "replace a file that is there, without being asked")
    .action(action<Sure>(cli, refusing(backup)));
  program
    .command("restore <file>")
    .helpGroup("Serve:")
    .summary("put a backup in the place of the database")
    .description(
      "Checks the backup, then puts it where the configured database is. Station must not be running. A database file " +
        "that was there is kept beside it; a server's database must be empty. Open runs go on with the next start.",
    )
    .option("--yes", "replace the database that is there, without being asked")
    .action(action<Sure>(cli, refusing(restore)));
}

async function backup(session: Session, { yes }: Sure, given?: string): Promise<ExitCode> {
  const file = resolve(session.deps.cwd, requiredArgument(given));
  if (existsSync(file) && !yes) await confirm(session, `${file} is there: replace it?`);
  const summary = await taken(session, file);
  printDone(
    session,
    { file, ...summary },
    { id: () => file, row: [file], sentence: `${file}: ${told(summary)}` },
  );
  return EXIT.ok;
}

async function taken(session: Session, file: string): Promise<BackupSummary> {
  const { backups } = session.deps;
  const source = backups.source();
  if (source.kind === "server") {
    session.say(`reading the database at ${source.name}`);
    return backups.copy(file);
  }
  try {
    const { body } = await session.client.downloadBackup({ signal: session.signal });
    if (body === null) throw new BackupRefused("the server sent nothing");
    return await backups.keep(body, file);
  } catch (error) {
    if (!(error instanceof Unreachable) || source.kind === "none") throw error;
    session.say(`no server at ${session.url}: reading ${source.name} itself`);
    return backups.copy(file);
  }
}

async function restore(session: Session, { yes }: Sure, given?: string): Promise<ExitCode> {
  const { backups, cwd } = session.deps;
  const file = resolve(cwd, requiredArgument(given));
  if (!existsSync(file)) throw new CliError(EXIT.notFound, `there is no file ${file}`);
  const summary = await backups.check(file);
  if (summary.problems.length > 0)
    throw new BackupRefused(`${file} cannot be used: ${summary.problems.join("; ")}`);
  const { kind, name } = backups.source();
  if (kind === "file" && !yes) await confirm(session, `${name} is there: put ${told(summary)} in its place?`);
  const { replaced } = await backups.restore(file);
  const before = replaced === null ? "" : `; what was there is ${replaced}`;
  printDone(
    session,
    { database: name, replaced, ...summary },
    { id: () => name, row: [name, replaced ?? ""], sentence: `${name}: ${told(summary)}${before}` },
  );
  return EXIT.ok;
}

function told({ runs, openRuns, events, newestEventAt }: BackupSummary): string {
  const until = newestEventAt === null ? "" : `, up to ${isoTime(newestEventAt)}`;
  return `${runs} runs (${openRuns} open), ${events} events${until}`;
}

/** A backup that is refused is a finding about it. */
function refusing<Args extends readonly unknown[]>(run: (...args: Args) => Promise<ExitCode>) {
  return async (...args: Args): Promise<ExitCode> => {
    try {
      return await run(...args);
    } catch (error) {
      if (!(error instanceof BackupRefused)) throw error;
      throw new CliError(EXIT.findings, error.message, null, { cause: error });
    }
  };
}
