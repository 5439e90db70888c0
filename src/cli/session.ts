import { type Client, createClient } from "../http/client.ts";
import type { CliDeps } from "./deps.ts";
import { usage } from "./errors.ts";
import { type ColorChoice, type Look, lookOf } from "./terminal/look.ts";
import type { Output } from "./terminal/terminal.ts";
import type { TimeStyle } from "./terminal/time.ts";

export const FORMATS = ["table", "json", "jsonl", "yaml", "id"] as const;
export type Format = (typeof FORMATS)[number];

/** The options every command has, as they were given. */
export type GlobalOptions = {
  readonly json?: true;
  readonly output?: Format;
  readonly env?: string;
  readonly url?: string;
  readonly quiet?: true;
  readonly verbose?: true;
  /** False after `--no-input`. */
  readonly input: boolean;
  readonly color: ColorChoice;
  readonly time?: TimeStyle;
};

/** One call of the command line: its server, its outputs, and how the person wants things. */
export class Session {
  readonly deps: CliDeps;
  readonly format: Format;
  /** `null`: not said. */
  readonly environment: string | null;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  /** Whether a person is there to be asked. */
  readonly canAsk: boolean;
  readonly time: TimeStyle;
  readonly out: Sink;
  readonly err: Sink;
  readonly #options: GlobalOptions;
  #client: Client | null = null;

  constructor(deps: CliDeps, options: GlobalOptions) {
    const { terminal } = deps;
    this.deps = deps;
    this.#options = options;
    this.format = options.json ? "json" : (options.output ?? "table");
    this.environment = options.env ?? null;
    this.isQuiet = options.quiet ?? false;
    this.isVerbose = options.verbose ?? false;
    this.canAsk = options.input && terminal.stdin.isTty && terminal.stderr.isTty;
    this.time = options.time ?? (terminal.stdout.isTty ? "relative" : "iso");
    this.out = sinkOf(terminal.stdout, lookOf(terminal, terminal.stdout, options.color));
    this.err = sinkOf(terminal.stderr, lookOf(terminal, terminal.stderr, options.color));
  }

  /** The server's address without a slash at its end. */
  get url(): string {
    const { server } = this.deps;
    const given = this.#options.url;
    if (given !== undefined) {
      if (!/^https?:\/\/[^/]/.test(given) || !URL.canParse(given))
        throw usage(`--url ${given} is not the address of a server`, "http://host:port or https://host");
      return given.replace(/\/+$/, "");
    }
    if (!server.ok) throw usage(`the environment is not right:\n${server.problems}`);
    return server.url;
  }

  get client(): Client {
    const { server, fetch } = this.deps;
    const apiKey = server.ok ? server.apiKey : null;
    this.#client ??= createClient({
      baseUrl: this.url,
      ...(apiKey !== null && { apiKey }),
      ...(fetch && { fetch }),
    });
    return this.#client;
  }

  get signal(): AbortSignal {
    return this.deps.interrupt;
  }

  /** Data, for whoever reads stdout. */
  write(text: string): void {
    this.out.output.write(text);
  }

  /** A line for the person at the terminal; `-q` leaves it out. */
  say(text: string): void {
    if (!this.isQuiet) this.err.output.write(`${this.err.look.typeset(text)}\n`);
  }

  /** A human-readable address of a run. */
  addressOf(runId: string): string {
    return `${this.url}/api/v1/workflow-runs/${runId}`;
  }
}

/** An output and what it can show. */
export type Sink = { readonly output: Output; readonly look: Look; width(): number };

function sinkOf(output: Output, look: Look): Sink {
  return { output, look, width: () => (output.isTty ? output.columns() : 120) };
}

/** An argument commander has made sure of. */
export function requiredArgument(value: string | undefined): string {
  if (value === undefined) throw usage("an argument is missing");
  return value;
}
