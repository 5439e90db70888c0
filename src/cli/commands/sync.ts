import { join } from "node:path";
import type { Command } from "commander";
import type { SyncReport, SyncRow } from "../../engine/sync.ts";
import { action, type Cli } from "../action.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { frame } from "../output/frame.ts";
import { jsonLine, printList, printValue } from "../output/print.ts";
import { describeError } from "../output/problem.ts";
import type { Session } from "../session.ts";
import type { Look } from "../terminal/look.ts";
import { oneLine } from "../terminal/text.ts";

type Options = { readonly dryRun?: true; readonly watch?: true };

/** `sync`: has the server bring its workflows in line with its files. */
export function addSyncCommand(program: Command, cli: Cli): void {
  program
    .command("sync [environment]")
    .helpGroup("Author:")
    .summary("bring the server's workflows in line with its files")
    .description(
      "Brings an environment's workflows in line with its files. Exit code 3 when a file is invalid.\n" +
        "--watch does so again whenever a file here is saved, for a server that reads the same files.",
    )
    .option("--dry-run", "only say what would change")
    .option("--watch", "and again whenever a file is saved, until Ctrl-C")
    .action(
      action<Options>(cli, async (session, options, given) => {
        const request = {
          environment: given ?? session.environment ?? "default",
          dryRun: options.dryRun ?? false,
        };
        if (options.watch) return watchFiles(session, request);
        const report = await session.client.sync({ body: request, signal: session.signal });
        printReport(session, report);
        return report.rows.some(({ result }) => result === "invalid") ? EXIT.findings : EXIT.ok;
      }),
    );
}

type Request = { readonly environment: string; readonly dryRun: boolean };

/** Syncs now and after each change until the person has had enough; a server that is away is asked the next time. */
async function watchFiles(session: Session, request: Request): Promise<ExitCode> {
  const { deps, signal, err } = session;
  const { environment } = request;
  const sync = async (): Promise<void> => {
    try {
      const report = await session.client.sync({ body: request, signal });
      printReport(session, { ...report, rows: report.rows.filter(isNews) }, true);
    } catch (error) {
      if (signal.aborted) return;
      const shown = { look: err.look, columns: err.width(), url: session.url, verbose: session.isVerbose };
      err.output.write(describeError(error, shown));
    }
  };
  const stop = await deps.watch(async (changed) => (changed === environment ? sync() : undefined));
  try {
    await sync();
    session.say(`watching ${join(deps.environmentsDir, environment)}; Ctrl-C ends it`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    await stop();
  }
  return EXIT.ok;
}

/** What a person who watches wants to see: not what is as it was. */
function isNews({ result, diagnostics }: SyncRow): boolean {
  return (result !== "unchanged" && result !== "ok") || diagnostics.length > 0;
}

function printReport(session: Session, report: SyncReport, isStream = false): void {
  const { format } = session;
  if (isStream && format !== "table" && format !== "id") session.write(jsonLine(report));
  else if (format === "json" || format === "yaml") printValue(session, report, () => report.environment);
  else if (!isStream || report.rows.length > 0)
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
