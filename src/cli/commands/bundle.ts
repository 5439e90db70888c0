import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { PlannedChange } from "../../core/bundle/plan.ts";
import type { Bundle } from "../../engine/bundle/bundle.ts";
import { BundleRefused } from "../../engine/errors.ts";
import type { InstalledBundle } from "../../engine/ports/bundles.ts";
import { action, type Cli, collect } from "../action.ts";
import { confirm } from "../confirm.ts";
import { CliError, EXIT, type ExitCode } from "../errors.ts";
import { bytesOf, textOf } from "../files.ts";
import { printDone, printList, printValue } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";
import { oneLine } from "../terminal/text.ts";
import { moment } from "../terminal/time.ts";

type Identity = { readonly bundleVersion: string; readonly description?: string; readonly out?: string };
type Signing = { readonly key?: string };
type OnServer = { readonly server?: true };
type InstallOptions = Trust & OnServer & { readonly dryRun?: true; readonly yes?: true };
type Trust = { readonly trust?: readonly string[] };

/** `bundle create|inspect|install|list|keygen`: an environment's files as one signed archive, here or on a server. */
export function addBundleCommands(program: Command, cli: Cli): void {
  const group = program
    .command("bundle")
    .helpGroup("Share:")
    .summary("pack an environment's files, inspect and install packs")
    .description(
      "A bundle is a zip file with agents, MCP servers and workflows, their checksums, and on request a signature. " +
        "The same files make the same bytes.",
    );
  group
    .command("create <name>")
    .summary("pack an environment's agents, MCP servers, workflows and tests")
    .requiredOption("--bundle-version <version>", "its version, like 1.2.0")
    .option("--description <text>", "what it is for")
    .option("--out <file>", "where it goes (default: <name>-<version>.station.zip)")
    .option("--key <file>", "sign it with this private key (stn bundle keygen)")
    .action(action<Identity & Signing>(cli, refusing(create)));
  group
    .command("inspect <file>")
    .summary("check a bundle and show what is in it")
    .option("--trust <file>", "only if it is signed with this public key; may be repeated", collect)
    .action(action<Trust>(cli, refusing(inspect)));
  group
    .command("install <file>")
    .summary("write a bundle's files into an environment, after showing what would change")
    .option("--trust <file>", "only if it is signed with this public key; may be repeated", collect)
    .option("--dry-run", "only show what would change")
    .option("--yes", "without being asked")
    .option("--server", "into the server's environment, for all its processes, instead of a folder here")
    .action(action<InstallOptions>(cli, refusing(install)));
  group
    .command("list")
    .summary("bundles installed in an environment")
    .option("--server", "of the server instead of a folder here, with who installed them and when")
    .action(action<OnServer>(cli, refusing(list)));
  group
    .command("keygen <name>")
    .summary("make a key pair: <name>.key to sign with, <name>.pub for others to trust")
    .action(action(cli, keygen));
}

const environmentHere = ({ givenEnvironment }: Session) => givenEnvironment ?? "default";
const environmentThere = ({ environment }: Session) => environment ?? "default";

async function create(session: Session, options: Identity & Signing, given?: string): Promise<ExitCode> {
  const { bundles, cwd } = session.deps;
  const name = requiredArgument(given);
  const { bundleVersion: version, description = null } = options;
  const key = options.key === undefined ? null : await textOf(session, options.key);
  const environment = environmentHere(session);
  const { bytes, manifest } = await bundles.create(environment, { name, version, description }, key);
  const file = options.out ?? `${name}-${version}.station.zip`;
  await writeFile(resolve(cwd, file), bytes);
  const signed = key === null ? "" : ", signed";
  printDone(
    session,
    { file, bytes: bytes.length, manifest },
    {
      id: () => file,
      row: [file, name, version],
      sentence: `${file}: ${manifest.files.length} files of ${environment}, ${bytes.length} bytes${signed}`,
    },
  );
  return EXIT.ok;
}

async function inspect(session: Session, options: Trust, given?: string): Promise<ExitCode> {
  const bundle = await opened(session, options, given);
  const { manifest, signedBy } = bundle;
  if (session.format !== "table") {
    printValue(session, { manifest, signedBy }, () => manifest.name);
    return EXIT.ok;
  }
  session.say(
    `${manifest.name} ${manifest.version}${manifest.description ? `: ${oneLine(manifest.description)}` : ""}`,
  );
  session.say(signature(bundle));
  printList(
    session,
    { items: manifest.files, nextCursor: null },
    {
      columns: [
        { title: "file", value: ({ path }) => path },
        { title: "bytes", value: ({ size }) => String(size), align: "right" },
        { title: "sha256", value: ({ sha256 }) => sha256.slice(0, 12), optional: 1 },
      ],
      id: ({ path }) => path,
      empty: "it is empty",
    },
  );
  return EXIT.ok;
}

async function install(session: Session, options: InstallOptions, given?: string): Promise<ExitCode> {
  const bundle = await opened(session, options, given);
  if (options.server) return installOnServer(session, options, bundle, given);
  const environment = environmentHere(session);
  const plan = await session.deps.bundles.plan(bundle, environment);
  const { name, version } = bundle.manifest;
  const planned = { name, version, environment, signedBy: bundle.signedBy, changes: plan.changes };
  if (session.format === "table") session.write(planText(session, plan));
  const changes = plan.changes.some(({ change }) => change === "adds" || change === "replaces");
  if (options.dryRun) {
    if (session.format !== "table") printValue(session, { ...planned, installed: false }, () => name);
    return EXIT.ok;
  }
  session.say(signature(bundle));
  if (changes && !options.yes) await confirm(session, `install ${name} ${version} into ${environment}?`);
  await session.deps.bundles.install(bundle, environment);
  if (session.format !== "table") printValue(session, { ...planned, installed: true }, () => name);
  session.say(
    `${name} ${version} is installed in ${environment} – stn sync ${environment} brings it to the server`,
  );
  return EXIT.ok;
}

/** What is installed is what was shown: by its digest. */
async function installOnServer(
  session: Session,
  options: InstallOptions,
  bundle: Bundle,
  given?: string,
): Promise<ExitCode> {
  const { client, signal } = session;
  const archive = (await bytesOf(session, requiredArgument(given))).toString("base64");
  const environment = environmentThere(session);
  const plan = await client.installBundle({ body: { archive, environment, dryRun: true }, signal });
  const { name, version, digest, changes } = plan;
  const isTable = session.format === "table";
  if (isTable) session.write(planText(session, { changes }));
  const isNews = changes.some(({ change }) => change !== "unchanged");
  let done = plan;
  if (!options.dryRun) {
    session.say(signature(bundle));
    if (isNews && !options.yes) await confirm(session, `install ${name} ${version} into ${environment}?`);
    done = await client.installBundle({ body: { archive, environment, digest }, signal });
    session.say(`${name} ${version} is installed in ${environment}`);
    const wrong = done.sync?.rows.filter(({ result }) => result === "invalid") ?? [];
    for (const { file, reason, diagnostics } of wrong)
      session.say(oneLine(`${file} is not taken: ${reason ?? diagnostics[0]?.message ?? "it is not valid"}`));
  }
  if (!isTable) printValue(session, done, () => name);
  return EXIT.ok;
}

async function list(session: Session, { server }: OnServer): Promise<ExitCode> {
  if (server) return listOnServer(session);
  const items = await session.deps.bundles.list(environmentHere(session));
  printList(
    session,
    { items, nextCursor: null },
    {
      columns: [
        { title: "name", value: ({ manifest }: InstalledBundle) => manifest.name },
        { title: "version", value: ({ manifest }: InstalledBundle) => manifest.version },
        {
          title: "files",
          value: ({ manifest }: InstalledBundle) => String(manifest.files.length),
          align: "right" as const,
        },
        { title: "signed by", value: ({ signedBy }: InstalledBundle) => signedBy ?? "", optional: 1 },
      ],
      id: ({ manifest }: InstalledBundle) => manifest.name,
      empty: "no bundle was installed here: stn bundle install <file>",
    },
  );
  return EXIT.ok;
}

async function listOnServer(session: Session): Promise<ExitCode> {
  const { client, signal } = session;
  const page = await client.listBundles({ query: { environment: environmentThere(session) }, signal });
  printList(session, page, {
    columns: [
      { title: "name", value: ({ name }) => name },
      { title: "version", value: ({ version }) => version },
      { title: "files", value: ({ files }) => String(files.length), align: "right" },
      {
        title: "installed",
        value: ({ installedAt }) => moment(Date.parse(installedAt), session.deps.now(), session.time),
      },
      { title: "by", value: ({ installedBy }) => installedBy },
      { title: "signed by", value: ({ signedBy }) => signedBy ?? "", optional: 1 },
    ],
    id: ({ name }) => name,
    empty: "no bundle was installed on the server: stn bundle install <file> --server",
  });
  return EXIT.ok;
}

async function keygen(session: Session, _options: unknown, given?: string): Promise<ExitCode> {
  const name = requiredArgument(given);
  const { privateKey, publicKey, fingerprint } = session.deps.bundles.keygen();
  const [secret, open] = [`${name}.key`, `${name}.pub`];
  const { cwd } = session.deps;
  try {
    await writeFile(resolve(cwd, secret), privateKey, { flag: "wx", mode: 0o600 });
    await writeFile(resolve(cwd, open), publicKey, { flag: "wx" });
  } catch (cause) {
    throw new CliError(EXIT.conflict, `${secret} or ${open} cannot be written, or is there already`, null, {
      cause,
    });
  }
  printDone(
    session,
    { fingerprint, privateKey: secret, publicKey: open },
    {
      id: () => fingerprint,
      row: [fingerprint, secret, open],
      sentence: `${fingerprint}: keep ${secret} to yourself, give ${open} to whoever installs`,
    },
  );
  return EXIT.ok;
}

async function opened(session: Session, { trust = [] }: Trust, given?: string): Promise<Bundle> {
  const bytes = await bytesOf(session, requiredArgument(given));
  const keys = await Promise.all(trust.map((file) => textOf(session, file)));
  return session.deps.bundles.open(bytes, keys);
}

type Shown = {
  readonly changes: readonly (Pick<PlannedChange, "path" | "change"> & { readonly isEdited?: boolean })[];
};

const SIGNS = { adds: "+", replaces: "~", unchanged: "=", leaves: "-", removes: "-" } as const;

function planText({ out: { look } }: Session, { changes }: Shown): string {
  return changes
    .map(({ path, change, isEdited = false }) => {
      const style = change === "adds" ? "green" : change === "unchanged" ? "dim" : "yellow";
      const edited = change === "replaces" && isEdited ? " (changed here)" : "";
      const note = change === "leaves" ? " (no longer in the bundle, stays)" : edited;
      return `${look.paint(style, `${SIGNS[change]} ${change.padEnd(9)} ${oneLine(path)}`)}${note}\n`;
    })
    .join("");
}

function signature({ signedBy }: Bundle): string {
  return signedBy === null ? "not signed" : `signed with ${signedBy}`;
}

/** A bundle that is refused is a finding about it. */
function refusing<Args extends readonly unknown[]>(run: (...args: Args) => Promise<ExitCode>) {
  return async (...args: Args): Promise<ExitCode> => {
    try {
      return await run(...args);
    } catch (error) {
      if (!(error instanceof BundleRefused)) throw error;
      throw new CliError(EXIT.findings, `the bundle is refused: ${error.message}`, null, { cause: error });
    }
  };
}
