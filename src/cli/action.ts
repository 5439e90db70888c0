import type { Command } from "commander";
import type { CliDeps } from "./deps.ts";
import type { ExitCode } from "./errors.ts";
import { type GlobalOptions, Session } from "./session.ts";

/** What the command groups are built with: the outside world, and where an action leaves its exit code. */
export type Cli = { readonly deps: CliDeps; exitCode: ExitCode };

/** An action of a command: its session, its own options, its arguments. */
export type Action<Options, Args extends readonly unknown[]> = (
  session: Session,
  options: Options,
  ...args: Args
) => Promise<ExitCode | undefined>;

/** Makes an action what commander calls. */
export function action<Options, Args extends readonly unknown[] = readonly (string | undefined)[]>(
  cli: Cli,
  run: Action<Options, Args>,
) {
  return async (...called: unknown[]): Promise<void> => {
    const command = called.at(-1) as Command;
    const args = called.slice(0, -2) as unknown as Args;
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    const code = await run(new Session(cli.deps, options), options, ...args);
    if (code !== undefined) cli.exitCode = code;
  };
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
