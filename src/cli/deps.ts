import type { VerifiedEvidence } from "../core/audit/verify-evidence.ts";
import type { BundleManifest } from "../core/bundle/manifest.ts";
import type { InstallPlan } from "../core/bundle/plan.ts";
import type { Diagnostic } from "../core/definition/diagnostic.ts";
import type { FlowReport } from "../core/definition/flow/report.ts";
import type { Definition } from "../core/definition/types.ts";
import type { JsonObject } from "../core/json.ts";
import type { Scenario } from "../core/rehearsal/scenario.ts";
import type { ArchiveContents } from "../core/retention/verify-archive.ts";
import type { Bundle } from "../engine/bundle/bundle.ts";
import type { KeyPair } from "../engine/bundle/signature.ts";
import type { AgentInfo } from "../engine/ports/agent-runner.ts";
import type { BackupSummary } from "../engine/ports/backups.ts";
import type { InstalledBundle } from "../engine/ports/bundles.ts";
import type { DefinitionReader, DefinitionSource } from "../engine/ports/definitions.ts";
import type { Finding } from "../engine/ports/queries.ts";
import type { RehearsalResult } from "../engine/rehearsal/rehearse.ts";
import type { TestedWorkflow, TestFileResult } from "../engine/rehearsal/run-test-file.ts";
import type { Verified } from "../engine/verify-trail.ts";
import type { ClientOptions } from "../http/client/send.ts";
import type { ContextStore } from "./contexts.ts";
import type { ReadProject } from "./project.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** Everything the command line needs of the world; `main/` wires it, tests stand in for it. */
export type CliDeps = {
  readonly terminal: Terminal;
  /** Station's own version. */
  readonly version: string;
  /** Where commands find their server unless options say otherwise; `problems` when the settings are wrong. */
  readonly server: ServerAddress;
  /** The servers this person has logged in to. */
  readonly contexts: ContextStore;
  /** What the repository that the person is in says about where commands go. */
  readonly project: ReadProject;
  readonly fetch?: ClientOptions["fetch"];
  readonly now: () => number;
  /** Aborts when the person has had enough (Ctrl-C) or the process is to end. */
  readonly interrupt: AbortSignal;
  readonly cwd: string;
  /** Where `validate` looks for workflows when it is given no files. */
  readonly environmentsDir: string;
  readonly readSource: ReadSource;
  readonly check: Check;
  /** Reads a workflow's text into canonical form. */
  readonly readDefinition: DefinitionReader["read"];
  readonly watch: Watch;
  readonly importDocument: ImportDocument;
  readonly rehearsals: Rehearsals;
  readonly bundles: Bundles;
  readonly audit: AuditTools;
  readonly backups: BackupTools;
  readonly starters: Starters;
  readonly openBrowser: OpenBrowser;
};

export type ServerAddress =
  | {
      readonly ok: true;
      readonly url: string;
      /** False for this machine's own, which nobody named. */
      readonly isGiven: boolean;
      readonly apiKey: string | null;
    }
  | { readonly ok: false; readonly problems: string };

/**
 * Everything that can be said about a workflow's text, and how its data flows; agents are looked up in `environment`,
 * and without one data is not followed.
 */
export type Check = (source: DefinitionSource, environment: string | null) => Promise<CheckedFile>;

export type CheckedFile = {
  readonly diagnostics: readonly Diagnostic[];
  readonly report: () => FlowReport | null;
};

/** A file's text as workflows are read, or why it cannot be one: too large, no UTF-8, no regular file. */
export type ReadSource = (
  path: string,
) => Promise<{ readonly text: string } | { readonly problem: Diagnostic }>;

/** Calls back with an environment within a second of a change to one of its files; answers how to stop. */
export type Watch = (changed: (environment: string) => Promise<void>) => Promise<() => Promise<void>>;

/** Plays workflows through in this very process: no server, no model, no store. */
export type Rehearsals = {
  /** Runs the tests of one file; `find` answers the workflow it names, or for `null` the one beside it. */
  readonly test: (
    source: DefinitionSource,
    find: (workflow: string | null) => Promise<TestedWorkflow>,
    /** Only tests whose name contains this. */
    options?: { readonly only?: string },
  ) => Promise<TestFileResult>;
  /** What a run would do. `agents`: those of the server that the definition comes from; `null`: the files' here. */
  readonly dryRun: (request: {
    readonly workflow: TestedWorkflow;
    readonly version: number;
    readonly scenario: Scenario;
    readonly agents: readonly AgentInfo[] | null;
  }) => Promise<DryRun>;
};

export type DryRun =
  | { readonly status: "invalid"; readonly diagnostics: readonly Diagnostic[] }
  | (RehearsalResult & { readonly definition: Definition });

/** Translates a foreign document; `yaml` is null when something about it has no counterpart here. */
export type ImportDocument = (source: DefinitionSource) => Promise<{
  readonly yaml: string | null;
  readonly workflow: JsonObject | null;
  /** Each with the text it is about: the document's, or that of the translation. */
  readonly diagnostics: readonly (Diagnostic & { readonly file: string; readonly text: string })[];
}>;

/** Packs of an environment's files; what is wrong with one is a `BundleRefused`. */
export type Bundles = {
  readonly create: (
    environment: string,
    identity: Pick<BundleManifest, "name" | "version" | "description">,
    privateKey: string | null,
  ) => Promise<{ readonly bytes: Uint8Array; readonly manifest: BundleManifest }>;
  /** Checks everything; with `trusted` public keys (PEM) only what one of them signed is accepted. */
  readonly open: (bytes: Uint8Array, trusted: readonly string[]) => Promise<Bundle>;
  readonly plan: (bundle: Bundle, environment: string) => Promise<InstallPlan>;
  readonly install: (bundle: Bundle, environment: string) => Promise<void>;
  readonly list: (environment: string) => Promise<readonly InstalledBundle[]>;
  readonly keygen: () => KeyPair;
};

/** What reads the audit trail in this very process. */
export type AuditTools = {
  readonly verify: (request: {
    /** `file:path` or a server's address; `null`: the configured one. */
    readonly database: string | null;
    /** PEM. */
    readonly publicKeys: readonly string[];
    readonly anchorFile: string | null;
  }) => Promise<Verified>;
  /** Rejects with `BundleRefused` for what is no evidence. */
  readonly verifyEvidence: (bytes: Uint8Array, publicKeys: readonly string[]) => Promise<VerifiedEvidence>;
  /** Reads a file of archived runs from end to end; rejects when it is none. */
  readonly readArchive: (path: string, publicKeys: readonly string[]) => Promise<ArchiveContents>;
};

/** The configured database as one file, and back. A damaged copy is a `BackupRefused`. */
export type BackupTools = {
  /** Where the configured database is; `none`: its file is not there. */
  readonly source: () => { readonly kind: "server" | "file" | "none"; readonly name: string };
  /** Copies it into `file`, from the server, or from the file that no process may have open. */
  readonly copy: (file: string) => Promise<BackupSummary>;
  /** Keeps a copy that a server sends. */
  readonly keep: (stream: ReadableStream<Uint8Array>, file: string) => Promise<BackupSummary>;
  readonly check: (file: string) => Promise<BackupSummary>;
  /** Puts a backup in its place; where what was there is kept. */
  readonly restore: (file: string) => Promise<{ readonly replaced: string | null }>;
};

/** What runs in this very process instead of asking a server. Each serves until `signal` aborts. */
export type Starters = {
  readonly dev: (options: DevOptions) => Promise<void>;
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

export type DevOptions = ServeOptions & {
  /** Called once it answers. */
  readonly listening: (served: {
    readonly url: string;
    /** False where the web UI is switched off. */
    readonly hasPages: boolean;
  }) => void;
};

/** Opens an address in the person's browser; `failed` is told, once, why that came to nothing. */
export type OpenBrowser = (url: string, failed: (reason: string) => void) => void;
