import type { Command } from "commander";
import { action, type Cli } from "../action.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { resolveRun } from "../ids.ts";
import { readJson } from "../input.ts";
import { printDone } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";

type Options = { readonly payload?: string; readonly id?: string };

/** `signal`: a message for a run; it keeps it until a state waits for it. */
export function addSignalCommand(parent: Command, cli: Cli): Command {
  return parent
    .command("signal <id> <name>")
    .summary("send a run a signal")
    .description("Sends a run a signal; the run keeps it until a state waits for it.")
    .option("-p, --payload <json>", "what it carries: JSON, @file, or - for what is piped in")
    .option("--id <id>", "a signal with the same id is taken once")
    .action(action<Options>(cli, send));
}

async function send(session: Session, options: Options, id?: string, given?: string): Promise<ExitCode> {
  const name = requiredArgument(given);
  const runId = await resolveRun(session, requiredArgument(id));
  const payload =
    options.payload === undefined ? {} : { payload: await readJson(session, options.payload, "--payload") };
  const body = { name, ...payload, ...(options.id !== undefined && { id: options.id }) };
  const run = await session.client.signalRun({ params: { runId }, body, signal: session.signal });
  const sentence = `signal "${name}" is in the mailbox of ${runId}`;
  printDone(session, run, { id: () => runId, row: [runId, run.status], sentence });
  return EXIT.ok;
}
