import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../core/definition/duration.ts";
import { NOTIFICATION_TYPES, type NotificationType } from "../../core/notify/types.ts";
import { DELIVERY_STATUSES, type Delivery, type Subscription } from "../../http/schemas/notifications.ts";
import { action, type Cli, collect } from "../action.ts";
import { confirm } from "../confirm.ts";
import { EXIT, type ExitCode, usage } from "../errors.ts";
import { resolveRun } from "../ids.ts";
import { inEnvironment, limitOption } from "../options.ts";
import { printDone, printList, printValue } from "../output/print.ts";
import type { Column } from "../output/table.ts";
import { requiredArgument, type Session } from "../session.ts";
import { moment } from "../terminal/time.ts";

type SettingsOptions = {
  readonly on?: readonly NotificationType[];
  readonly webhook?: string;
  readonly slack?: string;
  readonly mail?: readonly string[];
  readonly approvers?: true;
  readonly workflow?: readonly string[];
  readonly label?: readonly string[];
  readonly subject?: string;
  readonly text?: string;
};
type DeliveriesOptions = {
  readonly subscription?: string;
  readonly status?: (typeof DELIVERY_STATUSES)[number];
  readonly run?: string;
  readonly limit: number;
};

/** What somebody wants to hear when they say nothing about it: what needs them. */
const NEEDS_SOMEBODY: readonly NotificationType[] = [
  "approval.requested",
  "approval.reminder",
  "approval.escalated",
  "run.failed",
  "run.timed_out",
];

/** `notifications list|create|change|show|enable|disable|rotate|test|delete|deliveries|delivery|redeliver`. */
export function addNotificationCommands(program: Command, cli: Cli): void {
  const group = program
    .command("notifications")
    .helpGroup("Operate:")
    .summary("tell people and programs of what happens to runs");
  group.command("list", { isDefault: true }).summary("list who is told of what").action(action(cli, list));
  settings(
    group.command("create <name>").summary("tell somebody, by webhook, Slack or mail"),
    `of what (default: ${NEEDS_SOMEBODY.join(" ")})`,
  ).action(action<SettingsOptions>(cli, create));
  settings(
    group.command("change <name>").summary("give it other settings; what is not said stays"),
    "of what",
  ).action(action<SettingsOptions>(cli, change));
  group.command("show <name>").summary("show all that is set").action(action(cli, show));
  group
    .command("enable <name>")
    .summary("let it go on, with what was on its way")
    .action(action(cli, (session, _options, name) => turn(session, true, name)));
  group
    .command("disable <name>")
    .summary("stop it")
    .action(action(cli, (session, _options, name) => turn(session, false, name)));
  group
    .command("rotate <name>")
    .summary("give a webhook a new secret; it is signed with both for a while")
    .addOption(new Option("--grace <time>", "for how long").default(86_400, "1d").argParser(secondsOf))
    .action(action<{ readonly grace: number }>(cli, rotate));
  group
    .command("test <name>")
    .summary("send a test at once, and say what was answered")
    .action(action(cli, test));
  group
    .command("delete <name>")
    .summary("remove it, and drop what is on its way")
    .option("--yes", "without being asked")
    .action(action<{ readonly yes?: true }>(cli, remove));
  group
    .command("deliveries")
    .summary("list what was told or is on its way, newest first")
    .option("--subscription <name>", "to this one")
    .addOption(new Option("--status <status>", "only these").argParser((text) => statusOf(text)))
    .option("--run <id>", "of this run")
    .addOption(limitOption())
    .action(action<DeliveriesOptions>(cli, deliveries));
  group
    .command("delivery <id>")
    .summary("show what was sent, and what was answered")
    .action(action(cli, delivery));
  group
    .command("redeliver <id...>")
    .summary("send again, under the same id")
    .action(action<object, readonly [readonly string[]]>(cli, redeliver));
}

/** Who is told of what, as options. */
function settings(command: Command, ofWhat: string): Command {
  return command
    .addOption(new Option("--on <type...>", ofWhat).choices(NOTIFICATION_TYPES))
    .addOption(
      new Option("--webhook <url>", "post there, signed; prints the secret once").conflicts([
        "slack",
        "mail",
      ]),
    )
    .addOption(
      new Option("--slack <url>", "Slack's incoming webhook, a secret; - reads it from stdin").conflicts(
        "mail",
      ),
    )
    .option("--mail <address...>", "one mail each")
    .option("--approvers", "mail: also to the approvers that are named by their address")
    .option("--workflow <id...>", "only of runs of these")
    .option("--label <key=value>", "only of runs with this label; several times for several", collect)
    .option("--subject <template>", "instead of Station's own words, with {{ … }}")
    .option("--text <template>", "the same for the text");
}

async function list(session: Session): Promise<ExitCode> {
  const query = inEnvironment(session.environment);
  const page = await session.client.listSubscriptions({ query, signal: session.signal });
  printList(session, page, {
    columns: [
      { title: "environment", value: ({ environment }: Subscription) => environment },
      { title: "name", value: ({ name }) => name },
      { title: "status", value: ({ status }) => status },
      { title: "by", value: ({ channel }) => channel.kind },
      { title: "to", value: ({ channel }) => channel.target, optional: 1 },
      { title: "of", value: ({ types }) => types.join(" "), optional: 2 },
    ],
    id: ({ name }) => name,
    empty: "nobody is told yet: stn notifications create ops --webhook https://…",
  });
  return EXIT.ok;
}

async function create(session: Session, options: SettingsOptions, name?: string): Promise<ExitCode> {
  const channel = await channelOf(session, options);
  if (!channel) throw usage("where to?", "--webhook <url>, --slack <url>, --mail <address> or --approvers");
  const { types = [...NEEDS_SOMEBODY], ...more } = saidIn(options);
  const made = await session.client.createSubscription({
    body: { name: requiredArgument(name), ...inEnvironment(session.environment), types, ...more, channel },
    signal: session.signal,
  });
  const said = `${made.name} is told of ${made.types.join(", ")}; stn notifications test ${made.name} tries it`;
  printIssued(session, made, said);
  return EXIT.ok;
}

async function change(session: Session, options: SettingsOptions, name?: string): Promise<ExitCode> {
  const place = placeOf(session, name);
  const { types, workflows, labels, template, channel } = await session.client.getSubscription(place);
  const said = saidIn(options);
  const { kind, to, approvers } = channel;
  const same = kind === "mail" ? { kind, to, approvers } : { kind };
  const body = {
    ...{ types, workflows, labels },
    ...said,
    template: { ...template, ...said.template },
    channel: (await channelOf(session, options)) ?? same,
  };
  const made = await session.client.updateSubscription({ ...place, body });
  printIssued(session, made, `${made.name} is changed`);
  return EXIT.ok;
}

/** The settings that were said, but for the way they go. */
function saidIn({ on, workflow, label, subject, text }: SettingsOptions) {
  const template = { ...(subject !== undefined && { subject }), ...(text !== undefined && { text }) };
  return {
    ...(on && { types: [...on] }),
    ...(workflow && { workflows: [...workflow] }),
    ...(label && { labels: Object.fromEntries(label.map(labelOf)) }),
    ...(Object.keys(template).length > 0 && { template }),
  };
}

async function channelOf(session: Session, { webhook, slack, mail, approvers }: SettingsOptions) {
  if (webhook !== undefined) return { kind: "webhook" as const, url: webhook };
  if (slack !== undefined) {
    const url = slack === "-" ? (await session.readStdin()).trim() : slack;
    return { kind: "slack" as const, url };
  }
  if (mail !== undefined || approvers)
    return { kind: "mail" as const, to: [...(mail ?? [])], approvers: approvers ?? false };
  return null;
}

async function show(session: Session, _options: unknown, name?: string): Promise<ExitCode> {
  const found = await session.client.getSubscription(placeOf(session, name));
  printValue(session, found, (one) => one.name);
  return EXIT.ok;
}

async function turn(session: Session, isEnabled: boolean, name?: string): Promise<ExitCode> {
  const place = placeOf(session, name);
  const { client } = session;
  const changed = await (isEnabled ? client.enableSubscription(place) : client.disableSubscription(place));
  printDone(session, changed, {
    id: (one) => one.name,
    row: [changed.environment, changed.name, changed.status],
    sentence: `${changed.name} is ${changed.status}`,
  });
  return EXIT.ok;
}

async function rotate(
  session: Session,
  { grace }: { readonly grace: number },
  name?: string,
): Promise<ExitCode> {
  const place = placeOf(session, name);
  const made = await session.client.rotateSubscription({ ...place, body: { graceSeconds: grace } });
  printIssued(session, made, `${made.name} has a new secret, and is signed with the one before for a while`);
  return EXIT.ok;
}

async function test(session: Session, _options: unknown, name?: string): Promise<ExitCode> {
  const tried = await session.client.testSubscription(placeOf(session, name));
  const { results } = tried;
  printList(
    session,
    { items: results, nextCursor: null },
    {
      columns: [
        { title: "", value: ({ delivered }) => (delivered ? "delivered" : "failed") },
        { title: "to", value: ({ recipient }) => recipient ?? "" },
        { title: "status", value: ({ status }) => String(status ?? "") },
        { title: "answer", value: ({ error, answer }) => error ?? answer ?? "" },
      ],
      id: ({ recipient }) => recipient ?? "",
      empty: "it has no receivers of its own: approvers are written to when they are asked",
    },
  );
  return results.every(({ delivered }) => delivered) ? EXIT.ok : EXIT.error;
}

async function remove(session: Session, { yes }: { readonly yes?: true }, name?: string): Promise<ExitCode> {
  const place = placeOf(session, name);
  if (!yes) await confirm(session, `remove ${place.params.name}, and drop what is on its way?`);
  await session.client.deleteSubscription(place);
  session.say(`${place.params.name} is removed`);
  return EXIT.ok;
}

async function deliveries(session: Session, options: DeliveriesOptions): Promise<ExitCode> {
  const { subscription, status, run, limit } = options;
  const query = {
    limit,
    ...inEnvironment(session.environment),
    ...(subscription !== undefined && { subscription }),
    ...(status && { status: [status] }),
    ...(run !== undefined && { runId: await resolveRun(session, run) }),
  };
  const page = await session.client.listNotifications({ query, signal: session.signal });
  printList(session, page, {
    columns: deliveryColumns(session),
    id: ({ notificationId }) => notificationId,
    empty: "nothing was told yet",
  });
  return EXIT.ok;
}

async function delivery(session: Session, _options: unknown, id?: string): Promise<ExitCode> {
  const params = { notificationId: requiredArgument(id) };
  const found = await session.client.getNotification({ params, signal: session.signal });
  printValue(session, found, ({ notificationId }) => notificationId);
  return EXIT.ok;
}

async function redeliver(session: Session, _options: object, ids: readonly string[]): Promise<ExitCode> {
  for (const notificationId of ids) {
    const asked = { params: { notificationId }, signal: session.signal };
    const sent = await session.client.redeliverNotification(asked);
    printDone(session, sent, {
      id: (one) => one.notificationId,
      row: [sent.notificationId, sent.subscription, sent.status],
      sentence: `${sent.notificationId} is on its way to ${sent.subscription} again`,
    });
  }
  return EXIT.ok;
}

function placeOf(session: Session, name: string | undefined) {
  const query = inEnvironment(session.environment);
  return { params: { name: requiredArgument(name) }, query, signal: session.signal };
}

/** The secret alone on stdout, also at a terminal; nothing where there is none. */
function printIssued<Made extends Subscription & { readonly secret: string | null }>(
  session: Session,
  made: Made,
  sentence: string,
): void {
  if (session.format !== "table") printValue(session, made, ({ name }) => name);
  else if (made.secret !== null) session.write(`${made.secret}\n`);
  session.say(made.secret === null ? sentence : `${sentence}. Keep the secret: it is not shown again.`);
}

function deliveryColumns({ deps, time }: Session): readonly Column<Delivery>[] {
  const at = (text: string) => moment(Date.parse(text), deps.now(), time);
  return [
    { title: "id", value: ({ notificationId }) => notificationId },
    { title: "status", value: ({ status }) => status.toLowerCase() },
    { title: "type", value: ({ type }) => type },
    { title: "to", value: ({ subscription, recipient }) => recipient ?? subscription },
    { title: "at", value: ({ createdAt }) => at(createdAt) },
    { title: "attempts", value: ({ attempts }) => String(attempts), optional: 2 },
    { title: "why", value: ({ latest }) => latest?.error ?? "", optional: 1 },
    { title: "run", value: ({ runId }) => runId, optional: 3 },
  ];
}

function labelOf(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw usage(`--label ${text} has no key and value`, "--label key=value");
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function statusOf(text: string): (typeof DELIVERY_STATUSES)[number] {
  const found = DELIVERY_STATUSES.find((status) => status === text.toUpperCase());
  if (found) return found;
  throw new InvalidArgumentError(`There are: ${DELIVERY_STATUSES.join(", ").toLowerCase()}.`);
}

function secondsOf(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) throw new InvalidArgumentError('Write "1d", "12h" or "0s".');
  return Math.round(seconds);
}
