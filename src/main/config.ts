import type { AiConfig } from "../adapters/agents/model-name.ts";
import type { Crossing } from "../core/definition/agent-reference.ts";
import { aiConfig, redactPatterns } from "./config-ai.ts";
import { type Audit, auditOf } from "./config-audit.ts";
import { type Auth, authOf, originsOf, publicUrlOf } from "./config-auth.ts";
import { bundleKeysOf } from "./config-bundles.ts";
import { crossingsOf } from "./config-crossings.ts";
import { type ExpressionLimits, expressionLimitsOf } from "./config-expressions.ts";
import { type Keys, keysOf } from "./config-keys.ts";
import { type Queue, queueOf } from "./config-queue.ts";
import { type ReachConfig, reachOf } from "./config-reach.ts";
import { type Keeping, keepingOf, mustHaveArchiveDir } from "./config-retention.ts";
import { type Environment, type Loaded, type Problem, Reader } from "./environment-reader.ts";

/** Everything that can be set from outside, checked once; nothing behind this knows an environment variable. */
export type Config = {
  readonly http: Listener;
  /** Where the platform asks after health and figures, beside the API; `null`: nowhere. */
  readonly admin: Listener | null;
  /** By what name the load is logged for CloudWatch; `null`: it is not. */
  readonly cloudWatchName: string | null;
  readonly dataDir: string;
  readonly environmentsDir: string;
  /** Which environments' workflows may name agents of which others. */
  readonly crossings: readonly Crossing[];
  readonly database:
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "remote"; readonly url: string; readonly authToken: string | null };
  readonly queue: Queue;
  /** Whether the web UI is served. */
  readonly ui: boolean;
  /** Whether MCP clients are served at `/mcp`. */
  readonly mcp: boolean;
  readonly auth: Auth;
  /** The address people call Station by; `null`: whatever leads here. */
  readonly publicUrl: string | null;
  /** Origins whose pages may call the API, with a bearer token. */
  readonly corsOrigins: readonly string[];
  /** Requests a minute and caller; the local user has no limit. */
  readonly rateLimit: number;
  /** What links to approvals are signed with, the newest first; `null`: none are made. */
  readonly linkKeys: Keys | null;
  /** Fingerprints of the keys that bundles must be signed with to be installed over the API; none: any or no key. */
  readonly bundleKeys: readonly string[];
  /** What secrets in the database are encrypted with, the newest first; `null`: none can be kept. */
  readonly secretKeys: Keys | null;
  readonly audit: Audit;
  /** The variables that are set; of secrets only that they are. */
  readonly settings: Readonly<Record<string, string>>;
  /** How people and other programs are reached. */
  readonly reach: ReachConfig;
  readonly keeping: Keeping;
  /** How agents reach their models. */
  readonly ai: AiConfig;
  /** What is hidden in tools' answers and transcripts beside known forms of secrets. */
  readonly redactPatterns: readonly RegExp[];
  readonly expressions: ExpressionLimits;
  readonly worker: { readonly concurrency: number; readonly leaseSeconds: number };
  /** How long a stopping process finishes what it has in hand. */
  readonly drainTimeoutMs: number;
  /** Where spans are posted (OTLP over HTTP); `null`: nobody traces. */
  readonly tracing: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly serviceName: string;
  } | null;
  /** Where people look at a trace, with `{traceId}` for its id; `null`: the id is all they are given. */
  readonly traceUrl: string | null;
  readonly log: { readonly level: LogLevel; readonly format: "json" | "pretty" };
};

/** An address to listen on; host `*` is every one, port 0 any free one. */
export type Listener = { readonly host: string; readonly port: number };

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where the command line finds its server. */
export type ClientConfig = {
  readonly url: string;
  readonly isGiven: boolean;
  readonly apiKey: string | null;
};

const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
/**
 * The configuration of a process that serves or works, or a list of everything that is wrong with it. One that does
 * not serve the API may be given the same variables and has nobody to protect it from.
 */
export function loadConfig(env: Environment, { isTty = false, serves = true } = {}): Loaded<Config> {
  const read = new Reader(env);
  const dataDir = read.text("STATION_DATA_DIR") ?? ".station";
  const publicUrl = publicUrlOf(read);
  const config: Config = {
    http: {
      host: read.text("HOST") ?? "127.0.0.1",
      port: read.number("PORT", 8585, { from: 0, to: 65_535, whole: true }),
    },
    admin: adminOf(read),
    cloudWatchName: cloudWatchNameOf(read),
    dataDir,
    ...filesIn(read),
    database: databaseOf(read, dataDir),
    queue: queueOf(read),
    ui: read.word("STATION_UI", ["on", "off"], "on") === "on",
    mcp: read.word("STATION_MCP", ["on", "off"], "on") === "on",
    auth: authOf(read, serves, publicUrl),
    publicUrl,
    corsOrigins: originsOf(read),
    rateLimit: read.number("STATION_RATE_LIMIT", 6000, { from: 1, to: 1_000_000_000, whole: true }),
    linkKeys: keysOf(read, "STATION_LINK_KEYS"),
    secretKeys: keysOf(read, "STATION_SECRET_KEYS"),
    bundleKeys: bundleKeysOf(read),
    audit: auditOf(read),
    settings: read.settings(),
    reach: reachOf(read),
    keeping: keepingOf(read, dataDir),
    ai: aiConfig(read),
    redactPatterns: redactPatterns(read),
    expressions: expressionLimitsOf(read),
    worker: {
      concurrency: read.number("STATION_WORKER_CONCURRENCY", 64, { from: 1, to: 1000, whole: true }),
      leaseSeconds: read.number("STATION_LEASE_SECONDS", 1.5, { from: 0.5, to: 300 }),
    },
    drainTimeoutMs: read.number("STATION_DRAIN_TIMEOUT_MS", 50_000, { from: 0, to: 600_000, whole: true }),
    tracing: tracingOf(read),
    traceUrl: traceUrlOf(read),
    log: {
      level: read.word("STATION_LOG_LEVEL", LOG_LEVELS, "info"),
      format: read.word("STATION_LOG_FORMAT", ["json", "pretty"], isTty ? "pretty" : "json"),
    },
  };
  if (config.queue.kind === "nats" && config.database.kind === "file")
    read.warn(
      "STATION_NATS_URL",
      "is set while the database is a local file: only one process may open it, so only `stn serve` can run",
      "STATION_DATABASE_URL=libsql://… or http://… to run several processes",
    );
  if (config.database.kind === "remote") mustHaveArchiveDir(read, config.keeping);
  read.unknownNames();
  return read.result(config);
}

/** What speaks against running one part of Station alone with this configuration. */
export function problemsOfWorker(config: Config): readonly Problem[] {
  const problems: Problem[] = [];
  if (config.queue.kind === "embedded")
    problems.push({
      name: "STATION_NATS_URL",
      value: null,
      message:
        "is not set: without it all work is done inside `stn serve`, and a worker alone has nobody to ask",
      allowed: "nats://host:4222",
    });
  if (config.database.kind === "file")
    problems.push({
      name: "STATION_DATABASE_URL",
      value: `file:${config.database.path}`,
      message: "is a file, which belongs to exactly one process; a worker shares the database with an API",
      allowed: "libsql://…, https://… or http://…",
    });
  return problems;
}

/** The configuration of a command that talks to a server; the server's own variables do not matter here. */
export function loadClientConfig(env: Environment): Loaded<ClientConfig> {
  const read = new Reader(env);
  const port = read.text("PORT");
  const given = read.text("STATION_URL");
  const url = given ?? `http://localhost:${port !== null && /^[1-9]\d*$/.test(port) ? port : "8585"}`;
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url))
    read.problem("STATION_URL", "is not the address of a server", "http://host:port or https://host");
  read.unknownNames();
  return read.result({
    url: url.replace(/\/+$/, ""),
    isGiven: given !== null || port !== null,
    apiKey: read.text("STATION_API_KEY"),
  });
}

/** Where workflows' and agents' files are, also when the rest of the configuration is wrong. */
export function filesOf(env: Environment): Pick<Config, "environmentsDir" | "crossings"> {
  return filesIn(new Reader(env));
}

/** One problem a line: the name, the value unless it is secret, what is wrong and what is allowed. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ name, value, message, allowed }) => {
      const shown = value === null ? name : `${name}=${value}`;
      return `  ${shown}: ${message}${allowed === null ? "" : `\n    allowed: ${allowed}`}`;
    })
    .join("\n");
}

function filesIn(read: Reader): ReturnType<typeof filesOf> {
  return {
    environmentsDir: read.text("STATION_ENVIRONMENTS_DIR") ?? "environments",
    crossings: crossingsOf(read),
  };
}

function adminOf(read: Reader): Config["admin"] {
  const host = read.text("STATION_ADMIN_HOST");
  if (read.text("STATION_ADMIN_PORT") === null) {
    if (host !== null) read.warn("STATION_ADMIN_HOST", "is not used: STATION_ADMIN_PORT is not set", null);
    return null;
  }
  const port = read.number("STATION_ADMIN_PORT", 9090, { from: 0, to: 65_535, whole: true });
  // The platform asks from outside the container; nothing here acts for anybody.
  return { host: host ?? "*", port };
}

function cloudWatchNameOf(read: Reader): Config["cloudWatchName"] {
  const name = read.text("STATION_CLOUDWATCH_NAME");
  if (name !== null && !/^[A-Za-z0-9][\w.-]{0,62}$/.test(name))
    read.problem(
      "STATION_CLOUDWATCH_NAME",
      "is no name",
      "1 to 63 letters, digits, dots, dashes and underscores",
    );
  return name;
}

/** The variables are OpenTelemetry's own (its specification of the OTLP exporter). */
function tracingOf(read: Reader): Config["tracing"] {
  const base = read.text("OTEL_EXPORTER_OTLP_ENDPOINT");
  const own = read.text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  const name = own === null ? "OTEL_EXPORTER_OTLP_ENDPOINT" : "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  const given = own ?? base;
  if (given === null) return null;
  if (!/^https?:\/\/[^/]/.test(given) || !URL.canParse(given))
    read.problem(name, "is not the address of a collector", "http://host:4318");
  const written = (read.text("OTEL_EXPORTER_OTLP_HEADERS") ?? "").split(",").filter(Boolean);
  const headers = written.map(headerIn).filter((header) => header !== null);
  if (headers.length < written.length)
    read.problem(
      "OTEL_EXPORTER_OTLP_HEADERS",
      "is not a list of headers",
      "name=value,name=value, with %25 for a % and %2C for a comma",
    );
  return {
    url: own ?? `${given.replace(/\/+$/, "")}/v1/traces`,
    headers: Object.fromEntries(headers),
    serviceName: read.text("OTEL_SERVICE_NAME") ?? "station",
  };
}

/** A header as OpenTelemetry writes one, or `null` for what cannot be sent as one. */
function headerIn(pair: string): readonly [string, string] | null {
  const at = pair.indexOf("=");
  const name = pair.slice(0, Math.max(0, at)).trim();
  try {
    const value = decodeURIComponent(pair.slice(at + 1).trim());
    new Headers([[name, value]]);
    return [name, value];
  } catch {
    return null;
  }
}

function traceUrlOf(read: Reader): Config["traceUrl"] {
  const text = read.text("STATION_TRACE_URL");
  if (text === null) return null;
  if (!/^https?:\/\/[^/{]/.test(text) || !URL.canParse(text) || !text.includes("{traceId}"))
    read.problem(
      "STATION_TRACE_URL",
      "is not the address of a page about a trace",
      "https://traces.example.com/trace/{traceId}",
    );
  return text;
}

function databaseOf(read: Reader, dataDir: string): Config["database"] {
  const name = "STATION_DATABASE_URL";
  const url = read.text(name);
  const authToken = read.text("STATION_DATABASE_AUTH_TOKEN");
  if (url !== null && /^(?:libsql|https?|wss?):\/\/[^/]/.test(url) && URL.canParse(url))
    return { kind: "remote", url, authToken };
  if (authToken !== null)
    read.warn("STATION_DATABASE_AUTH_TOKEN", "is not used: the database is a file", null);
  const path = url === null ? `${dataDir}/station.db` : filePath(url);
  if (path === null)
    read.problem(name, "is not the address of a database", "file:path, libsql://…, https://… or http://…");
  return { kind: "file", path: path ?? "" };
}

/** The path of `file:name`, `file:/name` or `file:///name`; `null` for anything else. */
function filePath(url: string): string | null {
  const match = /^file:(?:\/\/(?=\/))?([^?#]+)$/.exec(url);
  const path = match?.[1];
  return path === undefined || path.startsWith("//") || path === ":memory:" ? null : path;
}
