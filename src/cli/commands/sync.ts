import type { Command } from "commander";
import type { SyncReport, SyncRow } from "../../engine/sync.ts";
import { action, type Cli } from "../action.ts";
import { EXIT } from "../errors.ts";
import { frame } from "../output/frame.ts";
import { printList, printValue } from "../output/print.ts";
import type { Session } from "../session.ts";
import type { Look } from "../terminal/look.ts";
import { oneLine } from "../terminal/text.ts";

type Options = { readonly dryRun?: true };

/** `sync`: has the server bring its workflows in line with its files. */
export function addSyncCommand(program: Command, cli: Cli): void {
  program
    .command("sync [environment]")
    .helpGroup("Author:")
    .summary("bring the server's workflows in line with its files")
    .description(
      "Brings an environment's workflows in line with its files. Exit code 3 when a file is invalid.",
    )
    .option("--dry-run", "only say what would change")
    .action(
      action<Options>(cli, async (session, { dryRun }, given) => {
        const environment = given ?? session.environment ?? "default";
        const body = { environment, dryRun: dryRun ?? false };
        const report = await session.client.sync({ body, signal: session.signal });
        printReport(session, report);
        return report.rows.some(({ result }) => result === "invalid") ? EXIT.findings : EXIT.ok;
      }),
    );
}

function printReport(session: Session, report: SyncReport): void {
  const { format } = session;
  if (format === "json" || format === "yaml") printValue(session, report, () => report.environment);
  else
    printList(
      session,
      { items: report.rows, nextCursor: null },
      {
        columns: [
          { title: "", value: ({ result }) => result, shown: (row, look) => signOf(row, look) },
          { title: "kind", value: ({ kind }) => kind, optional: 1 },
          { title: "id", value: ({ id }) => id ?? "" },
          {
            title: "version",
            value: ({ version }) => (version === null ? "" : `v${version}`),
            shown: versionOf,
          },
          { title: "file", value: ({ file }) => file, optional: 2 },
          { title: "why", value: ({ reason }) => reason ?? "" },
        ],
        id: ({ id, file }) => id ?? file,
        empty: `environment "${report.environment}" has no files`,
      },
    );
  const { look, output } = session.err;
  for (const { file, diagnostics } of report.rows)
    for (const diagnostic of diagnostics)
      output.write(frame({ file: `${report.environment}/${oneLine(file)}`, text: null }, diagnostic, look));
  const changed = report.rows.filter(({ result }) => !["unchanged", "ok", "invalid"].includes(result)).length;
  const invalid = report.rows.filter(({ result }) => result === "invalid").length;
  const verb = report.dryRun ? "would change" : "changed";
  session.say(`${report.environment}: ${changed} ${verb}${invalid > 0 ? `, ${invalid} invalid` : ""}`);
}

/** + created  ~ updated  - disabled  = unchanged  x invalid */
function signOf({ result }: SyncRow, look: Look): string {
  switch (result) {
    case "created":
    case "enabled":
      return look.paint("green", "+");
    case "updated":
      return look.paint("yellow", "~");
    case "disabled":
      return look.paint("dim", "-");
    case "unchanged":
    case "ok":
      return look.paint("dim", "=");
    case "invalid":
      return look.glyph("FAILED");
  }
}

function versionOf({ result, version }: SyncRow): string {
  if (version === null) return "";
  return result === "updated" ? `v${version - 1} → v${version}` : `v${version}`;
}
