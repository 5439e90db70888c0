import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Fault } from "../../core/audit/fault.ts";
import type { Verified } from "../../engine/verify-trail.ts";
import { action, type Cli, collect } from "../action.ts";
import { CliError, EXIT, type ExitCode } from "../errors.ts";
import { printList, printValue } from "../output/print.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../session.ts";

type VerifyOptions = {
  readonly database?: string;
  readonly publicKey?: readonly string[];
  readonly anchor?: string;
};

/** `audit`: what proves that the trail is as it was kept. */
export function addAuditCommands(program: Command, cli: Cli): void {
  const group = program
    .command("audit")
    .helpGroup("Prove:")
    .summary("verify the audit trail, export its proof")
    .description("What proves that the audit trail is as it was kept. Needs no server.");
  group
    .command("verify")
    .summary("read the whole trail and name what is not as it was kept")
    .description(
      "Reads every event, seal and checkpoint of a database and changes nothing; exit code 3 when something is not as " +
        "it was kept. Whoever can write to the database can rewrite all of it but signatures: name the keys you trust. " +
        "A file that a running Station owns is verified by a copy: stn backup copy.db.",
    )
    .option("--database <url>", "file:path or a libSQL server's address (default: STATION_DATABASE_URL)")
    .option(
      "--public-key <file>",
      "a key (PEM) that checkpoints must be signed with; may be repeated for keys before it",
      collect,
    )
    .option("--anchor <file>", "a copy of STATION_AUDIT_ANCHOR_FILE: checkpoints that must be there")
    .action(action<VerifyOptions>(cli, verify));
}

async function verify(session: Session, options: VerifyOptions): Promise<ExitCode> {
  const { audit, cwd } = session.deps;
  const publicKeys = await Promise.all((options.publicKey ?? []).map((file) => textOf(session, file)));
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

async function textOf(session: Session, file: string): Promise<string> {
  const path = resolve(session.deps.cwd, file);
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new CliError(EXIT.notFound, `there is no file ${path}`, null, { cause });
  });
}
