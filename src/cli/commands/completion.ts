import { Argument, type Command, type Option } from "commander";
import { action, type Cli } from "../action.ts";
import { EXIT } from "../errors.ts";
import { type GlobalOptions, Session } from "../session.ts";

/** Each asks `stn complete` with the words behind `stn`, the last of them being the one that is typed. */
const SCRIPTS = {
  bash: `_stn() {
  local IFS=$'\\n'
  COMPREPLY=($(stn complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _stn stn
`,
  zsh: `_stn() {
  local -a found
  found=("\${(@f)$(stn complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n $found[1] ]]; then compadd -- $found; else _files; fi
}
compdef _stn stn
`,
  fish: `complete -c stn -a '(stn complete -- (commandline -opc)[2..] "$(commandline -ct)")'
`,
} as const;

type Shell = keyof typeof SCRIPTS;

/** What the first argument of these commands, and of those below them, is an id of. */
const IDS: Readonly<Record<string, "workflows" | "runs" | "approvals">> = {
  ...{ workflow: "workflows", run: "workflows" },
  ...{ runs: "runs", events: "runs", logs: "runs", signal: "runs" },
  ...{ approvals: "approvals", approve: "approvals", reject: "approvals" },
};
const PATIENCE_MS = 2000;

/** `completion`, and what its scripts ask; both know what the commands' own description says. */
export function addCompletionCommands(program: Command, cli: Cli): void {
  program
    .command("completion")
    .helpGroup("Access:")
    .summary("complete commands, options and ids in a shell")
    .description("Prints what makes a shell complete commands, options, and ids that the server knows.")
    .addArgument(new Argument("<shell>").choices(Object.keys(SCRIPTS)))
    .addHelpText("after", "\n  source <(stn completion bash)\n  stn completion fish | source")
    .action(
      action(cli, async (session, _options, shell) => {
        session.write(SCRIPTS[shell as Shell]);
        return EXIT.ok;
      }),
    );
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .action(
      action<GlobalOptions, readonly [readonly string[]]>(cli, async (_session, options, words) => {
        const typed = words.at(-1) ?? "";
        const place = placeOf(program, words.slice(0, -1));
        const found =
          possible(place, typed) ??
          (await idsOf(place, new Session(cli.deps, { ...options, ...place.given })));
        const fitting = found.filter((word) => word.startsWith(typed));
        cli.deps.terminal.stdout.write(fitting.map((word) => `${word}\n`).join(""));
        return EXIT.ok;
      }),
    );
}

type Place = {
  /** From `stn` to the command that the words lead to. */
  readonly path: readonly Command[];
  readonly options: readonly Option[];
  /** How many arguments it has already. */
  readonly args: number;
  /** The option whose value comes next. */
  readonly open: Option | null;
  /** Where the server is, and what is looked at there, as far as the words say it. */
  readonly given: Pick<GlobalOptions, "url" | "context" | "env">;
};

function placeOf(program: Command, words: readonly string[]): Place {
  const path = [program];
  const given: Record<string, string> = {};
  let options = visibleOptions(program);
  let args = 0;
  let open: Option | null = null;
  for (const word of words) {
    const option = options.find(({ short, long }) => word === short || word === long);
    const child = path.at(-1)?.commands.find((command) => args === 0 && isCalled(command, word));
    if (open) {
      if (["url", "context", "env"].includes(open.attributeName())) given[open.attributeName()] = word;
      open = null;
    } else if (word.startsWith("-")) open = option?.required ? option : null;
    else if (child) {
      path.push(child);
      options = [...options, ...visibleOptions(child)];
    } else args += 1;
  }
  return { path, options, args, open, given };
}

function isCalled(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}

function visibleOptions(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

/** What may come next, where the description of the commands says it; `null` where the server may know. */
function possible({ path, options, args, open }: Place, typed: string): readonly string[] | null {
  if (open) return open.argChoices ?? [];
  if (typed.startsWith("-")) return [...new Set(options.map(({ long }) => long ?? ""))];
  const command = path.at(-1);
  const below = args === 0 && command ? command.createHelp().visibleCommands(command) : [];
  if (below.length > 0) return below.map((one) => one.name());
  return command?.registeredArguments[args]?.argChoices ?? null;
}

async function idsOf({ path, args }: Place, session: Session): Promise<readonly string[]> {
  const argument = path.at(-1)?.registeredArguments[args];
  const kind = IDS[path[1]?.name() ?? ""];
  if (args > 0 || !kind || !/^(?:id|run|workflow)/.test(argument?.name() ?? "")) return [];
  try {
    const { client, environment } = session;
    const query = { ...(environment !== null && { environment }), limit: 100 };
    const signal = AbortSignal.any([session.signal, AbortSignal.timeout(PATIENCE_MS)]);
    if (kind === "workflows")
      return (await client.listWorkflows({ query, signal })).items.map(({ id }) => id);
    if (kind === "runs")
      return ["@last", ...(await client.listRuns({ query, signal })).items.map(({ runId }) => runId)];
    const { items } = await client.listApprovals({ query: { ...query, status: ["PENDING"] }, signal });
    return ["@last", ...items.map(({ approvalId }) => approvalId)];
  } catch {
    // Nobody is told anything while they type.
    return [];
  }
}
