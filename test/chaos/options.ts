import { parseArgs } from "node:util";
import { MODES, type Mode } from "./deployment.ts";

/** What to do to which deployment. */
export type Options = {
  readonly mode: Mode;
  /** Deployments at once, each with a seed of its own from `seed` on: kills, wipes and runs are those of all. */
  readonly storms: number;
  readonly seed: number;
  /** SIGKILLs of processes of Station, and deletions of the JetStream directory. */
  readonly kills: number;
  readonly wipes: number;
  /** Go on until so many runs were started and so many minutes are over. */
  readonly runs: number;
  readonly minutes: number;
  /** A commit whose programs work beside those of today; `null`: all are of today. */
  readonly versions: string | null;
  /** Leave logs and database where they are also when all is well. */
  readonly keep: boolean;
};

const USAGE = `usage: npm run chaos -- [--mode ${MODES.join("|")}] [--storms N] [--kills N] [--wipes N] [--runs N] [--minutes N] [--seed S] [--versions COMMIT] [--keep]`;

/** Reads the command line; ends the process with exit code 2 when it makes no sense. */
export function optionsFrom(args: readonly string[]): Options {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        mode: text,
        storms: text,
        seed: text,
        kills: text,
        wipes: text,
        runs: text,
        minutes: text,
        versions: text,
        keep: { type: "boolean" },
      },
    });
    const mode = MODES.find((known) => known === (values.mode ?? "file"));
    if (!mode) throw new Error(`unknown mode "${values.mode}"`);
    if (values.versions !== undefined && mode !== "sqld")
      throw new Error("--versions needs --mode sqld: a file belongs to one process");
    const number = (name: "storms" | "seed" | "kills" | "wipes" | "runs" | "minutes", fallback: number) => {
      const value = Number(values[name] ?? fallback);
      if (!(value >= 0)) throw new Error(`--${name} must be a number from 0`);
      return value;
    };
    return {
      mode,
      storms: Math.max(1, number("storms", 1)),
      seed: number("seed", Math.floor(Math.random() * 1e6)),
      kills: number("kills", 20),
      wipes: mode === "file" ? 0 : number("wipes", 2),
      runs: number("runs", 50),
      minutes: number("minutes", 0),
      versions: values.versions ?? null,
      keep: values.keep ?? false,
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}\n`);
    return process.exit(2);
  }
}
