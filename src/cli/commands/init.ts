import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import type { Command } from "commander";
import { action, type Cli } from "../action.ts";
import { askFor } from "../ask.ts";
import { CliError, EXIT, type ExitCode, usage } from "../errors.ts";
import { type Beginning, type StarterFile, starterFiles } from "../init/starter-files.ts";
import { type ListShape, printList } from "../output/print.ts";
import type { Session } from "../session.ts";

type Options = { readonly yes?: true };

/** What files can be named after, and YAML reads as text. */
const NAME = /^[A-Za-z][\w.-]{0,63}$/;
const NAME_RULE = "a letter, then letters, digits, . _ and -; 64 at most";
const MODEL = /^[\w./:@-]+$/;
const DEFAULTS = { environment: "default", workflow: "alert-triage", agent: "alert-judge" } as const;
const NO_MODEL = "none";

/** `init`: the first files of a project. */
export function addInitCommand(program: Command, cli: Cli): void {
  program
    .command("init [dir]")
    .helpGroup("Start here:")
    .summary("write the first files of a project")
    .description(
      "Asks for names and a model, and writes an environment with a workflow, its tests and an agent, and a .env. " +
        "Files that are there stay as they are.",
    )
    .option("--yes", "take the defaults without asking")
    .action(action<Options>(cli, init));
}

async function init(session: Session, { yes }: Options, dir = "."): Promise<ExitCode> {
  const { cwd, environmentsDir } = session.deps;
  const root = resolve(cwd, dir);
  const beginning = await beginningOf(session, yes ?? false);
  const files: Written[] = [];
  for (const file of starterFiles(beginning, environmentsDir)) files.push(await write(root, file));
  printList(session, { items: files, nextCursor: null }, FILES);
  if (!(await ignores(root, ".env"))) session.say("add .env to .gitignore: it is for keys");
  sayNext(session, beginning, relative(cwd, root));
  return EXIT.ok;
}

async function beginningOf(session: Session, takesDefaults: boolean): Promise<Beginning> {
  const { givenEnvironment } = session;
  if (!takesDefaults && !session.canAsk)
    throw usage("nobody is here to be asked", "--yes takes the defaults; -e names the environment");
  if (givenEnvironment !== null && !NAME.test(givenEnvironment))
    throw usage(`${givenEnvironment} is no name for an environment`, NAME_RULE);
  const named = async (kind: keyof typeof DEFAULTS) =>
    takesDefaults
      ? DEFAULTS[kind]
      : askFor(session, kind, { fallback: DEFAULTS[kind], pattern: NAME, allowed: NAME_RULE });
  return {
    environment: givenEnvironment ?? (await named("environment")),
    workflow: await named("workflow"),
    agent: await named("agent"),
    model: takesDefaults ? null : await modelOf(session),
  };
}

async function modelOf(session: Session): Promise<string | null> {
  const model = await askFor(session, "model, as openai/gpt-4o-mini or ollama/llama3.1", {
    fallback: NO_MODEL,
    pattern: MODEL,
    allowed: "provider/model, or none: the agent then answers what its file says",
  });
  return model === NO_MODEL ? null : model;
}

type Written = { readonly file: string; readonly result: "written" | "left" };

const FILES: ListShape<Written> = {
  columns: [
    { title: "", value: ({ result }) => (result === "written" ? "+" : "="), shown: markOf },
    { title: "file", value: ({ file }) => file },
    { title: "", value: ({ result }) => (result === "written" ? "" : "was there, left as it is") },
  ],
  id: ({ file }) => file,
  empty: "",
};

function markOf({ result }: Written, look: Session["out"]["look"]): string {
  return result === "written" ? look.paint("green", "+") : look.paint("dim", "=");
}

/** Writes a file where there is none. */
async function write(root: string, { path, text, isPrivate }: StarterFile): Promise<Written> {
  const at = resolve(root, path);
  const failed = (cause: NodeJS.ErrnoException) => {
    throw new CliError(EXIT.error, `${at} cannot be written: ${cause.message}`, null, { cause });
  };
  await mkdir(dirname(at), { recursive: true }).catch(failed);
  return writeFile(at, text, { flag: "wx", mode: isPrivate ? 0o600 : 0o666 }).then(
    () => ({ file: path, result: "written" }),
    (cause: NodeJS.ErrnoException) =>
      cause.code === "EEXIST" ? { file: path, result: "left" } : failed(cause),
  );
}

async function ignores(root: string, name: string): Promise<boolean> {
  const text = await readFile(resolve(root, ".gitignore"), "utf8").catch(() => "");
  return text.split(/\r?\n/).some((line) => [name, `/${name}`].includes(line.trim()));
}

function sayNext(session: Session, { workflow }: Beginning, dir: string): void {
  const into =
    dir === "" ? "" : `cd ${/^[\w./-]+$/.test(dir) ? dir : `'${dir.replaceAll("'", "'\\''")}'`} && `;
  session.say("");
  session.say(`next: ${into}stn dev`);
  session.say(`then: stn run ${workflow} --follow, in another terminal; stn test needs no server`);
}
