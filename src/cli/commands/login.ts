import type { Command } from "commander";
import { createClient } from "../../http/client.ts";
import { action, type Cli } from "../action.ts";
import { type Context, contextNamed, withContext, withoutContext } from "../contexts.ts";
import { EXIT, type ExitCode, usage } from "../errors.ts";
import { printDone, printList } from "../output/print.ts";
import { addressIn } from "../place.ts";
import { isKey, requiredArgument, type Session } from "../session.ts";
import { askSecret } from "../terminal/ask-secret.ts";

/** The parts of a `Place`, as people call them. */
type Part = { readonly setting: string; readonly value: string | null; readonly from: string | null };

type LoginOptions = { readonly name?: string; readonly key: boolean };

/** `login`, `logout`, `context`. */
export function addLoginCommands(program: Command, cli: Cli): void {
  loggingIn(program.command("login [url]").helpGroup("Access:"), cli);
  program
    .command("logout [name]")
    .helpGroup("Access:")
    .summary("forget a server and its key (default: the one commands go to)")
    .action(action(cli, logout));
  const context = program
    .command("context")
    .helpGroup("Access:")
    .summary("the servers that login has remembered, and where commands go");
  context.command("list", { isDefault: true }).summary("list them").action(action(cli, list));
  context
    .command("show")
    .summary("where commands go from here: server, environment, key, and what says so")
    .action(action(cli, show));
  context.command("use <name>").summary("send commands there from now on").action(action(cli, use));
  loggingIn(context.command("add <url>"), cli);
}

function loggingIn(command: Command, cli: Cli): void {
  command
    .summary("remember a server and the key for it; commands go there from then on")
    .description(
      "Remember a server and the key for it; commands go there from then on. The key is asked for, or read from " +
        "stdin: it is never an argument, which others could see.",
    )
    .option("--name <name>", "what to call it (default: the server's host)")
    .option("--no-key", "without a key: for a server that asks nobody")
    .action(action<LoginOptions>(cli, login));
}

async function login(session: Session, options: LoginOptions, address?: string): Promise<ExitCode> {
  const url = address === undefined ? ownServer(session) : addressIn(address, "");
  const apiKey = options.key ? await keyFor(session, url) : null;
  const { fetch, contexts } = session.deps;
  const client = createClient({ baseUrl: url, ...(apiKey !== null && { apiKey }), ...(fetch && { fetch }) });
  const me = await client.getMe({ signal: session.signal });
  const name = options.name ?? new URL(url).host;
  contexts.write(withContext(contexts.read(), name, { url, apiKey, environment: session.givenEnvironment }));
  printDone(
    session,
    { name, url, principal: me.id },
    {
      id: (one) => one.name,
      row: [name, url, me.id],
      sentence: `you are ${me.id} at ${url}; commands go there ${fromWhen(session, url)} (context ${name} in ${contexts.file})`,
    },
  );
  return EXIT.ok;
}

/** Where commands go already. A key that is piped in goes nowhere that nobody but the repository names. */
function ownServer({ place, canAsk }: Session): string {
  const { value, from } = place.url;
  if (place.isProjects && !canAsk)
    throw usage(`only ${from} says that the key is for ${value}: nothing was sent`, `stn login ${value}`);
  return value;
}

async function keyFor(session: Session, url: string): Promise<string> {
  const { stdin } = session.deps.terminal;
  const text = stdin.isTty
    ? session.canAsk
      ? await askSecret(session.deps.terminal, `API key for ${url}: `, session.signal)
      : ""
    : await session.readStdin();
  const key = text.trim();
  if (!isKey(key))
    throw usage(
      key === "" ? "there is no key" : "a key has no spaces, line breaks or letters beyond ASCII",
      "stn keys create … | stn login <url>; --no-key for a server that asks nobody",
    );
  return key;
}

/** What the environment and the repository say counts more than what is remembered. */
function fromWhen(session: Session, url: string): string {
  const { server } = session.deps;
  if (server.ok && server.isGiven)
    return `once STATION_URL and PORT are not set any more: until then they go to ${server.url}`;
  const project = projectOf(session);
  return project === null || project.server === null || project.server === url
    ? "from now on"
    : `from now on, but for this project's: ${project.file} sends them to ${project.server}`;
}

/** One that is not right is told by the commands that need it. */
function projectOf({ deps }: Session): ReturnType<typeof deps.project> {
  try {
    return deps.project();
  } catch {
    return null;
  }
}

async function logout(session: Session, _: unknown, given?: string): Promise<ExitCode> {
  const { contexts } = session.deps;
  const known = contexts.read();
  const name = given ?? known.current;
  if (name === null) throw usage("no server is remembered as the one commands go to", "stn context list");
  const { url } = contextNamed(known, name);
  contexts.write(withoutContext(known, name));
  printDone(
    session,
    { name, url },
    {
      id: (one) => one.name,
      row: [name, url],
      sentence: `${name} and its key are forgotten here; stn keys revoke ends a key everywhere`,
    },
  );
  return EXIT.ok;
}

async function list(session: Session): Promise<ExitCode> {
  const { current, servers } = session.deps.contexts.read();
  const items = Object.entries(servers).map(([name, context]) => shown(name, context, current));
  printList(
    session,
    { items, nextCursor: null },
    {
      columns: [
        { title: "", value: ({ isCurrent }) => (isCurrent ? "*" : "") },
        { title: "name", value: ({ name }) => name },
        { title: "url", value: ({ url }) => url },
        { title: "environment", value: ({ environment }) => environment ?? "", optional: 1 },
        { title: "key", value: ({ hasKey }) => (hasKey ? "yes" : "no"), optional: 2 },
      ],
      id: ({ name }) => name,
      empty: "no servers are remembered: stn login <url>",
    },
  );
  return EXIT.ok;
}

async function show(session: Session): Promise<ExitCode> {
  const { url, environment, apiKey } = session.place;
  const items: readonly Part[] = [
    { setting: "server", ...url },
    { setting: "environment", ...environment },
    { setting: "key", from: apiKey.from, value: apiKey.value === null ? null : "(secret)" },
  ];
  printList(
    session,
    { items, nextCursor: null },
    {
      columns: [
        { title: "", value: ({ setting }) => setting },
        { title: "value", value: ({ value }) => value ?? "none" },
        { title: "from", value: ({ from }) => from ?? "nothing says otherwise" },
      ],
      id: ({ setting }) => setting,
      empty: "",
    },
  );
  return EXIT.ok;
}

/** Never the key. */
function shown(name: string, { url, apiKey, environment }: Context, current: string | null) {
  return { name, url, environment, hasKey: apiKey !== null, isCurrent: name === current };
}

async function use(session: Session, _: unknown, given?: string): Promise<ExitCode> {
  const name = requiredArgument(given);
  const { contexts } = session.deps;
  const known = contexts.read();
  const context = contextNamed(known, name);
  contexts.write({ ...known, current: name });
  printDone(session, shown(name, context, name), {
    id: (one) => one.name,
    row: [name, context.url],
    sentence: `commands go to ${context.url} ${fromWhen(session, context.url)}`,
  });
  return EXIT.ok;
}
