import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../core/definition/duration.ts";
import type { Hook } from "../../http/schemas/hooks.ts";
import { action, type Cli } from "../action.ts";
import { confirm } from "../confirm.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { resolveHook } from "../ids.ts";
import { inEnvironment } from "../options.ts";
import { printDone, printList, printValue } from "../output/print.ts";
import type { Column } from "../output/table.ts";
import { requiredArgument, type Session } from "../session.ts";
import { oneLine } from "../terminal/text.ts";
import { moment } from "../terminal/time.ts";
import { addDeliveryCommands } from "./hook-deliveries.ts";
import {
  addRuleOptions,
  addSchemeOptions,
  type RuleOptions,
  rulesOf,
  type SchemeOptions,
  schemeOf,
  secretFrom,
} from "./hook-options.ts";

type CreateOptions = SchemeOptions & RuleOptions;
type RotateOptions = { readonly grace: number; readonly secret?: string };

/** `hooks`: addresses for other systems' events. */
export function addHookCommands(program: Command, cli: Cli): void {
  const hooks = program
    .command("hooks")
    .helpGroup("Operate:")
    .summary("addresses where other systems' events start runs");
  hooks
    .command("list", { isDefault: true })
    .summary("list hooks, by environment and name")
    .action(action(cli, list));
  const create = hooks
    .command("create <name>")
    .summary("make an address; its secret is printed once and never again");
  addRuleOptions(addSchemeOptions(create)).action(action<CreateOptions>(cli, make));
  hooks.command("show <hook>").summary("show a hook, by name or id").action(action(cli, show));
  addRuleOptions(hooks.command("change <hook>").summary("change what a hook does with events")).action(
    action<RuleOptions>(cli, change),
  );
  hooks
    .command("rotate <hook>")
    .summary("give a hook a new secret; the one before is good for a while")
    .addOption(new Option("--grace <time>", "for how long").default(86_400, "1d").argParser(secondsOf))
    .option("--secret <@file>", "the sender's own: @file, or - for what is piped in")
    .action(action<RotateOptions>(cli, rotate));
  hooks
    .command("disable <hook>")
    .summary("take no events until it is enabled again")
    .action(action(cli, (session, _options, hook?: string) => turn(session, "disable", hook)));
  hooks
    .command("enable <hook>")
    .summary("take events again")
    .action(action(cli, (session, _options, hook?: string) => turn(session, "enable", hook)));
  hooks
    .command("delete <hook>")
    .summary("end a hook, and forget what it received")
    .option("--yes", "without being asked")
    .action(action<{ readonly yes?: true }>(cli, remove));
  addDeliveryCommands(hooks, cli);
}

async function list(session: Session): Promise<ExitCode> {
  const query = inEnvironment(session.environment);
  const page = await session.client.listHooks({ query, signal: session.signal });
  printList(session, page, {
    columns: columnsOf(session),
    id: ({ hookId }) => hookId,
    empty: "no hooks yet: stn hooks create github --scheme github --workflow <id>",
  });
  return EXIT.ok;
}

async function make(session: Session, options: CreateOptions, name?: string): Promise<ExitCode> {
  const body = {
    name: requiredArgument(name),
    scheme: schemeOf(options),
    ...(await secretFrom(session, options.secret)),
    ...(await rulesOf(session, options, null)),
    ...inEnvironment(session.environment),
  };
  const issued = await session.client.createHook({ body, signal: session.signal });
  session.say(`${issued.principal} takes events at ${session.url}${issued.path}`);
  printSecret(session, issued);
  return EXIT.ok;
}

async function show(session: Session, _options: unknown, given?: string): Promise<ExitCode> {
  const hook = await resolveHook(session, requiredArgument(given));
  if (session.format === "table") session.write(`${linesOf(session, hook).join("\n")}\n`);
  else printValue(session, hook, ({ hookId }) => hookId);
  return EXIT.ok;
}

async function change(session: Session, options: RuleOptions, given?: string): Promise<ExitCode> {
  const before = await resolveHook(session, requiredArgument(given));
  const body = await rulesOf(session, options, before);
  const params = { hookId: before.hookId };
  const hook = await session.client.changeHook({ params, body, signal: session.signal });
  printHook(session, hook, `${hook.principal} ${effectOf(hook)}`);
  return EXIT.ok;
}

async function rotate(session: Session, options: RotateOptions, given?: string): Promise<ExitCode> {
  const { hookId } = await resolveHook(session, requiredArgument(given));
  const body = { graceSeconds: options.grace, ...(await secretFrom(session, options.secret)) };
  const issued = await session.client.rotateHook({ params: { hookId }, body, signal: session.signal });
  session.say(`the secret before is good until ${issued.previousSecretUntil ?? "now"}`);
  printSecret(session, issued);
  return EXIT.ok;
}

async function turn(session: Session, way: "enable" | "disable", given?: string): Promise<ExitCode> {
  const { client, signal } = session;
  const params = { hookId: (await resolveHook(session, requiredArgument(given))).hookId };
  const hook =
    way === "enable"
      ? await client.enableHook({ params, signal })
      : await client.disableHook({ params, signal });
  const effect = way === "enable" ? "takes events" : "takes no events: its senders are answered 409";
  printHook(session, hook, `${hook.principal} ${effect}`);
  return EXIT.ok;
}

async function remove(session: Session, { yes }: { readonly yes?: true }, given?: string): Promise<ExitCode> {
  const hook = await resolveHook(session, requiredArgument(given));
  if (!yes) await confirm(session, `delete hook ${hook.name}, and forget what it received?`);
  await session.client.deleteHook({ params: { hookId: hook.hookId }, signal: session.signal });
  printHook(session, hook, `${hook.principal} is deleted`);
  return EXIT.ok;
}

/** The secret alone on stdout, also at a terminal. */
function printSecret(session: Session, issued: Hook & { readonly secret: string }): void {
  if (session.format === "table") session.write(`${issued.secret}\n`);
  else printValue(session, issued, ({ hookId }) => hookId);
  session.say("This is its secret: give it to whoever sends the events. It is not shown again.");
}

function printHook(session: Session, hook: Hook, sentence: string): void {
  const { environment, name, status, hookId } = hook;
  printDone(session, hook, { id: () => hookId, row: [environment, name, status], sentence });
}

function columnsOf({ deps, time }: Session): readonly Column<Hook>[] {
  return [
    { title: "environment", value: ({ environment }) => environment },
    { title: "name", value: ({ name }) => name },
    { title: "status", value: ({ status }) => status },
    { title: "scheme", value: ({ scheme }) => scheme.type, optional: 2 },
    { title: "what it does", value: effectOf },
    { title: "id", value: ({ hookId }) => hookId, optional: 1 },
    {
      title: "made",
      value: ({ createdAt }) => createdAt,
      shown: ({ createdAt }) => moment(Date.parse(createdAt), deps.now(), time),
      optional: 3,
    },
  ];
}

function effectOf({ target }: Hook): string {
  if (target.type === "signal") return `sends signal ${target.signal} to ${target.run}`;
  return `starts ${target.workflowId}${target.version ? ` v${target.version}` : ""}`;
}

function linesOf(session: Session, hook: Hook): readonly string[] {
  const { look } = session.out;
  const fact = (name: string, text: string) => `${look.paint("dim", name.padEnd(12))}${oneLine(text)}`;
  const { target, identity, when, headers, previousSecretUntil } = hook;
  const value = target.type === "start-run" ? target.input : target.payload;
  return [
    look.paint("bold", hook.principal),
    fact("address", `${session.url}${hook.path}`),
    fact("id", hook.hookId),
    fact("status", hook.status),
    fact("signed", JSON.stringify(hook.scheme)),
    fact("does", effectOf(hook)),
    fact(
      target.type === "start-run" ? "input" : "payload",
      value === undefined ? "the body" : JSON.stringify(value),
    ),
    ...(when === null ? [] : [fact("when", when)]),
    fact(
      "known by",
      identity.by === "header"
        ? identity.header
        : identity.by === "template"
          ? identity.template
          : identity.by,
    ),
    ...(headers.length === 0 ? [] : [fact("headers", headers.join(", "))]),
    ...(previousSecretUntil === null ? [] : [fact("old secret", `good until ${previousSecretUntil}`)]),
    fact("made", `${hook.createdAt} by ${hook.createdBy}`),
  ];
}

function secondsOf(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null || seconds > 604_800)
    throw new InvalidArgumentError('Write "1h" or "2d": 7 days at most.');
  return Math.round(seconds);
}
