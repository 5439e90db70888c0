import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../core/definition/duration.ts";
import { OVERLAPS, type Overlap } from "../../core/schedule/overlap.ts";
import type { Schedule, Tick } from "../../http/schemas/schedules.ts";
import { action, type Cli, collect } from "../action.ts";
import { confirm } from "../confirm.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { readInput } from "../input.ts";
import { inEnvironment, limitOption, wholeNumber } from "../options.ts";
import { printDone, printList, printValue } from "../output/print.ts";
import type { Column } from "../output/table.ts";
import { requiredArgument, type Session } from "../session.ts";
import { oneLine } from "../terminal/text.ts";
import { moment } from "../terminal/time.ts";

type CreateOptions = {
  readonly workflow: string;
  readonly cron?: string;
  readonly timezone?: string;
  readonly every?: number;
  readonly inputJson?: string;
  readonly field?: readonly string[];
  readonly overlap?: Overlap;
  readonly catchUp?: number;
  readonly jitter?: number;
  readonly start?: string;
  readonly end?: string;
};

/** `schedules`: runs that start by themselves. */
export function addScheduleCommands(program: Command, cli: Cli): void {
  const schedules = program
    .command("schedules")
    .helpGroup("Operate:")
    .summary("runs that start by themselves: list, make, pause, fire");
  schedules
    .command("list", { isDefault: true })
    .summary("list schedules, by environment and name")
    .option("--workflow <id>", "of this workflow")
    .addOption(limitOption())
    .action(action<{ readonly workflow?: string; readonly limit: number }>(cli, list));
  schedules.command("show <name>").summary("a schedule with its newest ticks").action(action(cli, show));
  schedules
    .command("create <name>")
    .summary("let runs of a workflow start by themselves")
    .requiredOption("--workflow <id>", "whose runs it starts")
    .addOption(new Option("--cron <fields>", 'like "30 2 * * mon-fri", or @daily').conflicts("every"))
    .option("--timezone <zone>", "whose clocks count, like Europe/Berlin (default: UTC)")
    .addOption(new Option("--every <time>", "an interval: 15m, 36h").argParser(secondsOf))
    .option("-i, --input-json <json>", "the runs' input: JSON, @file, or - for what is piped in")
    .option("-f, --field <key=value>", "a field of the input; may be repeated, a.b=1 nests", collect)
    .addOption(new Option("--overlap <policy>", "while an earlier run has not ended").choices(OVERLAPS))
    .addOption(
      new Option("--catch-up <time>", "how late a missed time is made up for: 6h, or none").argParser(
        catchUpOf,
      ),
    )
    .addOption(new Option("--jitter <time>", "each time comes up to so much later").argParser(secondsOf))
    .option("--start <time>", "no time before, like 2026-01-05T09:00:00Z")
    .option("--end <time>", "no time after")
    .addHelpText(
      "after",
      '\n  stn schedules create nightly-eu --workflow report --cron "30 2 * * *" --timezone Europe/Berlin -f region=eu',
    )
    .action(action<CreateOptions>(cli, create));
  schedules
    .command("next <name>")
    .summary("when it would fire next, in UTC and by its clocks")
    .addOption(new Option("--count <n>", "so many (1 to 100)").default(10).argParser(wholeNumber))
    .action(action<{ readonly count: number }>(cli, next));
  schedules
    .command("history <name>")
    .summary("its ticks, newest first: the run of each, or why there is none")
    .addOption(limitOption())
    .action(action<{ readonly limit: number }>(cli, history));
  schedules
    .command("pause <name>")
    .summary("fire nothing until it is resumed")
    .option("-m, --message <reason>", "why")
    .action(action<{ readonly message?: string }>(cli, pause));
  schedules.command("resume <name>").summary("fire again").action(action(cli, resume));
  schedules
    .command("trigger <name>")
    .summary("fire at once, also while it is paused")
    .option("--force", "whatever an earlier run does")
    .action(action<{ readonly force?: true }>(cli, trigger));
  schedules
    .command("delete <name>")
    .summary("delete a schedule with its history; its runs stay")
    .option("--yes", "without being asked")
    .action(action<{ readonly yes?: true }>(cli, remove));
}

async function list(
  session: Session,
  { workflow, limit }: { readonly workflow?: string; readonly limit: number },
): Promise<ExitCode> {
  const query = {
    ...inEnvironment(session.environment),
    limit,
    ...(workflow !== undefined && { workflowId: workflow }),
  };
  printList(session, await session.client.listSchedules({ query, signal: session.signal }), {
    columns: scheduleColumns(session),
    id: ({ name }) => name,
    empty: 'no schedules yet: stn schedules create nightly --workflow report --cron "30 2 * * *"',
  });
  return EXIT.ok;
}

async function show(session: Session, _: object, name?: string): Promise<ExitCode> {
  const asked = about(session, name);
  const schedule = await session.client.getSchedule(asked);
  const query = { ...asked.query, limit: 10 };
  const { items } = await session.client.listTicks({ ...asked, query });
  if (session.format !== "table") {
    printValue(session, { ...schedule, history: items }, (one) => one.name);
    return EXIT.ok;
  }
  const { environment, workflowId, status, paused, overlap, catchUpSeconds, jitterSeconds, nextAt } =
    schedule;
  const why = paused?.reason ? `: ${paused.reason}` : "";
  const lines = [
    ["name", schedule.name],
    ["workflow", `${workflowId} in ${environment}`],
    ["when", whenOf(schedule)],
    ["status", paused ? `paused by ${paused.by} ${at(session, paused.at)}${why}` : status],
    ["next", nextAt === null ? "never" : at(session, nextAt)],
    ["overlap", overlap],
    ["catch up", catchUpSeconds === 0 ? "none" : `${catchUpSeconds} s`],
    ...(jitterSeconds === 0 ? [] : [["jitter", `up to ${jitterSeconds} s`]]),
    ["input", JSON.stringify(schedule.input)],
    ["made by", schedule.origin === "workflow" ? `its workflow (${schedule.createdBy})` : schedule.createdBy],
  ];
  session.write(lines.map(([key = "", value = ""]) => `${key.padEnd(9)}  ${oneLine(value)}\n`).join(""));
  for (const tick of items)
    session.write(`${at(session, tick.at)}  ${tick.status}  ${oneLine(whatCame(tick))}\n`);
  return EXIT.ok;
}

async function create(session: Session, options: CreateOptions, name?: string): Promise<ExitCode> {
  const { workflow, cron, timezone, every, overlap, catchUp, jitter, start, end } = options;
  const input = await readInput(session, options.inputJson, options.field);
  const body = {
    name: requiredArgument(name),
    workflowId: workflow,
    ...inEnvironment(session.environment),
    ...(cron !== undefined && { cron }),
    ...(timezone !== undefined && { timezone }),
    ...(every !== undefined && { everySeconds: every }),
    ...(input && { input }),
    ...(overlap !== undefined && { overlap }),
    ...(catchUp !== undefined && { catchUpSeconds: catchUp }),
    ...(jitter !== undefined && { jitterSeconds: jitter }),
    ...(start !== undefined && { startAt: start }),
    ...(end !== undefined && { endAt: end }),
  };
  const schedule = await session.client.createSchedule({ body, signal: session.signal });
  return printSchedule(session, schedule, `${schedule.name} fires next ${nextOf(session, schedule)}`);
}

async function next(
  session: Session,
  { count }: { readonly count: number },
  name?: string,
): Promise<ExitCode> {
  const asked = about(session, name);
  const { items } = await session.client.nextTicks({ ...asked, query: { ...asked.query, count } });
  const page = { items, nextCursor: null };
  printList(session, page, {
    columns: [
      { title: "at", value: (one) => one.at },
      { title: "local", value: (one) => one.local },
    ],
    id: (one) => one.at,
    empty: "it never fires again",
  });
  return EXIT.ok;
}

async function history(
  session: Session,
  { limit }: { readonly limit: number },
  name?: string,
): Promise<ExitCode> {
  const asked = about(session, name);
  printList(session, await session.client.listTicks({ ...asked, query: { ...asked.query, limit } }), {
    columns: [
      { title: "at", value: (tick) => at(session, tick.at) },
      { title: "status", value: (tick) => tick.status },
      { title: "run or reason", value: whatCame },
      { title: "fired by", value: (tick) => tick.triggeredBy ?? "its time", optional: 1 },
    ],
    id: (tick) => tick.key,
    empty: "it has not fired yet",
  });
  return EXIT.ok;
}

async function pause(
  session: Session,
  { message }: { readonly message?: string },
  name?: string,
): Promise<ExitCode> {
  const body = message === undefined ? {} : { reason: message };
  const schedule = await session.client.pauseSchedule({ ...about(session, name), body });
  return printSchedule(
    session,
    schedule,
    `${schedule.name} is paused: stn schedules resume ${schedule.name}`,
  );
}

async function resume(session: Session, _: object, name?: string): Promise<ExitCode> {
  const schedule = await session.client.resumeSchedule(about(session, name));
  return printSchedule(session, schedule, `${schedule.name} fires next ${nextOf(session, schedule)}`);
}

async function trigger(
  session: Session,
  { force = false }: { readonly force?: boolean },
  name?: string,
): Promise<ExitCode> {
  const tick = await session.client.triggerSchedule({ ...about(session, name), body: { force } });
  printDone(session, tick, {
    id: (one) => one.runId ?? one.key,
    row: [tick.status, whatCame(tick)],
    sentence: `${tick.status}: ${whatCame(tick)}`,
  });
  return tick.status === "failed" || tick.status === "skipped" ? EXIT.conflict : EXIT.ok;
}

async function remove(session: Session, { yes }: { readonly yes?: true }, name?: string): Promise<ExitCode> {
  const asked = about(session, name);
  if (!yes) await confirm(session, `delete schedule ${asked.params.name} with its history?`);
  await session.client.deleteSchedule(asked);
  session.say(`${asked.params.name} is deleted; its runs stay`);
  return EXIT.ok;
}

function about(session: Session, name: string | undefined) {
  return {
    params: { name: requiredArgument(name) },
    query: inEnvironment(session.environment),
    signal: session.signal,
  };
}

function printSchedule(session: Session, schedule: Schedule, sentence: string): ExitCode {
  printDone(session, schedule, {
    id: ({ name }) => name,
    row: [schedule.environment, schedule.name, schedule.status],
    sentence,
  });
  return EXIT.ok;
}

function scheduleColumns(session: Session): readonly Column<Schedule>[] {
  return [
    { title: "environment", value: ({ environment }) => environment, optional: 3 },
    { title: "name", value: ({ name }) => name },
    { title: "workflow", value: ({ workflowId }) => workflowId, optional: 2 },
    { title: "when", value: whenOf },
    { title: "status", value: ({ status }) => status },
    { title: "next", value: (schedule) => nextOf(session, schedule) },
    { title: "last", value: ({ last }) => (last ? last.status : "none"), optional: 1 },
  ];
}

function whenOf({ cron, timezone, everySeconds }: Schedule): string {
  return cron === null ? `every ${everySeconds} s` : `${cron} ${timezone}`;
}

function nextOf(session: Session, { nextAt, paused }: Schedule): string {
  return nextAt === null ? (paused ? "once it is resumed" : "never") : at(session, nextAt);
}

function whatCame({ runId, runStatus, reason, count, until }: Tick): string {
  if (runId !== null) return runStatus === null ? runId : `${runId} ${runStatus}`;
  const many = until === null ? "" : `${count ?? "more than 1000"} until ${until}: `;
  return `${many}${reason ?? ""}`;
}

function at({ deps, time }: Session, text: string): string {
  return moment(Date.parse(text), deps.now(), time);
}

function secondsOf(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) throw new InvalidArgumentError('Write "90s", "15m", "1h30m" or "2d".');
  return seconds;
}

function catchUpOf(text: string): number {
  return text === "none" ? 0 : secondsOf(text);
}
