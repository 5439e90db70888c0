import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../core/definition/duration.ts";
import { SCOPES, type Scope } from "../../core/identity/permissions.ts";
import { isoTime } from "../../core/time.ts";
import type { ApiKey } from "../../http/schemas/keys.ts";
import { action, type Cli } from "../action.ts";
import { confirm } from "../confirm.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { inEnvironment } from "../options.ts";
import { printDone, printList, printValue } from "../output/print.ts";
import type { Column } from "../output/table.ts";
import { requiredArgument, type Session } from "../session.ts";
import { moment } from "../terminal/time.ts";

/** How long from now, in milliseconds; `null`: for ever. */
type Life = { readonly ms: number | null };
type CreateOptions = { readonly scope: readonly Scope[]; readonly expires: Life };
type RotateOptions = { readonly grace: number };

/** `keys`, `whoami`. */
export function addKeyCommands(program: Command, cli: Cli): void {
  program
    .command("whoami")
    .helpGroup("Access:")
    .summary("who the server takes you for, and what you may do")
    .action(action(cli, whoAmI));
  const keys = program.command("keys").helpGroup("Access:").summary("make, list and revoke API keys");
  keys
    .command("list", { isDefault: true })
    .summary("list keys, by environment and name")
    .action(action(cli, list));
  keys
    .command("create <name>")
    .summary("make a key; it is printed once and never again")
    .addOption(new Option("--scope <scope...>", "what it may do").choices(SCOPES).makeOptionMandatory())
    .addOption(
      new Option("--expires <time>", "how long it is good: 30d, 12h or never")
        .default({ ms: 90 * 86_400_000 }, "90d")
        .argParser(lifeOf),
    )
    .action(action<CreateOptions>(cli, create));
  keys
    .command("rotate <name>")
    .summary("give a key a new secret; the one before is good for a while")
    .addOption(new Option("--grace <time>", "for how long").default(3600, "1h").argParser(graceOf))
    .action(action<RotateOptions>(cli, rotate));
  keys
    .command("revoke <name>")
    .summary("end a key for good")
    .option("--yes", "without being asked")
    .action(action<{ readonly yes?: true }>(cli, revoke));
}

async function whoAmI(session: Session): Promise<ExitCode> {
  const me = await session.client.getMe({ signal: session.signal });
  if (session.format !== "table") {
    printValue(session, me, ({ id }) => id);
    return EXIT.ok;
  }
  const teams = me.teams.length === 0 ? "" : `, in ${me.teams.map((team) => `team:${team}`).join(", ")}`;
  session.write(`${me.id}\n`);
  session.say(`${me.kind === "key" ? "an API key" : me.name}${teams}, at ${session.url}`);
  for (const { environment, roles, scopes } of me.access) {
    const where = environment === "*" ? "everywhere" : `in ${environment}`;
    session.say(`${where}: ${[...roles, ...(me.kind === "key" ? scopes : [])].join(", ") || "nothing"}`);
  }
  if (me.access.length === 0) session.say("you have no role here yet: ask an admin of Station for one");
  return EXIT.ok;
}

async function list(session: Session): Promise<ExitCode> {
  const query = inEnvironment(session.environment);
  const page = await session.client.listKeys({ query, signal: session.signal });
  printList(session, page, {
    columns: columnsOf(session),
    id: ({ name }) => name,
    empty: "no keys yet: stn keys create ci --scope runs:write",
  });
  return EXIT.ok;
}

async function create(session: Session, { scope, expires }: CreateOptions, name?: string): Promise<ExitCode> {
  const { ms } = expires;
  const body = {
    name: requiredArgument(name),
    scopes: [...scope],
    expiresAt: ms === null ? null : isoTime(session.deps.now() + ms),
    ...inEnvironment(session.environment),
  };
  const issued = await session.client.createKey({ body, signal: session.signal });
  const until = issued.expiresAt === null ? "for ever" : `until ${issued.expiresAt}`;
  printKey(session, issued, `${issued.principal} is good ${until}. Keep it: it is not shown again.`);
  return EXIT.ok;
}

async function rotate(session: Session, { grace }: RotateOptions, name?: string): Promise<ExitCode> {
  const issued = await session.client.rotateKey({
    params: { name: requiredArgument(name) },
    query: inEnvironment(session.environment),
    body: { graceSeconds: grace },
    signal: session.signal,
  });
  printKey(session, issued, `${issued.principal} has a new secret. Keep it: it is not shown again.`);
  return EXIT.ok;
}

async function revoke(session: Session, { yes }: { readonly yes?: true }, name?: string): Promise<ExitCode> {
  const wanted = requiredArgument(name);
  if (!yes) await confirm(session, `revoke key ${wanted} for good?`);
  const key = await session.client.revokeKey({
    params: { name: wanted },
    query: inEnvironment(session.environment),
    signal: session.signal,
  });
  printDone(session, key, {
    id: (one) => one.name,
    row: [key.environment, key.name, key.status],
    sentence: `${key.principal} is revoked: whoever calls with it is refused within five seconds`,
  });
  return EXIT.ok;
}

/** The key alone on stdout, also at a terminal: `export STATION_API_KEY=$(stn keys create …)`. */
function printKey<Issued extends { readonly key: string }>(
  session: Session,
  issued: Issued,
  sentence: string,
): void {
  if (session.format === "table") session.write(`${issued.key}\n`);
  else printValue(session, issued, ({ key }) => key);
  session.say(sentence);
}

function columnsOf({ deps, time }: Session): readonly Column<ApiKey>[] {
  const at = (text: string | null, none: string) =>
    text === null ? none : moment(Date.parse(text), deps.now(), time);
  return [
    { title: "environment", value: ({ environment }) => environment },
    { title: "name", value: ({ name }) => name },
    { title: "status", value: ({ status }) => status },
    { title: "scopes", value: ({ scopes }) => scopes.join(" ") },
    { title: "expires", value: ({ expiresAt }) => at(expiresAt, "never"), optional: 2 },
    { title: "last used", value: ({ lastUsedAt }) => at(lastUsedAt, "never"), optional: 1 },
    { title: "made by", value: ({ createdBy }) => createdBy, optional: 3 },
  ];
}

function graceOf(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === null) throw new InvalidArgumentError('Write "1h", "2d" or "0s".');
  return Math.round(seconds);
}

function lifeOf(text: string): Life {
  if (text === "never") return { ms: null };
  const seconds = parseDuration(text);
  if (seconds === null) throw new InvalidArgumentError('Write "30d", "12h" or "never".');
  return { ms: seconds * 1000 };
}
