import { CLI_AGENT } from "../http/client/send.ts";
import { type Client, createClient } from "../http/client.ts";
import type { CliDeps } from "./deps.ts";
import { usage } from "./errors.ts";
import { utf8 } from "./files.ts";
import { type Place, placeFor } from "./place.ts";
import { addressOfRun } from "./run-address.ts";
import { type ColorChoice, type Look, lookOf } from "./terminal/look.ts";
import type { Output } from "./terminal/terminal.ts";
import { clean } from "./terminal/text.ts";
import type { TimeStyle } from "./terminal/time.ts";

export const FORMATS = ["table", "json", "jsonl", "yaml", "id"] as const;
export type Format = (typeof FORMATS)[number];

/** The options every command has, as they were given. */
export type GlobalOptions = {
  readonly json?: true;
  readonly output?: Format;
  readonly env?: string;
  readonly url?: string;
  readonly context?: string;
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
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  /** Whether a person is there to be asked. */
  readonly canAsk: boolean;
  readonly time: TimeStyle;
  readonly out: Sink;
  readonly err: Sink;
  readonly #options: GlobalOptions;
  #place: Place | null = null;
  #client: Client | null = null;

  constructor(deps: CliDeps, options: GlobalOptions) {
    const { terminal } = deps;
    this.deps = deps;
    this.#options = options;
    this.format = options.json ? "json" : (options.output ?? "table");
    this.isQuiet = options.quiet ?? false;
    this.isVerbose = options.verbose ?? false;
    this.canAsk = options.input && terminal.stdin.isTty && terminal.stderr.isTty;
    this.time = options.time ?? (terminal.stdout.isTty ? "relative" : "iso");
    this.out = sinkOf(terminal.stdout, lookOf(terminal, terminal.stdout, options.color));
    this.err = sinkOf(terminal.stderr, lookOf(terminal, terminal.stderr, options.color));
  }

  /** The server's address without a slash at its end. */
  get url(): string {
    return this.place.url.value;
  }

  /** On the server; `null`: not said. */
  get environment(): string | null {
    return this.place.environment.value;
  }

  /** What `--env` said: all that counts for what is done on this machine. */
  get givenEnvironment(): string | null {
    return this.#options.env ?? null;
  }

  get client(): Client {
    const { fetch } = this.deps;
    const apiKey = this.place.apiKey.value;
    if (apiKey !== null && !isKey(apiKey))
      throw usage(
        "the API key has something in it that is in no key",
        "STATION_API_KEY holds the key alone, on one line; stn login asks for it",
      );
    this.#client ??= createClient({
      baseUrl: this.url,
      userAgent: CLI_AGENT,
      ...(apiKey !== null && { apiKey }),
      ...(fetch && { fetch }),
    });
    return this.#client;
  }

  get signal(): AbortSignal {
    return this.deps.interrupt;
  }

  /** Everything that is piped in, as text. */
  async readStdin(): Promise<string> {
    return utf8(await this.deps.terminal.stdin.readAll(this.signal), "what was piped in");
  }

  /** Data, for whoever reads stdout. */
  write(text: string): void {
    this.out.output.write(text);
  }

  /** A line for the person at the terminal, behind a mark of our own; `-q` leaves it out. */
  say(text: string, mark = ""): void {
    if (!this.isQuiet) this.err.output.write(`${this.err.look.typeset(mark + clean(text))}\n`);
  }

  /** Where this call goes, and who says so. */
  get place(): Place {
    this.#place ??= placeFor(this.deps, this.#options);
    return this.#place;
  }

  /** Where people find a run; never rejects. */
  addressOf(runId: string): Promise<string> {
    return addressOfRun({ url: this.url, fetch: this.deps.fetch }, runId, this.signal);
  }
}

/** Whether a header can carry it: one that cannot would be shown in the error about it. */
export function isKey(text: string): boolean {
  return /^[!-~]+$/.test(text);
}

/** An output and what it can show. */
export type Sink = { readonly output: Output; readonly look: Look; width(): number };

function sinkOf(output: Output, look: Look): Sink {
  return { output, look, width: () => (output.isTty ? output.columns() : 120) };
}

/** How many cells a line may have; a file or a pipe has all. */
export function roomOf({ output }: Pick<Sink, "output">): number {
  return output.isTty ? output.columns() : Number.POSITIVE_INFINITY;
}

/** An argument commander has made sure of. */
export function requiredArgument(value: string | undefined): string {
  if (value === undefined) throw usage("an argument is missing");
  return value;
}
