import { closest } from "../core/definition/suggest.ts";

/** What is wrong with a variable; a secret's `value` is never shown. */
export type Problem = {
  readonly name: string;
  readonly value: string | null;
  readonly message: string;
  readonly allowed: string | null;
};

export type Loaded<Value> =
  | { readonly ok: true; readonly config: Value; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables whose values nobody may see. */
export const SECRETS: ReadonlySet<string> = new Set([
  "STATION_DATABASE_AUTH_TOKEN",
  "STATION_NATS_CREDS",
  "STATION_API_KEY",
  "STATION_LINK_KEYS",
  "STATION_SECRET_KEYS",
  "STATION_AUDIT_KEY",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "STATION_API_TOKEN",
  "STATION_NATS_NKEY_SEED",
  "STATION_NATS_JWT",
  "STATION_NATS_TOKEN",
  "STATION_NATS_PASSWORD",
  "STATION_AI_API_KEY",
  "OPENAI_API_KEY",
  "ANTHROPIC_API_KEY",
  "GEMINI_API_KEY",
  "STATION_OIDC_CLIENT_SECRET",
  "STATION_SESSION_SECRET",
  "STATION_SMTP_URL",
]);
/** What says how to reach servers of a queue, and nothing without their addresses. */
export const ONLY_WITH_NATS_URL = [
  "STATION_NATS_CREDS",
  "STATION_NATS_CREDS_FILE",
  "STATION_NATS_NKEY_SEED",
  "STATION_NATS_NKEY_SEED_FILE",
  "STATION_NATS_JWT",
  "STATION_NATS_JWT_FILE",
  "STATION_NATS_TOKEN",
  "STATION_NATS_TOKEN_FILE",
  "STATION_NATS_USER",
  "STATION_NATS_PASSWORD",
  "STATION_NATS_PASSWORD_FILE",
  "STATION_NATS_TLS_CA_FILE",
  "STATION_NATS_TLS_CERT_FILE",
  "STATION_NATS_TLS_KEY_FILE",
  "STATION_NATS_REPLICAS",
] as const;

/** Every variable there is. */
export const NAMES = [
  "NODE_ENV",
  "PORT",
  "HOST",
  "STATION_ADMIN_PORT",
  "STATION_ADMIN_HOST",
  "STATION_CLOUDWATCH_NAME",
  "STATION_DATA_DIR",
  "STATION_ENVIRONMENTS_DIR",
  "STATION_CROSS_ENVIRONMENT_AGENTS",
  "STATION_BUNDLE_KEYS",
  "STATION_DATABASE_URL",
  "STATION_DATABASE_AUTH_TOKEN",
  "STATION_RETENTION",
  "STATION_HOLD_LABEL",
  "STATION_ARCHIVE_DIR",
  "STATION_NATS_URL",
  "STATION_NATS_EMBEDDED",
  "STATION_NATS_JETSTREAM_ENABLED",
  ...ONLY_WITH_NATS_URL,
  "STATION_AI_PROVIDER",
  "STATION_AI_MODEL",
  "STATION_AI_MODEL_OVERRIDE",
  "STATION_AI_API_KEY",
  "STATION_AI_BASE_URL",
  "STATION_AI_STREAMING",
  "STATION_AI_PRICES",
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_BASE_URL",
  "GEMINI_API_KEY",
  "GEMINI_BASE_URL",
  "STATION_REDACT_PATTERNS",
  "STATION_AUTH",
  "STATION_API_TOKEN",
  "STATION_API_TOKEN_FILE",
  "STATION_OIDC_ISSUER",
  "STATION_OIDC_CLIENT_ID",
  "STATION_OIDC_CLIENT_SECRET",
  "STATION_OIDC_CLIENT_SECRET_FILE",
  "STATION_OIDC_AUDIENCE",
  "STATION_OIDC_SCOPES",
  "STATION_OIDC_USER_CLAIM",
  "STATION_OIDC_GROUPS_CLAIM",
  "STATION_OIDC_MEMBERSHIP_HOURS",
  "STATION_OIDC_ROLES",
  "STATION_SESSION_SECRET",
  "STATION_SESSION_SECRET_FILE",
  "STATION_SESSION_IDLE_SECONDS",
  "STATION_SESSION_SECONDS",
  "STATION_PUBLIC_URL",
  "STATION_CORS_ORIGINS",
  "STATION_RATE_LIMIT",
  "STATION_LINK_KEYS",
  "STATION_SECRET_KEYS",
  "STATION_AUDIT_KEY",
  "STATION_AUDIT_KEY_FILE",
  "STATION_AUDIT_ANCHOR_FILE",
  "STATION_AUDIT_SECONDS",
  "STATION_SMTP_URL",
  "STATION_MAIL_FROM",
  "STATION_OUTGOING_ALLOWED",
  "STATION_UI",
  "STATION_MCP",
  "STATION_EXPRESSION_STEPS",
  "STATION_EXPRESSION_TIMEOUT_MS",
  "STATION_EXPRESSION_MEMORY_MIB",
  "STATION_EXPRESSION_DATA_MIB",
  "STATION_EXPRESSION_THREADS",
  "STATION_WORKER_CONCURRENCY",
  "STATION_LEASE_SECONDS",
  "STATION_DRAIN_TIMEOUT_MS",
  "STATION_TRACE_URL",
  "STATION_LOG_LEVEL",
  "STATION_LOG_FORMAT",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_SERVICE_NAME",
  "STATION_URL",
  "STATION_API_KEY",
] as const;

export type Name = (typeof NAMES)[number];

/** Something nobody may see, or where to read it. */
export type Secret =
  | { readonly from: "text"; readonly text: string }
  | { readonly from: "file"; readonly path: string };

/** Reads variables and remembers what was wrong with them. An empty one counts as not set. */
export class Reader {
  readonly #env: Environment;
  readonly #problems: Problem[] = [];
  readonly #warnings: Problem[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  text(name: Name): string | null {
    const value = this.#env[name]?.trim();
    return value === undefined || value === "" ? null : value;
  }

  /** A secret from its variable, or from the file that its other variable names; not from both. */
  secret<Base extends Name & `STATION_${string}`>(
    name: `${Base}_FILE` extends Name ? Base : never,
  ): Secret | null {
    const fileName = `${name}_FILE` as Name;
    const text = this.text(name);
    const path = this.text(fileName);
    if (text !== null && path !== null) this.problem(fileName, `is set and ${name} too`, "one of the two");
    if (text !== null) return { from: "text", text };
    return path === null ? null : { from: "file", path };
  }

  flag(name: Name): boolean | null {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return null;
    if (value === "true" || value === "1") return true;
    if (value === "false" || value === "0") return false;
    this.problem(name, "is neither true nor false", "true or false");
    return null;
  }

  number(name: Name, fallback: number, limits: { from: number; to: number; whole?: boolean }): number {
    const value = this.text(name);
    if (value === null) return fallback;
    const number = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
    const { from, to, whole = false } = limits;
    if (number >= from && number <= to && (!whole || Number.isInteger(number))) return number;
    const kind = whole ? "a whole number" : "a number";
    this.problem(name, `is not ${kind} in range`, `${kind} from ${from} to ${to} (default ${fallback})`);
    return fallback;
  }

  word<Word extends string>(name: Name, words: readonly Word[], fallback: Word): Word {
    const value = this.text(name);
    if (value === null) return fallback;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    const near = closest(value, words);
    this.problem(name, `is unknown${near === null ? "" : `; did you mean "${near}"?`}`, words.join(", "));
    return fallback;
  }

  /** What is set, by name; of secrets only that they are. */
  settings(): Readonly<Record<string, string>> {
    const set = NAMES.filter((name) => this.text(name) !== null);
    return Object.fromEntries(set.map((name) => [name, this.#shown(name) ?? "(secret)"]));
  }

  problem(name: Name, message: string, allowed: string | null): void {
    this.#problems.push({ name, value: this.#shown(name), message, allowed });
  }

  warn(name: Name, message: string, allowed: string | null): void {
    this.#warnings.push({ name, value: this.#shown(name), message, allowed });
  }

  /** A name nobody reads is most likely misspelled; its value may be a secret. */
  unknownNames(): void {
    const known = new Set<string>(NAMES);
    for (const name of Object.keys(this.#env).sort()) {
      if (!name.startsWith("STATION_") || known.has(name)) continue;
      const meant = meantBy(name);
      const hint = meant === null ? "" : `; did you mean ${meant}?`;
      this.#warnings.push({ name, value: null, message: `is not known and not used${hint}`, allowed: null });
    }
  }

  result<Value>(config: Value): Loaded<Value> {
    const warnings = this.#warnings;
    if (this.#problems.length > 0) return { ok: false, problems: this.#problems, warnings };
    return { ok: true, config: frozen(config), warnings };
  }

  #shown(name: Name): string | null {
    const value = this.text(name);
    if (value === null || SECRETS.has(name)) return null;
    // Servers are named without a scheme, too, and what stands before the last @ is not for anybody's eyes.
    if (name === "STATION_NATS_URL") return value.replace(/(^|,)(\s*(?:\w+:\/\/)?)[^,]*@/g, "$1$2***@");
    return value.replace(/\/\/\S*@/g, "//***@").replace(/([?&]authToken=)[^&]*/gi, "$1***");
  }
}

function meantBy(name: string): string | null {
  const rest = name.slice("STATION_".length);
  const plain = NAMES.find((known) => known === rest);
  if (plain) return plain;
  const names = NAMES.filter((known) => known.startsWith("STATION_"));
  const near = closest(
    rest,
    names.map((known) => known.slice("STATION_".length)),
  );
  return near === null ? null : `STATION_${near}`;
}

function frozen<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
