/**
 * What Station's containers and the platforms that run them have agreed upon. Every platform under `infra/` and the
 * compose files are written against this, and a test holds it against the program's own configuration.
 */

/** The programs of the image, and the files that start them. */
export const ENTRY = {
  api: "api.mjs",
  worker: "worker.mjs",
  migrate: "migrate.mjs",
  healthcheck: "healthcheck.mjs",
} as const;

/** A program that a platform runs. */
export type Program = "api" | "worker" | "migrate";

/** Where the programs listen inside their container. */
export const PORTS = { http: 8080, admin: 9090 } as const;

/** Asked on `PORTS.admin`, and for the API's load balancer on `PORTS.http` as well. */
export const PATHS = { alive: "/healthz", ready: "/readyz", metrics: "/metrics" } as const;

/** What the API logs as metrics once a minute where `STATION_CLOUDWATCH_NAME` is set, each by the dimension `station`. */
export const LOAD = {
  namespace: "Station",
  backlogPerWorker: "BacklogPerWorker",
  oldestTask: "OldestTask",
} as const;

/**
 * How long a load balancer keeps a connection that nobody uses: longer than streams are silent, and shorter than the
 * programs keep it. A request on one that a program has just closed would be answered 502.
 */
export const IDLE_SECONDS = 60;

/** Where things are in the image, and as whom it runs. */
export const IMAGE = {
  directory: "/app",
  environments: "/app/environments",
  /** For a volume, where all of Station is one container; nothing else is ever written. */
  data: "/data",
  user: "65532",
  node: "/nodejs/bin/node",
} as const;

/** The signal that begins draining. A second one ends the process at once. */
export const STOP_SIGNAL = "SIGTERM";

/** What a process needs after its drain time to say goodbye, before the platform kills it. */
const GOODBYE_MS = 10_000;
/** Cloud Run kills after 10 s, whatever one wishes; what is not done by then is given to another worker. */
const SHORT_GOODBYE_MS = 2_000;

/** `STATION_DRAIN_TIMEOUT_MS` where the platform kills a container `killSeconds` after `STOP_SIGNAL`. */
export function drainTimeoutMs(killSeconds: number): number {
  const killMs = killSeconds * 1000;
  return killMs - (killMs > 2 * GOODBYE_MS ? GOODBYE_MS : SHORT_GOODBYE_MS);
}

/** How a variable is used. A secret comes from the platform's secret store, never from a template. */
type Variable = {
  readonly programs: readonly Program[];
  readonly isRequired: boolean;
  readonly isSecret: boolean;
};

const everywhere = ["api", "worker", "migrate"] as const;
const serving = ["api", "worker"] as const;

function plain(programs: readonly Program[], { isRequired = false } = {}): Variable {
  return { programs, isRequired, isSecret: false };
}

function secret(programs: readonly Program[]): Variable {
  return { programs, isRequired: false, isSecret: true };
}

/** Every variable that a platform may set, for a deployment of several processes. */
export const VARIABLES = {
  NODE_ENV: plain(everywhere),
  PORT: plain(["api"], { isRequired: true }),
  HOST: plain(["api"], { isRequired: true }),
  STATION_ADMIN_PORT: plain(serving, { isRequired: true }),
  STATION_CLOUDWATCH_NAME: plain(["api"]),
  STATION_AUTH: plain(["api"]),
  STATION_MCP: plain(["api"]),
  STATION_UI: plain(["api"]),
  STATION_API_TOKEN: secret(["api"]),
  STATION_API_TOKEN_FILE: plain(["api"]),
  STATION_CORS_ORIGINS: plain(["api"]),
  STATION_RATE_LIMIT: plain(["api"]),
  STATION_PUBLIC_URL: plain(serving),
  STATION_OIDC_ISSUER: plain(["api"]),
  STATION_OIDC_CLIENT_ID: plain(["api"]),
  STATION_OIDC_CLIENT_SECRET: secret(["api"]),
  STATION_OIDC_CLIENT_SECRET_FILE: plain(["api"]),
  STATION_OIDC_AUDIENCE: plain(["api"]),
  STATION_OIDC_SCOPES: plain(["api"]),
  STATION_OIDC_USER_CLAIM: plain(["api"]),
  STATION_OIDC_GROUPS_CLAIM: plain(["api"]),
  STATION_OIDC_ROLES: plain(["api"]),
  STATION_OIDC_MEMBERSHIP_HOURS: plain(["api"]),
  STATION_SESSION_SECRET: secret(["api"]),
  STATION_SESSION_SECRET_FILE: plain(["api"]),
  STATION_SESSION_IDLE_SECONDS: plain(["api"]),
  STATION_SESSION_SECONDS: plain(["api"]),
  STATION_LINK_KEYS: secret(serving),
  STATION_SECRET_KEYS: secret(serving),
  STATION_AUDIT_KEY: secret(serving),
  STATION_AUDIT_KEY_FILE: plain(serving),
  STATION_AUDIT_SECONDS: plain(serving),
  STATION_HOLD_LABEL: plain(serving),
  STATION_SMTP_URL: secret(serving),
  STATION_MAIL_FROM: plain(serving),
  STATION_OUTGOING_ALLOWED: plain(serving),
  STATION_REDACT_PATTERNS: plain(serving),
  STATION_ENVIRONMENTS_DIR: plain(serving),
  STATION_CROSS_ENVIRONMENT_AGENTS: plain(serving),
  STATION_BUNDLE_KEYS: plain(["api"]),
  STATION_DATA_DIR: plain(everywhere),
  STATION_DATABASE_URL: plain(everywhere, { isRequired: true }),
  STATION_DATABASE_AUTH_TOKEN: secret(everywhere),
  STATION_NATS_URL: plain(serving, { isRequired: true }),
  STATION_NATS_CREDS: secret(serving),
  STATION_NATS_CREDS_FILE: plain(serving),
  STATION_NATS_NKEY_SEED: secret(serving),
  STATION_NATS_NKEY_SEED_FILE: plain(serving),
  STATION_NATS_JWT: secret(serving),
  STATION_NATS_JWT_FILE: plain(serving),
  STATION_NATS_TOKEN: secret(serving),
  STATION_NATS_TOKEN_FILE: plain(serving),
  STATION_NATS_USER: plain(serving),
  STATION_NATS_PASSWORD: secret(serving),
  STATION_NATS_PASSWORD_FILE: plain(serving),
  STATION_NATS_TLS_CA_FILE: plain(serving),
  STATION_NATS_TLS_CERT_FILE: plain(serving),
  STATION_NATS_TLS_KEY_FILE: plain(serving),
  STATION_NATS_REPLICAS: plain(serving),
  STATION_AI_PROVIDER: plain(serving),
  STATION_AI_MODEL: plain(serving),
  STATION_AI_BASE_URL: plain(serving),
  STATION_AI_STREAMING: plain(serving),
  STATION_AI_PRICES: plain(serving),
  STATION_AI_API_KEY: secret(serving),
  OPENAI_API_KEY: secret(serving),
  OPENAI_BASE_URL: plain(serving),
  ANTHROPIC_API_KEY: secret(serving),
  ANTHROPIC_BASE_URL: plain(serving),
  GEMINI_API_KEY: secret(serving),
  GEMINI_BASE_URL: plain(serving),
  STATION_EXPRESSION_STEPS: plain(serving),
  STATION_EXPRESSION_TIMEOUT_MS: plain(serving),
  STATION_EXPRESSION_MEMORY_MIB: plain(serving),
  STATION_EXPRESSION_DATA_MIB: plain(serving),
  STATION_EXPRESSION_THREADS: plain(serving),
  STATION_WORKER_CONCURRENCY: plain(["worker"]),
  STATION_LEASE_SECONDS: plain(serving),
  STATION_DRAIN_TIMEOUT_MS: plain(serving, { isRequired: true }),
  STATION_LOG_LEVEL: plain(everywhere),
  STATION_LOG_FORMAT: plain(everywhere),
  OTEL_EXPORTER_OTLP_ENDPOINT: plain(serving),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: plain(serving),
  OTEL_EXPORTER_OTLP_HEADERS: secret(serving),
  OTEL_SERVICE_NAME: plain(serving),
  STATION_TRACE_URL: plain(["api"]),
} as const satisfies Readonly<Record<string, Variable>>;

/** What needs a disk that stays and that all processes share, which no platform gives them: on theirs it would be lost. */
const ON_A_DISK_THAT_STAYS = ["STATION_ARCHIVE_DIR", "STATION_AUDIT_ANCHOR_FILE", "STATION_RETENTION"];

/** What no platform sets: for one process on its own, for people at work, where the image has decided, and on disks. */
export const NOT_FOR_PLATFORMS: readonly string[] = [
  ...ON_A_DISK_THAT_STAYS,
  "STATION_ADMIN_HOST",
  "STATION_AI_MODEL_OVERRIDE",
  "STATION_API_KEY",
  "STATION_NATS_EMBEDDED",
  "STATION_NATS_JETSTREAM_ENABLED",
  "STATION_URL",
];

export type VariableName = keyof typeof VARIABLES;

/** One of these says whom the API lets in. */
const ASKING: readonly string[] = [
  "STATION_API_TOKEN",
  "STATION_API_TOKEN_FILE",
  "STATION_OIDC_ISSUER",
  "STATION_AUTH",
] satisfies VariableName[];

/** What the image itself sets, so that no platform has to. */
export const IMAGE_ENV = {
  NODE_ENV: "production",
  PORT: String(PORTS.http),
  HOST: "*",
  STATION_ADMIN_PORT: String(PORTS.admin),
  STATION_ENVIRONMENTS_DIR: IMAGE.environments,
  STATION_DATA_DIR: IMAGE.data,
} as const satisfies Partial<Record<VariableName, string>>;

/** What is wrong with the variables that a platform sets for a program, beyond what the image sets; empty: nothing. */
export function problemsOfEnvironment(
  program: Program,
  set: { readonly plain: readonly string[]; readonly secret: readonly string[] },
): readonly string[] {
  const problems: string[] = [];
  const names = new Set([...set.plain, ...set.secret, ...Object.keys(IMAGE_ENV)]);
  for (const name of [...set.plain, ...set.secret]) {
    const variable: Variable | undefined = VARIABLES[name as VariableName];
    if (variable === undefined) problems.push(`${name} is not known`);
    else if (!variable.programs.includes(program)) problems.push(`${name} is not for ${program}`);
    else if (variable.isSecret && set.plain.includes(name))
      problems.push(`${name} is a secret, set in plain text`);
  }
  if (program === "api" && !ASKING.some((name) => names.has(name)))
    problems.push(
      "STATION_API_TOKEN or STATION_OIDC_ISSUER is missing: the API would ask nobody who they are, and does not start",
    );
  for (const [name, { programs, isRequired }] of Object.entries<Variable>(VARIABLES))
    if (isRequired && programs.includes(program) && !names.has(name)) problems.push(`${name} is missing`);
  return problems;
}
