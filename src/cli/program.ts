import { Command, CommanderError, Option } from "commander";
import type { Cli } from "./action.ts";
import { addAgentCommands } from "./commands/agents.ts";
import { addApprovalCommands } from "./commands/approvals.ts";
import { addArchiveCommands } from "./commands/archive.ts";
import { addAuditCommands } from "./commands/audit.ts";
import { addBackupCommands } from "./commands/backup.ts";
import { addBundleCommands } from "./commands/bundle.ts";
import { addCompletionCommands } from "./commands/completion.ts";
import { addDevCommand } from "./commands/dev.ts";
import { addEventsCommand } from "./commands/events.ts";
import { addExprCommand } from "./commands/expr.ts";
import { addHookCommands } from "./commands/hooks.ts";
import { addImportCommand } from "./commands/import.ts";
import { addInitCommand } from "./commands/init.ts";
import { addKeyCommands } from "./commands/keys.ts";
import { addLoginCommands } from "./commands/login.ts";
import { addLogsCommand } from "./commands/logs.ts";
import { addMcpCommands } from "./commands/mcp.ts";
import { addNotificationCommands } from "./commands/notifications.ts";
import { addRunCommand } from "./commands/run.ts";
import { addRunsCommands } from "./commands/runs.ts";
import { addScheduleCommands } from "./commands/schedules.ts";
import { addSchemaCommand } from "./commands/schema.ts";
import { addSecretCommands } from "./commands/secrets.ts";
import { addServeCommands } from "./commands/serve.ts";
import { addSignalCommand } from "./commands/signal.ts";
import { addSyncCommand } from "./commands/sync.ts";
import { addTestCommand } from "./commands/test.ts";
import { addValidateCommand } from "./commands/validate.ts";
import { addWorkflowCommands } from "./commands/workflow.ts";
import type { CliDeps } from "./deps.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./errors.ts";
import { describeError } from "./output/problem.ts";
import { placeFor } from "./place.ts";
import { FORMATS, type GlobalOptions } from "./session.ts";
import { lookOf } from "./terminal/look.ts";

/** The command line: its description, and a way to run it that answers the exit code. */
export type Program = { readonly command: Command; run(argv: readonly string[]): Promise<ExitCode> };

/** `stn`, with everything it needs of the world given to it. `argv` is without the program's own name. */
export function createProgram(deps: CliDeps): Program {
  const cli: Cli = { deps, exitCode: EXIT.ok };
  const command = describe(deps);
  addInitCommand(command, cli);
  addDevCommand(command, cli);
  addValidateCommand(command, cli);
  addTestCommand(command, cli);
  addImportCommand(command, cli);
  addSyncCommand(command, cli);
  addWorkflowCommands(command, cli);
  addAgentCommands(command, cli);
  addMcpCommands(command, cli);
  addExprCommand(command, cli);
  addSchemaCommand(command, cli);
  addRunCommand(command, cli);
  addRunsCommands(command, cli);
  addEventsCommand(command, cli);
  addLogsCommand(command, cli);
  addApprovalCommands(command, cli);
  addNotificationCommands(command, cli);
  addScheduleCommands(command, cli);
  addSignalCommand(command, cli).helpGroup("Operate:");
  addServeCommands(command, cli);
  addArchiveCommands(command, cli);
  addBackupCommands(command, cli);
  addSecretCommands(command, cli);
  addLoginCommands(command, cli);
  addKeyCommands(command, cli);
  addCompletionCommands(command, cli);
  addHookCommands(command, cli);
  addBundleCommands(command, cli);
  addAuditCommands(command, cli);
  for (const one of withDescendants(command)) quieten(one, deps);
  return {
    command,
    async run(argv) {
      cli.exitCode = EXIT.ok;
      try {
        await command.parseAsync(argv[0] === "--version" ? ["-V"] : [...argv], { from: "user" });
        return cli.exitCode;
      } catch (error) {
        return failed(error, command, deps);
      }
    },
  };
}

function describe(deps: CliDeps): Command {
  return new Command("stn")
    .helpCommand(false)
    .description("Station: durable workflows in which agents do the work.")
    .version(deps.version, "-V", "print the version")
    .addOption(new Option("--json", "one JSON object; one per line for streams").conflicts("output"))
    .addOption(new Option("-o, --output <format>", "how data is written").choices(FORMATS))
    .option(
      "-e, --env <name>",
      "the environment (default: station.yaml's, the context's, or default; for lists: all)",
    )
    .option(
      "--url <url>",
      "the server (default: STATION_URL, else this machine's at PORT, else station.yaml's, else the current context, else this machine's)",
    )
    .addOption(new Option("--context <name>", "a server that login has remembered").conflicts("url"))
    .option("-q, --quiet", "no words for people, only data and errors")
    .option("-v, --verbose", "more about errors")
    .option("--no-input", "never ask anything")
    .addOption(
      new Option("--color <when>", "use colours").choices(["auto", "always", "never"]).default("auto"),
    )
    .addOption(new Option("--time <style>", "how moments are written").choices(["relative", "iso"]))
    .addHelpText(
      "after",
      "\nData goes to stdout, everything else to stderr. Ids may be shortened; @last is the latest.\n" +
        "Exit codes: 0 ok, 1 error, 2 usage, 3 findings, 4 authentication, 5 not found, 6 conflict,\n" +
        "7 unreachable, 10 run failed, 11 cancelled, 12 timed out, 13 rejected, 130 interrupted.",
    );
}

function withDescendants(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}

/** Commander throws instead of ending the process, and writes where it is told to. */
function quieten(command: Command, { terminal }: CliDeps): void {
  const { stdout, stderr } = terminal;
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.max(60, stdout.columns()) })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(text),
    })
    .showSuggestionAfterError()
    .showHelpAfterError(`(${path(command)} --help says more)`);
}

function path(command: Command): string {
  return command.parent ? `${path(command.parent)} ${command.name()}` : command.name();
}

const HELP_CODES = new Set(["commander.helpDisplayed", "commander.version"]);

function failed(error: unknown, command: Command, deps: CliDeps): ExitCode {
  if (error instanceof CommanderError) return HELP_CODES.has(error.code) ? EXIT.ok : EXIT.usage;
  if (deps.interrupt.aborted) return EXIT.interrupted;
  const { color, verbose, ...where } = command.opts<Partial<GlobalOptions>>();
  const { stderr } = deps.terminal;
  stderr.write(
    describeError(error, {
      look: lookOf(deps.terminal, stderr, color ?? "auto"),
      columns: stderr.isTty ? stderr.columns() : 120,
      url: addressOf(deps, where),
      verbose: verbose ?? false,
    }),
  );
  return exitCodeOf(error);
}

/** The server that did not do what was wanted; none when it cannot even be said which. */
function addressOf(deps: CliDeps, where: Pick<GlobalOptions, "url" | "context">): string {
  try {
    return placeFor(deps, where).url.value;
  } catch {
    return "";
  }
}
