import type { Command } from "commander";
import type { RunEventItem } from "../../http/schemas/runs.ts";
import { action, type Cli } from "../action.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { eventLine, placeOf, tell } from "../follow/event-line.ts";
import { resolveRun } from "../ids.ts";
import { wholeNumber } from "../options.ts";
import { jsonLine, printList } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";
import { oneLine } from "../terminal/text.ts";
import { allEvents } from "./all-events.ts";

type Options = { readonly follow?: true; readonly since: number };

/** `events`: the audit trail of a run, and what is added to it. */
export function addEventsCommand(program: Command, cli: Cli): void {
  program
    .command("events <id>")
    .helpGroup("Operate:")
    .summary("show everything that happened in a run")
    .option("-f, --follow", "go on until it ends")
    .option("--since <seq>", "only what came behind this event", wholeNumber, 0)
    .action(action<Options>(cli, events));
}

async function events(session: Session, { follow, since }: Options, given?: string): Promise<ExitCode> {
  const { client, signal } = session;
  const runId = await resolveRun(session, requiredArgument(given));
  const { createdAt } = await client.getRun({ params: { runId }, signal });
  if (!follow && session.format !== "table") {
    const items = [];
    for await (const item of allEvents(session, runId, since)) items.push(item);
    printList(session, { items, nextCursor: null }, { columns: [], id: ({ seq }) => String(seq), empty: "" });
    return EXIT.ok;
  }
  const write = writerOf(session, Date.parse(createdAt));
  const source = follow ? client.stream(runId, streaming(session, since)) : allEvents(session, runId, since);
  for await (const item of source) write(item);
  if (!signal.aborted) return EXIT.ok;
  session.err.output.write(`run ${runId} goes on; look again: stn events ${runId} -f\n`);
  return EXIT.interrupted;
}

function streaming(session: Session, after: number) {
  return {
    after,
    signal: session.signal,
    onReconnect({ error }: { readonly error: Error | null }) {
      if (error !== null) session.say("connection lost, reconnecting");
    },
  };
}

function writerOf(session: Session, since: number): (item: RunEventItem) => void {
  const { out, format } = session;
  if (format === "id") return ({ seq }) => session.write(`${seq}\n`);
  if (format !== "table") return (item) => session.write(jsonLine(item));
  if (!out.output.isTty) return (item) => session.write(`${fields(item).map(oneLine).join("\t")}\n`);
  return (item) => session.write(`${eventLine(item, { look: out.look, columns: out.width(), since })}\n`);
}

function fields(item: RunEventItem): readonly string[] {
  return [String(item.seq), item.at, item.type, placeOf(item), item.actor, item.channel, tell(item).text];
}
