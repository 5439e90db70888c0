import { generateKeyPairSync } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  type Config,
  describeProblems,
  filesOf,
  loadClientConfig,
  loadConfig,
  problemsOfWorker,
} from "./config.ts";
import { limitsOf } from "./config-expressions.ts";
import { NAMES } from "./environment-reader.ts";

function configOf(env: Record<string, string>): Config {
  const loaded = loadConfig(env);
  if (!loaded.ok) throw new Error(describeProblems(loaded.problems));
  return loaded.config;
}

function wrong(env: Record<string, string>): readonly string[] {
  const loaded = loadConfig(env);
  return loaded.ok ? [] : loaded.problems.map(({ name, message }) => `${name} ${message}`);
}

function warned(env: Record<string, string>): readonly string[] {
  return loadConfig(env).warnings.map(({ name, message }) => `${name} ${message}`);
}

const FAR = { STATION_NATS_URL: "nats://queue:4222", STATION_DATABASE_URL: "libsql://db.example" };

describe("without any variable", () => {
  it("is one process on this machine with a file and no NATS server", () => {
    expect(configOf({})).toEqual({
      http: { host: "127.0.0.1", port: 8585 },
      admin: null,
      cloudWatchName: null,
      ui: true,
      mcp: true,
      dataDir: ".station",
      crossings: [],
      bundleKeys: [],
      environmentsDir: "environments",
      database: { kind: "file", path: ".station/station.db" },
      queue: { kind: "embedded" },
      auth: { kind: "off", anyHost: false },
      publicUrl: null,
      corsOrigins: [],
      rateLimit: 6000,
      linkKeys: null,
      audit: { key: null, anchorFile: null, everySeconds: 10 },
      settings: {},
      secretKeys: null,
      reach: { mail: null, allowed: [] },
      keeping: { retention: { rules: [], holdLabel: "hold" }, archiveDir: ".station/archive" },
      ai: {
        override: null,
        provider: null,
        model: null,
        keys: {
          STATION_AI_API_KEY: null,
          OPENAI_API_KEY: null,
          ANTHROPIC_API_KEY: null,
          GEMINI_API_KEY: null,
        },
        baseUrl: null,
        baseUrls: {},
        streams: true,
        prices: {},
      },
      redactPatterns: [],
      expressions: {
        steps: 100_000,
        wallMs: 1000,
        memoryMiB: 64,
        contextBytes: 4 * 1024 * 1024,
        threads: availableParallelism() > 2 ? 2 : 1,
      },
      worker: { concurrency: 64, leaseSeconds: 1.5 },
      drainTimeoutMs: 50_000,
      tracing: null,
      traceUrl: null,
      log: { level: "info", format: "json" },
    });
    expect(warned({})).toEqual([]);
  });

  it("logs for people on a terminal, unless told otherwise", () => {
    const format = (env: Record<string, string>) => {
      const loaded = loadConfig(env, { isTty: true });
      return loaded.ok && loaded.config.log.format;
    };
    expect(format({})).toBe("pretty");
    expect(format({ STATION_LOG_FORMAT: "json" })).toBe("json");
  });

  it("sends spans to the collector that OpenTelemetry's own variables name", () => {
    const tracing = (env: Record<string, string>) => configOf(env).tracing;
    expect(
      tracing({
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/",
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x,tenant=a",
      }),
    ).toEqual({
      url: "http://collector:4318/v1/traces",
      headers: { authorization: "Bearer x", tenant: "a" },
      serviceName: "station",
    });
    expect(tracing({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://c/t", OTEL_SERVICE_NAME: "ops" })).toEqual({
      url: "https://c/t",
      headers: {},
      serviceName: "ops",
    });
  });

  it("takes no collector's headers that cannot be sent, and shows none of them", () => {
    const STATION = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };
    for (const headers of ["authorization=Basic 100%", "authorization=a%0Ab", "secret", "=secret"])
      expect(wrong({ ...STATION, OTEL_EXPORTER_OTLP_HEADERS: headers })).toEqual([
        "OTEL_EXPORTER_OTLP_HEADERS is not a list of headers",
      ]);
  });

  it("leads to traces by an address that has a place for their id, and takes no other", () => {
    const STATION_TRACE_URL = "https://grafana.example/explore?trace={traceId}";
    expect(configOf({ STATION_TRACE_URL }).traceUrl).toBe(STATION_TRACE_URL);
    for (const url of [
      "https://grafana.example/",
      "javascript:alert('{traceId}')",
      "https://{traceId}.example",
    ])
      expect(wrong({ STATION_TRACE_URL: url })).toHaveLength(1);
  });

  it("cannot be changed afterwards", () => {
    const config = configOf(FAR);
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.queue, { servers: [] })).toThrow(TypeError);
  });
});

it("knows no variable that no page tells of", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const elsewhere = /(?:^|\/)(?:node_modules|dist|\.[^/]*)$/;
  const listed = globSync("**/*.md", { cwd: root, exclude: (path) => elsewhere.test(path) });
  const pages = listed.map((page) => readFileSync(root + page, "utf8")).join("\n");
  const told = new Set(pages.match(/\b[A-Z][A-Z_]+\b/g));
  // That secrets can be in files is said once for all.
  expect(NAMES.filter((name) => !told.has(name) && !name.endsWith("_FILE"))).toEqual([]);
});

it("takes an empty variable for one that is not set", () => {
  expect(configOf({ PORT: "", STATION_NATS_URL: " ", STATION_DATABASE_URL: "" })).toEqual(configOf({}));
});

it("lists everything that is wrong at once, with what is allowed", () => {
  const loaded = loadConfig({
    PORT: "85850",
    STATION_LEASE_SECONDS: "fast",
    STATION_LOG_LEVEL: "wran",
    STATION_NATS_EMBEDDED: "maybe",
    STATION_DATABASE_URL: "postgres://me:pw@db/station",
  });
  expect(loaded.ok).toBe(false);
  expect(describeProblems(loaded.ok ? [] : loaded.problems)).toBe(
    [
      "  PORT=85850: is not a whole number in range",
      "    allowed: a whole number from 0 to 65535 (default 8585)",
      "  STATION_DATABASE_URL=postgres://***@db/station: is not the address of a database",
      "    allowed: file:path, libsql://…, https://… or http://…",
      "  STATION_NATS_EMBEDDED=maybe: is neither true nor false",
      "    allowed: true or false",
      "  STATION_LEASE_SECONDS=fast: is not a number in range",
      "    allowed: a number from 0.5 to 300 (default 1.5)",
      '  STATION_LOG_LEVEL=wran: is unknown; did you mean "warn"?',
      "    allowed: debug, info, warn, error",
    ].join("\n"),
  );
});

it("never shows a secret", () => {
  const secret = { STATION_NATS_CREDS: "s3cret", STATION_NATS_CREDS_FILE: "/run/creds" };
  const loaded = loadConfig({ ...FAR, ...secret, STATION_NATS_URL: "nats://me:pw@queue:4222" });
  const text = describeProblems(loaded.ok ? [] : loaded.problems);
  expect(text).toContain("STATION_NATS_CREDS_FILE=/run/creds");
  expect(text).toContain("nats://***@queue:4222");
  expect(text).not.toMatch(/s3cret|pw/);
});

describe("the database", () => {
  it.each([
    ["file:data/x.db", { kind: "file", path: "data/x.db" }],
    ["file:/var/x.db", { kind: "file", path: "/var/x.db" }],
    ["file:///var/x.db", { kind: "file", path: "/var/x.db" }],
    ["http://sqld:8080", { kind: "remote", url: "http://sqld:8080", authToken: null }],
  ])("%s", (url, expected) => {
    expect(configOf({ STATION_DATABASE_URL: url }).database).toEqual(expected);
  });

  it("must be one that remembers", () => {
    expect(wrong({ STATION_DATABASE_URL: "file::memory:" })).toHaveLength(1);
    expect(wrong({ STATION_DATABASE_URL: ":memory:" })).toHaveLength(1);
  });

  it("says that a token does nothing for a file", () => {
    expect(warned({ STATION_DATABASE_AUTH_TOKEN: "t" })).toEqual([
      "STATION_DATABASE_AUTH_TOKEN is not used: the database is a file",
    ]);
  });
});

describe("the queue", () => {
  it("is a list of servers with one way to log in", () => {
    const env = { ...FAR, STATION_NATS_URL: "nats://a:4222, tls://b", STATION_NATS_CREDS_FILE: "/c" };
    expect(configOf({ ...env, STATION_NATS_REPLICAS: "3" }).queue).toEqual({
      kind: "nats",
      servers: ["nats://a:4222", "tls://b"],
      login: { by: "creds", creds: { from: "file", path: "/c" } },
      tls: null,
      replicas: 3,
    });
  });

  it.each([
    [{ ...FAR, STATION_NATS_EMBEDDED: "true" }, "STATION_NATS_EMBEDDED contradicts"],
    [{ STATION_NATS_EMBEDDED: "false" }, "STATION_NATS_EMBEDDED leaves no queue"],
    [{ ...FAR, STATION_NATS_JETSTREAM_ENABLED: "false" }, "STATION_NATS_JETSTREAM_ENABLED leaves tasks"],
    [{ ...FAR, STATION_NATS_URL: "http://queue" }, "STATION_NATS_URL is not a list of servers"],
    [{ ...FAR, STATION_NATS_URL: "nats://me:100%@queue" }, "STATION_NATS_URL is not a list of servers"],
    [{ ...FAR, STATION_NATS_REPLICAS: "2" }, "STATION_NATS_REPLICAS is unknown"],
  ])("refuses what contradicts itself: %o", (env, message) => {
    expect(wrong(env)).toEqual([expect.stringContaining(message)]);
  });

  const text = (value: string) => ({ from: "text", text: value });
  it.each([
    [{ STATION_NATS_CREDS: "c" }, { by: "creds", creds: text("c") }],
    [{ STATION_NATS_NKEY_SEED: "S" }, { by: "nkey", seed: text("S") }],
    [
      { STATION_NATS_JWT: "j", STATION_NATS_NKEY_SEED: "S" },
      { by: "jwt", jwt: text("j"), seed: text("S") },
    ],
    [{ STATION_NATS_JWT_FILE: "/j" }, { by: "jwt", jwt: { from: "file", path: "/j" }, seed: null }],
    [{ STATION_NATS_TOKEN: "t" }, { by: "token", token: text("t") }],
    [
      { STATION_NATS_USER: "u", STATION_NATS_PASSWORD: "p" },
      { by: "user", user: "u", password: text("p") },
    ],
  ])("says who it is in one of several ways: %o", (env, login) => {
    expect(configOf({ ...FAR, ...env }).queue).toMatchObject({ login });
  });

  it.each([
    [
      { STATION_NATS_TOKEN: "t", STATION_NATS_CREDS: "c" },
      "STATION_NATS_URL is to be logged in at in 2 ways: creds, token",
    ],
    [
      { STATION_NATS_TOKEN: "t", STATION_NATS_URL: "nats://me:pw@queue" },
      "STATION_NATS_URL has a user while",
    ],
    [{ STATION_NATS_TOKEN: "t", STATION_NATS_TOKEN_FILE: "/t" }, "STATION_NATS_TOKEN_FILE is set and"],
    [{ STATION_NATS_USER: "me" }, "STATION_NATS_USER is set without STATION_NATS_PASSWORD"],
    [{ STATION_NATS_PASSWORD: "pw" }, "STATION_NATS_PASSWORD is set without STATION_NATS_USER"],
    [
      { STATION_NATS_TLS_CERT_FILE: "/c" },
      "STATION_NATS_TLS_CERT_FILE is set without STATION_NATS_TLS_KEY_FILE",
    ],
  ])("does not guess which way to log in is meant: %o", (env, message) => {
    expect(wrong({ ...FAR, ...env })).toEqual([expect.stringContaining(message)]);
  });

  it("in production no public network is crossed in the clear", () => {
    const production = { ...FAR, NODE_ENV: "production" };
    const open = [
      "nats://queue.example.com:4222",
      "queue.example.com",
      "nats://8.8.8.8",
      "nats://[2001:db8::1]:4222",
    ];
    for (const STATION_NATS_URL of open) {
      expect(wrong({ ...production, STATION_NATS_URL })).toEqual([
        expect.stringContaining("is not encrypted on its way"),
      ]);
      expect(wrong({ ...FAR, STATION_NATS_URL })).toEqual([]);
      expect(warned({ ...FAR, STATION_NATS_URL })).toEqual([
        expect.stringContaining("is not encrypted on its way"),
      ]);
      const trusted = { STATION_NATS_TLS_CA_FILE: "/ca" };
      expect(wrong({ ...production, ...trusted, STATION_NATS_URL })).toEqual([]);
    }
    for (const STATION_NATS_URL of [
      "tls://connect.ngs.global",
      "nats://nats:4222,nats://nats-2:4222",
      "nats://station-nats.internal:4222",
      "nats://nats.station.svc.cluster.local:4222",
      "nats://10.1.2.3:4222",
      "nats://172.20.0.4",
      "nats://[fdaa::3]:4222",
      "nats://127.0.0.1:4222",
    ])
      expect([STATION_NATS_URL, wrong({ ...production, STATION_NATS_URL })]).toEqual([STATION_NATS_URL, []]);
  });

  it("warns when several processes could not share the database, and a worker alone cannot start", () => {
    const env = { STATION_NATS_URL: "nats://queue:4222" };
    expect(warned(env)).toEqual([expect.stringContaining("only one process may open it")]);
    expect(problemsOfWorker(configOf(env)).map(({ name }) => name)).toEqual(["STATION_DATABASE_URL"]);
    expect(problemsOfWorker(configOf({})).map(({ name }) => name)).toEqual([
      "STATION_NATS_URL",
      "STATION_DATABASE_URL",
    ]);
    expect(problemsOfWorker(configOf(FAR))).toEqual([]);
  });
});

describe("the platform's own port", () => {
  it("is opened only where it is asked for, and then to everybody unless told otherwise", () => {
    expect(configOf({ STATION_ADMIN_PORT: "9090" }).admin).toEqual({ host: "*", port: 9090 });
    const local = { STATION_ADMIN_PORT: "0", STATION_ADMIN_HOST: "127.0.0.1" };
    expect(configOf(local).admin).toEqual({ host: "127.0.0.1", port: 0 });
    expect(warned({ STATION_ADMIN_HOST: "::1" })).toEqual([
      "STATION_ADMIN_HOST is not used: STATION_ADMIN_PORT is not set",
    ]);
    expect(wrong({ STATION_ADMIN_PORT: "http" })).toHaveLength(1);
  });
});

describe("CloudWatch", () => {
  it("is told the load only where Station has a name there", () => {
    expect(configOf({}).cloudWatchName).toBeNull();
    expect(configOf({ STATION_CLOUDWATCH_NAME: "prod-eu_1" }).cloudWatchName).toBe("prod-eu_1");
    for (const name of ["-", "a b", "x".repeat(64)])
      expect(wrong({ STATION_CLOUDWATCH_NAME: name })).toEqual(["STATION_CLOUDWATCH_NAME is no name"]);
  });
});

describe("who may call", () => {
  const token = "t".repeat(32);
  const auth = (env: Record<string, string>) => configOf(env).auth;

  it("is not asked on this machine, unless there is something to ask with", () => {
    for (const HOST of ["127.0.0.1", "localhost", "::1", "127.1.2.3"])
      expect(auth({ HOST })).toEqual({ kind: "off", anyHost: false });
    expect(auth({ STATION_API_TOKEN: token })).toEqual({
      kind: "on",
      tokens: { from: "text", text: token },
      oidc: null,
    });
    expect(auth({ HOST: "*", STATION_API_TOKEN_FILE: "/run/token" })).toEqual({
      kind: "on",
      tokens: { from: "file", path: "/run/token" },
      oidc: null,
    });
  });

  it("must be given up in so many words to be reachable from elsewhere", () => {
    const loaded = loadConfig({ HOST: "0.0.0.0" });
    expect(describeProblems(loaded.ok ? [] : loaded.problems)).toBe(
      [
        "  HOST=0.0.0.0: listens beyond this machine while nobody is asked who they are",
        "    allowed: STATION_API_TOKEN (any text of 32 characters or more: `openssl rand -hex 32`) to ask everybody" +
          " for a key, STATION_OIDC_ISSUER to let people log in, a loopback HOST, or STATION_AUTH=off to say that whoever reaches it may do everything",
      ].join("\n"),
    );
    expect(auth({ HOST: "0.0.0.0", STATION_AUTH: "off" })).toEqual({ kind: "off", anyHost: true });
    expect(loadConfig({ HOST: "0.0.0.0" }, { serves: false }).ok).toBe(true);
    expect(wrong({ STATION_AUTH: "oidc" })).toEqual([expect.stringContaining("STATION_AUTH is unknown")]);
  });

  it("is asked with a token that is long enough to be a secret, which nobody is shown", () => {
    expect(wrong({ STATION_API_TOKEN: "hunter2" })).toEqual([
      "STATION_API_TOKEN is too short to be a secret",
    ]);
    expect(wrong({ STATION_API_TOKEN: `${token},short` })).toHaveLength(1);
    expect(wrong({ STATION_API_TOKEN: `${token}, ${token}2` })).toEqual([]);
    expect(wrong({ STATION_API_TOKEN: token, STATION_API_TOKEN_FILE: "/x" })).toEqual([
      "STATION_API_TOKEN_FILE is set and STATION_API_TOKEN too",
    ]);
    expect(warned({ STATION_API_TOKEN: token, STATION_AUTH: "off" })).toEqual([
      "STATION_API_TOKEN is not used: STATION_AUTH=off asks nobody",
    ]);
    expect(warned({ STATION_AUTH: "on" })).toEqual([expect.stringContaining("keys that were made before")]);
    const loaded = loadConfig({ STATION_API_TOKEN: "hunter2" });
    expect(describeProblems(loaded.ok ? [] : loaded.problems)).not.toContain("hunter2");
  });

  it("and from which pages", () => {
    expect(
      configOf({ STATION_CORS_ORIGINS: "https://a.example, http://localhost:3000" }).corsOrigins,
    ).toEqual(["https://a.example", "http://localhost:3000"]);
    for (const STATION_CORS_ORIGINS of ["*", "a.example", "https://a.example/"])
      expect(wrong({ STATION_CORS_ORIGINS })).toHaveLength(1);
    expect(configOf({ STATION_PUBLIC_URL: "https://station.example/" }).publicUrl).toBe(
      "https://station.example",
    );
    for (const STATION_PUBLIC_URL of ["station.example", "ftp://a.example", "https://a.example/b"])
      expect(wrong({ STATION_PUBLIC_URL })).toHaveLength(1);
    expect(warned({ STATION_PUBLIC_URL: "http://station.example" })).toEqual([
      expect.stringContaining("is not encrypted"),
    ]);
  });
});

it("warns of names nobody reads, which are most likely misspelled", () => {
  expect(warned({ STATION_PORT: "1", STATION_NATS_URLS: "x", STATION_LEASESECONDS: "2" })).toEqual([
    "STATION_LEASESECONDS is not known and not used; did you mean STATION_LEASE_SECONDS?",
    "STATION_NATS_URLS is not known and not used; did you mean STATION_NATS_URL?",
    "STATION_PORT is not known and not used; did you mean PORT?",
  ]);
});

describe("the command line's server", () => {
  it("is this machine's, at the port that is set", () => {
    expect(loadClientConfig({})).toMatchObject({ config: { url: "http://localhost:8585", apiKey: null } });
    expect(loadClientConfig({ PORT: "9000" })).toMatchObject({ config: { url: "http://localhost:9000" } });
  });

  it("is another one's by its address alone", () => {
    const env = { STATION_URL: "https://station.example/", STATION_API_KEY: "k", HOST: "0.0.0.0" };
    expect(loadClientConfig(env)).toMatchObject({
      ok: true,
      config: { url: "https://station.example", apiKey: "k" },
    });
    expect(loadClientConfig({ STATION_URL: "station.example" }).ok).toBe(false);
  });
});

it("where files are, and which agents may be named, counts also when something else is wrong", () => {
  const env = {
    HOST: "0.0.0.0",
    STATION_ENVIRONMENTS_DIR: " ",
    STATION_CROSS_ENVIRONMENT_AGENTS: "dev->tools",
  };
  expect(loadConfig(env).ok).toBe(false);
  expect(filesOf(env)).toEqual({
    environmentsDir: "environments",
    crossings: [{ from: "dev", to: "tools" }],
  });
});

it("limits expressions as it is told, within what the evaluator can do, for the command line too", () => {
  const env = {
    STATION_EXPRESSION_STEPS: "2000000",
    STATION_EXPRESSION_TIMEOUT_MS: "5000",
    STATION_EXPRESSION_MEMORY_MIB: "128",
    STATION_EXPRESSION_DATA_MIB: "1.5",
    STATION_EXPRESSION_THREADS: "4",
  };
  const expressions = {
    steps: 2_000_000,
    wallMs: 5000,
    memoryMiB: 128,
    contextBytes: 1.5 * 1024 * 1024,
    threads: 4,
  };
  expect(configOf(env).expressions).toEqual(expressions);
  expect(limitsOf(env)).toEqual({ expressions, problems: [] });
  const beyond = { STATION_EXPRESSION_STEPS: "999", STATION_EXPRESSION_DATA_MIB: "17" };
  expect(wrong(beyond)).toEqual([
    "STATION_EXPRESSION_DATA_MIB is not a number in range",
    "STATION_EXPRESSION_STEPS is not a whole number in range",
  ]);
  expect(limitsOf(beyond)).toMatchObject({
    expressions: configOf({}).expressions,
    problems: [
      { name: "STATION_EXPRESSION_DATA_MIB", allowed: "a number from 1 to 16 (default 4)" },
      { name: "STATION_EXPRESSION_STEPS", allowed: "a whole number from 1000 to 100000000 (default 100000)" },
    ],
  });
});

it("knows which variables are set, and of secrets only that they are", () => {
  const env = {
    PORT: "9000",
    STATION_DATABASE_URL: "http://me:pass@db:8080",
    STATION_LINK_KEYS: "k".repeat(32),
  };
  expect(configOf(env).settings).toEqual({
    PORT: "9000",
    STATION_DATABASE_URL: "http://***@db:8080",
    STATION_LINK_KEYS: "(secret)",
  });
});

it("shows nothing of a password, whatever is in it", () => {
  expect(configOf({ STATION_DATABASE_URL: "http://me:pa@ss@db:8080" }).settings).toEqual({
    STATION_DATABASE_URL: "http://***@db:8080",
  });
  const loaded = loadConfig({ STATION_DATABASE_URL: "http://me:pa/ss@db:8080" });
  expect(describeProblems(loaded.ok ? [] : loaded.problems)).toContain(
    "STATION_DATABASE_URL=http://***@db:8080:",
  );
});

it("shows nothing of a login that stands in an address, however that is written", () => {
  const shown = (name: string, address: string) => configOf({ ...FAR, [name]: address }).settings[name];
  expect(shown("STATION_DATABASE_URL", "libsql://me:pa@ss@db")).toBe("libsql://***@db");
  const queue = "STATION_NATS_URL";
  expect(shown(queue, "me:pass@queue:4222")).toBe("***@queue:4222");
  expect(shown(queue, "token@queue")).toBe("***@queue");
  expect(shown(queue, "tls://a:4222,me:pass@b:4222, nats://me:pass@c")).toBe(
    "tls://a:4222,***@b:4222, nats://***@c",
  );
  expect(shown(queue, FAR.STATION_NATS_URL)).toBe(FAR.STATION_NATS_URL);
  const loaded = loadConfig({ ...FAR, STATION_NATS_URL: "me:pa/ss@queue:4222" });
  expect(loaded.ok ? [] : loaded.problems.map(({ value }) => value)).toEqual(["***@queue:4222"]);
});

describe("how long finished runs are kept", () => {
  it("is as STATION_RETENTION says, and where they go as STATION_ARCHIVE_DIR says", () => {
    const env = { STATION_RETENTION: "90d", STATION_HOLD_LABEL: "legal", STATION_ARCHIVE_DIR: "/archive" };
    expect(configOf(env).keeping).toEqual({
      retention: { rules: [{ workflow: null, status: null, keepMs: 90 * 86_400_000 }], holdLabel: "legal" },
      archiveDir: "/archive",
    });
  });

  it("needs a folder that all workers share when the database is a server's", () => {
    expect(wrong({ ...FAR, STATION_RETENTION: "90d" })).toEqual([
      expect.stringContaining("STATION_ARCHIVE_DIR is not set"),
    ]);
    expect(wrong({ STATION_RETENTION: "soon" })).toEqual([
      expect.stringContaining("no time of an hour or more"),
    ]);
  });
});

describe("the key that signs checkpoints", () => {
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

  it("may have its line ends spelled out, or be in a file", () => {
    for (const text of [pem, pem.trim().replaceAll("\n", "\\n")])
      expect(configOf({ STATION_AUDIT_KEY: text }).audit.key).toMatchObject({ from: "text" });
    expect(configOf({ STATION_AUDIT_KEY_FILE: "/run/key" }).audit.key).toEqual({
      from: "file",
      path: "/run/key",
    });
  });

  it("is refused when it is none of Ed25519, and never shown", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    for (const key of ["secret", rsa.export({ type: "pkcs8", format: "pem" }).toString()]) {
      const loaded = loadConfig({ STATION_AUDIT_KEY: key });
      expect(JSON.stringify(loaded)).not.toContain(key.slice(0, 40));
      expect(wrong({ STATION_AUDIT_KEY: key })).toEqual([
        expect.stringMatching(/^STATION_AUDIT_KEY .*Ed25519/),
      ]);
    }
  });
});

describe.each([
  ["STATION_LINK_KEYS", "linkKeys"],
  ["STATION_SECRET_KEYS", "secretKeys"],
] as const)("the keys in %s", (name, field) => {
  const long = "a".repeat(32);

  it("are a list, the newest first", () => {
    expect(configOf({})[field]).toBeNull();
    expect(configOf({ [name]: `${long}, b${long}` })[field]).toEqual([long, `b${long}`]);
  });

  it("are refused when one is short, and never shown", () => {
    const loaded = loadConfig({ [name]: `${long},short` });
    expect(loaded.ok).toBe(false);
    expect(JSON.stringify(loaded)).not.toContain("short,");
    expect(JSON.stringify(loaded)).not.toContain(long);
  });
});

describe("mail", () => {
  const smtp = "smtps://station:canary@mail.example";

  it("is sent where a server and a sender are known", () => {
    const env = { STATION_SMTP_URL: smtp, STATION_MAIL_FROM: "Station <station@example.com>" };
    expect(configOf(env).reach.mail).toEqual({ url: smtp, from: "Station <station@example.com>" });
    expect(warned({ STATION_MAIL_FROM: "station@example.com" })).toEqual([
      "STATION_MAIL_FROM is not used: STATION_SMTP_URL is not set",
    ]);
  });

  it("is refused with what is wrong, and its password is never shown", () => {
    expect(wrong({ STATION_SMTP_URL: smtp })).toEqual([
      "STATION_MAIL_FROM is not set, and STATION_SMTP_URL is",
    ]);
    for (const STATION_SMTP_URL of ["mail:canary", "smtps://me:canary%@mail", "smtps://me:canary%ff@mail"]) {
      const loaded = loadConfig({ STATION_SMTP_URL, STATION_MAIL_FROM: "station@example.com" });
      expect(loaded.ok).toBe(false);
      expect(JSON.stringify(loaded)).not.toContain("canary");
    }
  });
});

it("what may be called inside is a list of ranges", () => {
  expect(configOf({ STATION_OUTGOING_ALLOWED: "10.1.0.0/16, fd00::/8" }).reach.allowed).toEqual([
    "10.1.0.0/16",
    "fd00::/8",
  ]);
  expect(wrong({ STATION_OUTGOING_ALLOWED: "everything" })).toEqual([
    "STATION_OUTGOING_ALLOWED has something that is no range of addresses",
  ]);
});

it("bundles are taken from whoever signed them, until keys are named", () => {
  const key = `ed25519:${"0a".repeat(16)}`;
  expect(configOf({ STATION_BUNDLE_KEYS: `${key}, ${key}` }).bundleKeys).toEqual([key, key]);
  expect(wrong({ STATION_BUNDLE_KEYS: "ours.pub" })).toEqual([
    "STATION_BUNDLE_KEYS has something that is no fingerprint of a key",
  ]);
});

it("agents of other environments are closed until pairs of environments open them, one way", () => {
  expect(configOf({}).crossings).toEqual([]);
  expect(configOf({ STATION_CROSS_ENVIRONMENT_AGENTS: "dev->tools, *->shared" }).crossings).toEqual([
    { from: "dev", to: "tools" },
    { from: "*", to: "shared" },
  ]);
  expect(wrong({ STATION_CROSS_ENVIRONMENT_AGENTS: "dev->*,prod,../x->dev" })).toEqual([
    'STATION_CROSS_ENVIRONMENT_AGENTS has "dev->*", which does not say from where to where; agents of every environment cannot be opened at once',
    'STATION_CROSS_ENVIRONMENT_AGENTS has "prod", which does not say from where to where',
    'STATION_CROSS_ENVIRONMENT_AGENTS has "../x->dev", which does not say from where to where',
  ]);
});

describe("models", () => {
  it("prices that are no table are refused, keys are never shown", () => {
    const loaded = loadConfig({
      STATION_AI_PRICES: "cheap",
      STATION_AI_PROVIDER: "opnai",
      OPENAI_API_KEY: "sk-canary",
    });
    expect(loaded.ok).toBe(false);
    const said = loaded.ok ? "" : describeProblems(loaded.problems);
    expect(said).toMatch(/STATION_AI_PRICES=cheap: is not a table of prices/);
    expect(said).toMatch(/STATION_AI_PROVIDER=opnai: is unknown; did you mean "openai"\?/);
    expect(said).not.toContain("sk-canary");
  });

  it("each provider may be reached elsewhere; a host alone is given the version that clients add", () => {
    const loaded = loadConfig({
      OPENAI_BASE_URL: "https://proxy.example.com/openai/v1/",
      ANTHROPIC_BASE_URL: "https://proxy.example.com",
      GEMINI_BASE_URL: "http://localhost:8080/",
      STATION_AI_STREAMING: "off",
    });
    expect(loaded.ok && loaded.config.ai).toMatchObject({
      baseUrls: {
        openai: "https://proxy.example.com/openai/v1",
        anthropic: "https://proxy.example.com/v1",
        google: "http://localhost:8080/v1beta",
      },
      streams: false,
    });
    const wrong = loadConfig({ GEMINI_BASE_URL: "gemini" });
    expect(wrong.ok ? "" : describeProblems(wrong.problems)).toContain("GEMINI_BASE_URL=gemini");
  });

  it("a price table is read", () => {
    const prices = { "gpt-4o-mini": { input: 0.15, output: 0.6 } };
    const loaded = loadConfig({ STATION_AI_PRICES: JSON.stringify(prices) });
    expect(loaded.ok && loaded.config.ai.prices).toEqual(prices);
  });
});
