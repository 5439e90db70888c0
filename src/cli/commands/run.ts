import { type Command, Option } from "commander";
import { action, type Cli, collect } from "../action.ts";
import { EXIT, type ExitCode, usage } from "../errors.ts";
import { readInput } from "../input.ts";
import { versionNumber } from "../options.ts";
import { printValue } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";
import { type DryRunOptions, dryRun } from "./dry-run.ts";
import { followStarted, watchRun } from "./watch.ts";

type Options = {
  readonly inputJson?: string;
  readonly field?: readonly string[];
  readonly wait?: true;
  readonly follow?: true;
  readonly version?: number;
  readonly dryRun?: true;
} & DryRunOptions;

/** `run`: starts a workflow, and waits for it or shows it on request. */
export function addRunCommand(program: Command, cli: Cli): void {
  program
    .command("run <workflow>")
    .helpGroup("Operate:")
    .summary("start a workflow")
    .description(
      "Starts a workflow. With --wait or --follow the exit code tells how it ended: 0 completed, 10 failed, " +
        "11 cancelled, 12 timed out, 13 rejected. Ctrl-C leaves the run alone.",
    )
    .option("-i, --input-json <json>", "its input: JSON, @file, or - for what is piped in")
    .option("-f, --field <key=value>", "a field of its input; may be repeated, a.b=1 nests", collect)
    .addOption(new Option("--wait", "until it has ended").conflicts("follow"))
    .option("--follow", "show it as it goes")
    .option("--version <n>", "this version instead of the current one", versionNumber)
    .addOption(
      new Option("--dry-run", "start nothing: show the path it would take and what it would call").conflicts([
        "wait",
        "follow",
      ]),
    )
    .option(
      "--answer <name=json>",
      "dry run: what an agent or a called workflow answers, by its name or its state's; may be repeated",
      collect,
    )
    .option("--reject <state>", "dry run: this approval is rejected; may be repeated", collect)
    .option("--send <name=json>", "dry run: a signal's payload; may be repeated", collect)
    .addHelpText(
      "after",
      "\n  stn run incident-triage -f namespace=production -f service=checkout --follow" +
        '\n  stn run ./deploy.workflow.yaml --dry-run --answer \'checker={"status": "bad"}\'',
    )
    .action(action<Options>(cli, start));
}

async function start(session: Session, options: Options, given?: string): Promise<ExitCode> {
  const { client, signal, environment } = session;
  if (!options.dryRun && (options.answer || options.reject || options.send))
    throw usage("--answer, --reject and --send are of a dry run", "--dry-run starts nothing");
  const workflowId = requiredArgument(given);
  const input = await readInput(session, options.inputJson, options.field);
  if (options.dryRun) return dryRun(session, workflowId, input ?? {}, options);
  const body = {
    workflowId,
    ...(input && { input }),
    ...(options.version !== undefined && { version: options.version }),
    ...(environment !== null && { environment }),
  };
  const run = await client.startRun({ body, signal });
  const { runId } = run;
  if (options.follow) return followStarted(session, run);
  if (!options.wait) {
    session.say(`started ${workflowId} v${run.workflowVersion} – see it: stn runs show ${runId} --follow`);
    printRun(session, run);
    return EXIT.ok;
  }
  session.say(`started ${workflowId} v${run.workflowVersion} as ${runId}, waiting for its end`);
  const code = await watchRun(session, run, "wait");
  printRun(session, code === EXIT.interrupted ? run : await client.getRun({ params: { runId } }));
  return code;
}

function printRun(session: Session, run: { readonly runId: string }): void {
  if (session.format === "table") session.write(`${run.runId}\n`);
  else printValue(session, run, ({ runId }) => runId);
}
