import type { Command } from "commander";
import { action, type Cli, collect } from "../action.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { resolveRun } from "../ids.ts";
import { readInput } from "../input.ts";
import { versionNumber } from "../options.ts";
import { printDone } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";
import { followStarted } from "./watch.ts";

type Options = {
  readonly from?: string;
  readonly inputJson?: string;
  readonly field?: readonly string[];
  readonly version?: number;
  readonly follow?: true;
};

/** `runs rerun`: a new run that repeats an earlier one, from its start or from a state. */
export function addRerunCommand(parent: Command, cli: Cli): Command {
  return parent
    .command("rerun <id>")
    .summary("run it again, from its start or from a state")
    .description(
      "Starts a new run like an earlier one. With --from it begins at a state of the workflow's own list and takes " +
        "over everything that came before; an approval is never taken over.",
    )
    .option("--from <state>", "begin at this state")
    .option("-i, --input-json <json>", "another input: JSON, @file, or - for what is piped in")
    .option("-f, --field <key=value>", "a field of another input; may be repeated, a.b=1 nests", collect)
    .option("--version <n>", "this version of the workflow instead of the run's own", versionNumber)
    .option("--follow", "show it as it goes")
    .action(action<Options>(cli, rerun));
}

async function rerun(session: Session, options: Options, given?: string): Promise<ExitCode> {
  const { client, signal } = session;
  const earlier = await resolveRun(session, requiredArgument(given));
  const input = await readInput(session, options.inputJson, options.field);
  const body = {
    ...(options.from !== undefined && { fromState: options.from }),
    ...(input && { input }),
    ...(options.version !== undefined && { version: options.version }),
  };
  const run = await client.rerunRun({ params: { runId: earlier }, body, signal });
  const { runId } = run;
  if (options.follow) return followStarted(session, run);
  const where = options.from === undefined ? "from its start" : `from ${options.from}`;
  const sentence = `${runId} runs ${earlier} again ${where} – see it: stn runs show ${runId} --follow`;
  printDone(session, run, { id: () => runId, row: [runId, run.status], sentence });
  return EXIT.ok;
}
