import type { Diagnostic } from "../core/definition/diagnostic.ts";
import type { DefinitionSource, Finding } from "../engine/ports.ts";
import type { ClientOptions } from "../http/client/send.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** Everything the command line needs of the world; `main/` wires it, tests stand in for it. */
export type CliDeps = {
  readonly terminal: Terminal;
  /** Station's own version. */
  readonly version: string;
  /** Where commands find their server unless `--url` says otherwise; `problems` when the settings are wrong. */
  readonly server: ServerAddress;
  readonly fetch?: ClientOptions["fetch"];
  readonly now: () => number;
  /** Aborts when the person has had enough (Ctrl-C) or the process is to end. */
  readonly interrupt: AbortSignal;
  readonly cwd: string;
  /** Where `validate` looks for workflows when it is given no files. */
  readonly environmentsDir: string;
  readonly check: Check;
  readonly starters: Starters;
};

export type ServerAddress =
  | { readonly ok: true; readonly url: string; readonly apiKey: string | null }
  | { readonly ok: false; readonly problems: string };

/** Everything that can be said about a workflow's text; agents are looked up in `environment` when it is known. */
export type Check = (source: DefinitionSource, environment: string | null) => Promise<readonly Diagnostic[]>;

/** What runs in this very process instead of asking a server. Each serves until `signal` aborts. */
export type Starters = {
  readonly dev: (options: ServeOptions) => Promise<void>;
  readonly serve: (options: ServeOptions) => Promise<void>;
  readonly worker: (options: { readonly signal: AbortSignal }) => Promise<void>;
  /** Brings the database up to date; the names of the migrations that were missing. */
  readonly migrate: () => Promise<readonly string[]>;
  readonly doctor: () => Promise<readonly Finding[]>;
};

export type ServeOptions = {
  readonly host?: string;
  readonly port?: number;
  readonly signal: AbortSignal;
};
