import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Fault } from "../../core/audit/fault.ts";
import { BundleRefused } from "../../engine/errors.ts";
import type { Verified } from "../../engine/verify-trail.ts";
import { action, type Cli, collect } from "../action.ts";
import { CliError, EXIT, type ExitCode, usage } from "../errors.ts";
import { bytesOf, textOf } from "../files.ts";
import { resolveRun } from "../ids.ts";
import { inEnvironment, limitOption } from "../options.ts";
import { printDone, printList, printValue } from "../output/print.ts";
import type { Column } from "../output/table.ts";
import { requiredArgument, type Session } from "../session.ts";
import { moment } from "../terminal/time.ts";
import { verifyArchives } from "./archive.ts";

type VerifyOptions = {
  readonly database?: string;
  readonly publicKey?: readonly string[];
  readonly anchor?: string;
  readonly archive?: readonly string[];
};

/** `audit`: what proves that the trail is as it was kept. */
export function addAuditCommands(program: Command, cli: Cli): void {
  const group = program
    .command("audit")
    .helpGroup("Prove:")
    .summary("verify the audit trail, export its proof")
    .description("What proves that the audit trail is as it was kept.");
  group
    .command("verify [evidence]")
    .summary("read the whole trail, or a run's evidence, and name what is not as it was kept")
    .description(
      "Reads every event, seal and checkpoint of a database and changes nothing; exit code 3 when something is not as " +
        "it was kept. Whoever can write to the database can rewrite all of it but signatures: name the keys you trust. " +
        "A file that a running Station owns is verified by a copy: stn backup copy.db. With a file of `audit export` it " +
        "verifies that, and with --archive a file of archived runs, without any database.",
    )
    .option("--database <url>", "file:path or a libSQL server's address (default: STATION_DATABASE_URL)")
    .option(
      "--public-key <file>",
      "a key (PEM) that checkpoints must be signed with; may be repeated for keys before it",
      collect,
    )
    .option(
      "--archive <file>",
      "a file of archived runs: every event, value and definition in it, and the checkpoints that vouch for them; may be repeated",
      collect,
    )
    .option("--anchor <file>", "a copy of STATION_AUDIT_ANCHOR_FILE: checkpoints that must be there")
    .action(action<VerifyOptions>(cli, verify));
  group
    .command("log")
    .summary("what was changed about Station itself: keys, workflows, syncs, settings; newest first")
    .addOption(limitOption())
    .action(action<{ readonly limit: number }>(cli, log));
  group
    .command("export <run>")
    .summary("write what proves a run into one file, which verifies anywhere")
    .description(
      "A zip file with the run's events, definition, approvals, transcripts and the signed checkpoint that vouches for " +
        "them, from the server. README.txt in it says how to verify it without Station.",
    )
    .option("--out <file>", "where it goes (default: <run>.zip)")
    .action(action<{ readonly out?: string }>(cli, exportEvidence));
}

async function verify(session: Session, options: VerifyOptions, evidence?: string): Promise<ExitCode> {
  const { audit, cwd } = session.deps;
  const things = [evidence, options.archive, options.database ?? options.anchor];
  if (things.filter((thing) => thing !== undefined).length > 1)
    throw usage("one thing is verified at a time: an evidence, archives, or a database with its anchor");
  const publicKeys = await Promise.all((options.publicKey ?? []).map((file) => textOf(session, file)));
  if (evidence !== undefined) return verifyEvidence(session, evidence, publicKeys);
  if (options.archive !== undefined) return verifyArchives(session, options.archive, publicKeys);
  const anchorFile = options.anchor === undefined ? null : resolve(cwd, options.anchor);
  const verified = await audit.verify({ database: options.database ?? null, publicKeys, anchorFile });
  const { faults, signed, ...counts } = verified;
  if (session.format === "table") {
    if (faults.length > 0) printList(session, { items: faults, nextCursor: null }, FAULTS);
    for (const line of told(verified, publicKeys.length > 0)) session.say(line);
  } else {
    const value = { ok: faults.length === 0, ...counts, signed: Object.fromEntries(signed), faults };
    printValue(session, value, () => (value.ok ? "ok" : "faults"));
  }
  return faults.length === 0 ? EXIT.ok : EXIT.findings;
}

async function verifyEvidence(
  session: Session,
  file: string,
  publicKeys: readonly string[],
): Promise<ExitCode> {
  const bytes = await bytesOf(session, file);
  const verified = await session.deps.audit.verifyEvidence(bytes, publicKeys).catch((error: unknown) => {
    if (!(error instanceof BundleRefused)) throw error;
    throw new CliError(EXIT.findings, `${file} proves nothing: ${error.message}`, null, { cause: error });
  });
  const { runId, faults, events, proved, checkpoint, signedBy, exportedBy } = verified;
  const isProved = faults.length === 0;
  if (session.format !== "table") printValue(session, { ok: isProved, ...verified }, () => runId);
  else if (!isProved) printList(session, { items: faults, nextCursor: null }, FAULTS);
  session.say(
    `${runId}: ${events} events, ${proved} of them vouched for by checkpoint ${checkpoint ?? "none"}`,
  );
  session.say(signedBy === null ? "not signed" : `signed by ${signedBy}`);
  session.say(
    exportedBy === null
      ? "nothing vouches for transcripts and source: whoever exported them had no key"
      : `transcripts and source as ${exportedBy} exported them`,
  );
  if (publicKeys.length === 0) session.say("no key was named (--public-key): anybody may have signed it");
  session.say(isProved ? "it is as it was kept" : `${faults.length} things are not as they were kept`);
  return isProved ? EXIT.ok : EXIT.findings;
}

async function exportEvidence(
  session: Session,
  { out }: { readonly out?: string },
  given?: string,
): Promise<ExitCode> {
  const { client, signal, deps } = session;
  const runId = await resolveRun(session, requiredArgument(given));
  const response = await client.exportEvidence({ params: { runId }, signal });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const file = out ?? `${runId}.zip`;
  await writeFile(resolve(deps.cwd, file), bytes);
  printDone(
    session,
    { file, runId, bytes: bytes.length },
    {
      id: () => file,
      row: [file, runId],
      sentence: `${file}: ${bytes.length} bytes – stn audit verify ${file}`,
    },
  );
  return EXIT.ok;
}

async function log(session: Session, { limit }: { readonly limit: number }): Promise<ExitCode> {
  const { client, environment, signal, deps, time } = session;
  const query = { limit, ...inEnvironment(environment) };
  printList(session, await client.listAdminEvents({ query, signal }), {
    columns: [
      { title: "when", value: ({ at }) => moment(Date.parse(at), deps.now(), time) },
      { title: "who", value: ({ actor }) => actor },
      { title: "what", value: ({ action: done }) => done },
      { title: "to", value: ({ subject }) => subject },
      { title: "by", value: ({ channel }) => channel, optional: 2 },
      { title: "more", value: ({ data }) => JSON.stringify(data), optional: 1 },
    ],
    id: ({ id }) => id,
    empty: "nothing was changed yet",
  });
  return EXIT.ok;
}

const COLUMNS: readonly Column<Fault>[] = [
  { title: "what", value: ({ kind }) => kind },
  { title: "which", value: ({ subject }) => subject },
  { title: "event", value: ({ seq, upTo }) => (upTo === null ? String(seq ?? "") : `${seq}–${upTo}`) },
  { title: "finding", value: ({ message }) => message },
];

const FAULTS = {
  columns: COLUMNS,
  id: ({ subject, seq }: Fault) => (seq === null ? subject : `${subject} ${seq}`),
  empty: "",
};

function told(verified: Verified, hasKeys: boolean): readonly string[] {
  const { runs, events, unsealed, removed, administration, checkpoints, signed, versions, untold } = verified;
  const signatures = [...signed].map(([key, count]) => `${count} signed by ${key}`);
  const { length } = verified.faults;
  return [
    `${events} events of ${runs} runs, ${administration} administrative events, ${versions} versions of workflows`,
    `${checkpoints} checkpoints${signatures.length > 0 ? `, ${signatures.join(", ")}` : ", none of them signed"}`,
    ...(removed > 0 ? [`${removed} runs were removed, as administrative events tell`] : []),
    ...(unsealed > 0 ? [`${unsealed} events of the last moments are not sealed yet`] : []),
    ...(untold > 0 ? [`${untold} versions were published before that left an administrative event`] : []),
    ...(hasKeys
      ? []
      : ["no key was named (--public-key): whoever wrote to the database may have signed anew"]),
    length === 0
      ? "everything is as it was kept"
      : `${length} ${length === 1 ? "thing is" : "things are"} not as kept`,
  ];
}
