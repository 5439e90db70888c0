import { type Command, Option } from "commander";
import type { RunStatus } from "../../core/run/run.ts";
import { isoTime } from "../../core/time.ts";
import { action, type Cli } from "../action.ts";
import { confirm } from "../confirm.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { drawTree } from "../follow/tree.ts";
import { follow, viewOf } from "../follow/view.ts";
import { resolveRun } from "../ids.ts";
import { limitOption, pastMoment, statusNamed, wholeNumber } from "../options.ts";
import { printDone, printList, printValue } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";
import { allEvents } from "./all-events.ts";
import { addBulkCommand } from "./bulk.ts";
import { addHoldCommands } from "./hold.ts";
import { addRerunCommand } from "./rerun.ts";
import { runColumns } from "./run-columns.ts";
import { addSignalCommand } from "./signal.ts";
import { watchRun } from "./watch.ts";

type ListOptions = {
  readonly workflow?: string;
  readonly status?: readonly RunStatus[];
  readonly since?: (now: number) => number;
  readonly limit: number;
};

/** `runs list|show|pause|resume|cancel|rerun|bulk|signal|hold|release|purge`. */
export function addRunsCommands(program: Command, cli: Cli): void {
  const group = program
    .command("runs")
    .helpGroup("Operate:")
    .summary("list, show, pause, resume, cancel, rerun, signal runs");
  group
    .command("list", { isDefault: true })
    .summary("list runs, newest first")
    .option("--workflow <id>", "of this workflow")
    .option("--status <status>", "in this status; may be repeated", statusNamed)
    .option("--since <time>", 'started since then: "2h", "3d", or a date', pastMoment)
    .addOption(limitOption())
    .action(action<ListOptions>(cli, list));
  group
    .command("show <id>")
    .summary("show a run as a tree")
    .addOption(new Option("-f, --follow", "go on until it ends").conflicts("at"))
    .option("--at <seq>", "as it stood after this event", wholeNumber)
    .action(action<ShowOptions>(cli, show));
  group
    .command("pause <id>")
    .summary("start nothing new in it; what runs is finished")
    .option("-m, --reason <text>", "why")
    .action(
      action<{ readonly reason?: string }>(cli, (session, { reason }, id) => pause(session, id, reason)),
    );
  group
    .command("resume <id>")
    .summary("go on with a paused run")
    .action(action(cli, (session, _options, id) => resume(session, id)));
  group
    .command("cancel <id>")
    .summary("end it at once")
    .option("-m, --reason <text>", "why")
    .option("--yes", "without being asked")
    .action(action<{ readonly reason?: string; readonly yes?: true }>(cli, cancel));
  addRerunCommand(group, cli);
  addBulkCommand(group, cli);
  addSignalCommand(group, cli);
  addHoldCommands(group, cli);
}

async function list(session: Session, { workflow, status, since, limit }: ListOptions): Promise<ExitCode> {
  const { client, signal, environment } = session;
  const query = {
    limit,
    ...(workflow !== undefined && { workflowId: workflow }),
    ...(status && { status: [...status] }),
    ...(since && { startedAfter: isoTime(since(session.deps.now())) }),
    ...(environment !== null && { environment }),
  };
  const page = await client.listRuns({ query, signal });
  printList(session, page, { columns: runColumns(session), id: ({ runId }) => runId, empty: "no runs" });
  return EXIT.ok;
}

type ShowOptions = { readonly follow?: true; readonly at?: number };

async function show(
  session: Session,
  { follow: follows, at }: ShowOptions,
  given?: string,
): Promise<ExitCode> {
  const { client, signal, out, deps } = session;
  const runId = await resolveRun(session, requiredArgument(given));
  const run = await client.getRun({ params: { runId }, query: at === undefined ? {} : { at }, signal });
  if (run.purgedAt !== null) session.say(purgedSince(run.purgedAt));
  if (follows) return watchRun(session, run, "follow");
  if (session.format !== "table") {
    printValue(session, run, () => runId);
    return EXIT.ok;
  }
  const address = session.addressOf(runId);
  const params = { id: run.workflowId, version: run.workflowVersion };
  const query = { environment: run.environment };
  const { definition } = await client.getWorkflowVersion({ params, query, signal });
  let view = viewOf(definition);
  let now = deps.now();
  for await (const event of allEvents(session, runId, 0)) {
    view = follow(view, event);
    if (event.seq !== at) continue;
    now = Date.parse(event.at);
    break;
  }
  const columns = out.width();
  const lines = drawTree(view, {
    look: out.look,
    columns,
    now,
    address: await address,
  });
  session.write(`${lines.join("\n")}\n`);
  if (run.blockedOn !== null) session.say(run.blockedOn);
  return EXIT.ok;
}

/** Said of a run whose values are gone: what it shows of them is not what they were. */
function purgedSince(at: string): string {
  return `purged at ${at}: its input, outputs, messages and logs were taken out; who did what, and when, is left`;
}

async function pause(session: Session, given: string | undefined, reason?: string): Promise<ExitCode> {
  const runId = await resolveRun(session, requiredArgument(given));
  const body = reason === undefined ? {} : { reason };
  const run = await session.client.pauseRun({ params: { runId }, body, signal: session.signal });
  const sentence = `${runId} is paused; what runs is finished – go on: stn runs resume ${runId}`;
  printDone(session, run, { id: () => runId, row: [runId, run.status], sentence });
  return EXIT.ok;
}

async function resume(session: Session, given: string | undefined): Promise<ExitCode> {
  const runId = await resolveRun(session, requiredArgument(given));
  const run = await session.client.resumeRun({ params: { runId }, body: {}, signal: session.signal });
  printDone(session, run, { id: () => runId, row: [runId, run.status], sentence: `${runId} goes on` });
  return EXIT.ok;
}

async function cancel(
  session: Session,
  { reason, yes }: { readonly reason?: string; readonly yes?: true },
  given?: string,
): Promise<ExitCode> {
  const runId = await resolveRun(session, requiredArgument(given));
  if (!yes) await confirm(session, `cancel ${runId}?`);
  const body = reason === undefined ? {} : { reason };
  const run = await session.client.cancelRun({ params: { runId }, body, signal: session.signal });
  printDone(session, run, { id: () => runId, row: [runId, run.status], sentence: `${runId} is cancelled` });
  return EXIT.ok;
}
