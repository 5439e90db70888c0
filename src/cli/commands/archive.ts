import { resolve } from "node:path";
import type { Command } from "commander";
import { action, type Cli } from "../action.ts";
import { CliError, EXIT, type ExitCode } from "../errors.ts";
import { limitOption } from "../options.ts";
import { type ListShape, printDone, printList } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";
import { clean } from "../terminal/text.ts";

/** `archive list|show|verify|restore`: files of runs that ended long ago. */
export function addArchiveCommands(program: Command, cli: Cli): void {
  const group = program
    .command("archive")
    .helpGroup("Serve:")
    .summary("files that finished runs have left the database for")
    .description(
      "With STATION_RETENTION runs leave the database for compressed files, with the proof of their events. " +
        "`show` and `verify` read such a file and need no server.",
    );
  group
    .command("list", { isDefault: true })
    .summary("list archives, newest first")
    .addOption(limitOption())
    .action(action<{ readonly limit: number }>(cli, list));
  group.command("show <file>").summary("list the runs in a file").action(action(cli, show));
  group
    .command("verify <files...>")
    .summary("check that every event of every run is there, in order and unchanged")
    .description("The same as stn audit verify --archive, where the keys can be named that must have signed.")
    .action(
      action<unknown, readonly [readonly string[]]>(cli, (session, _options, files) =>
        verifyArchives(session, files, []),
      ),
    );
  group
    .command("restore <archive> [runs...]")
    .summary("bring runs back into the database: all of them, or these")
    .description("They stay until somebody releases them (stn runs release).")
    .action(action<unknown, readonly [string, readonly string[]]>(cli, restore));
}

async function list(session: Session, { limit }: { readonly limit: number }): Promise<ExitCode> {
  const page = await session.client.listArchives({ query: { limit }, signal: session.signal });
  printList(session, page, {
    columns: [
      { title: "id", value: ({ archiveId }) => archiveId },
      { title: "created", value: ({ createdAt }) => createdAt },
      { title: "status", value: ({ status }) => status },
      { title: "runs", value: ({ runs }) => String(runs), align: "right" },
      { title: "events", value: ({ events }) => String(events), align: "right" },
      { title: "file", value: ({ file }) => file, optional: 1 },
    ],
    id: ({ archiveId }) => archiveId,
    empty: "nothing was archived: STATION_RETENTION says how long runs stay in the database",
  });
  return EXIT.ok;
}

async function show(session: Session, _options: unknown, given?: string): Promise<ExitCode> {
  const { runs, problems } = await read(session, requiredArgument(given), []);
  printList(
    session,
    { items: runs, nextCursor: null },
    {
      columns: [
        { title: "run", value: ({ runId }) => runId },
        { title: "environment", value: ({ environment }) => environment },
        { title: "events", value: ({ seq }) => String(seq), align: "right" },
        { title: "hash", value: ({ hash }) => hash, optional: 1 },
      ],
      id: ({ runId }) => runId,
      empty: "there is no run in it",
    },
  );
  return told(session, given ?? "", problems);
}

/** Verifies files by themselves; with keys (PEM) only what one of them signed counts. */
export async function verifyArchives(
  session: Session,
  files: readonly string[],
  publicKeys: readonly string[],
): Promise<ExitCode> {
  const items: VerifiedArchive[] = [];
  for (const file of files) {
    const verified = await verifyArchive(session, file, publicKeys);
    items.push(verified);
    told(session, file, verified.problems);
    if (verified.ok) session.say(sentenceOf(verified));
  }
  if (session.format !== "table" || !session.out.output.isTty)
    printList(session, { items, nextCursor: null }, VERIFIED);
  if (publicKeys.length === 0)
    session.say("no key was named (audit verify --archive … --public-key …): anybody may have signed");
  return items.every(({ ok }) => ok) ? EXIT.ok : EXIT.findings;
}

type VerifiedArchive = {
  readonly file: string;
  readonly ok: boolean;
  readonly runs: number;
  readonly rows: number;
  /** How many runs each key vouches for. */
  readonly signed: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
};

const VERIFIED: ListShape<VerifiedArchive> = {
  columns: [
    { title: "file", value: ({ file }) => file },
    { title: "runs", value: ({ runs }) => String(runs), align: "right" },
    { title: "is", value: ({ ok, problems }) => (ok ? "whole" : `${problems.length} problems`) },
  ],
  id: ({ file }) => file,
  empty: "",
};

/** One that cannot be read is a finding like any other: it hides nothing of those beside it. */
async function verifyArchive(
  session: Session,
  file: string,
  publicKeys: readonly string[],
): Promise<VerifiedArchive> {
  try {
    const { runs, rows, signed, problems } = await read(session, file, publicKeys);
    const ok = problems.length === 0;
    return { file, ok, runs: runs.length, rows, signed: Object.fromEntries(signed), problems };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { file, ok: false, runs: 0, rows: 0, signed: {}, problems: [error.message] };
  }
}

function sentenceOf({ file, runs, rows, signed }: VerifiedArchive): string {
  return `${file}: ${runs} runs, ${rows} rows, whole; ${signatures(runs, signed)}`;
}

function signatures(runs: number, signed: VerifiedArchive["signed"]): string {
  const counts = Object.entries(signed);
  const unsigned = counts.reduce((left, [, count]) => left - count, runs);
  return [
    ...counts.map(([key, count]) => `${count} vouched for by ${key}`),
    ...(unsigned > 0 ? [`${unsigned} by nobody's signature`] : []),
  ].join(", ");
}

async function restore(
  session: Session,
  _options: unknown,
  archiveId: string,
  runs: readonly string[],
): Promise<ExitCode> {
  const body = runs.length === 0 ? {} : { runIds: [...runs] };
  const back = await session.client.bringBackRuns({ params: { archiveId }, body, signal: session.signal });
  const count = back.runIds.length;
  printDone(session, back, {
    id: () => back.runIds.join("\n"),
    row: [String(count)],
    sentence:
      count === 0
        ? `nothing of ${archiveId} that is not in the database`
        : `${count} runs are back, and stay until they are released`,
  });
  return EXIT.ok;
}

async function read(session: Session, file: string, publicKeys: readonly string[]) {
  const path = resolve(session.deps.cwd, file);
  return session.deps.audit.readArchive(path, publicKeys).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(EXIT.findings, `${path} cannot be read as an archive: ${why}`, null, { cause });
  });
}

function told(session: Session, file: string, problems: readonly string[]): ExitCode {
  for (const problem of problems) session.err.output.write(`${clean(`${file}: ${problem}`)}\n`);
  return problems.length === 0 ? EXIT.ok : EXIT.findings;
}
