import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { createUnderstudy } from "../adapters/agents/understudy.ts";
import { archiveFiles } from "../adapters/archive-files/archive-files.ts";
import { zipArchive } from "../adapters/bundles/zip.ts";
import { readDefinition } from "../adapters/files/definition.ts";
import { createSchemas } from "../adapters/json-schema/schemas.ts";
import { createLocalQueue } from "../adapters/local-queue/queue.ts";
import { createMcp, type Mcp } from "../adapters/mcp/mcp.ts";
import type { Metrics } from "../adapters/metrics/metrics.ts";
import { createNatsQueue } from "../adapters/nats/queue.ts";
import { createOutgoing } from "../adapters/outgoing/outgoing.ts";
import { createSigner } from "../adapters/signed-links/signer.ts";
import { createStarlark } from "../adapters/starlark/starlark.ts";
import { createVault } from "../adapters/vault/vault.ts";
import { hidingValues, type Redact, redacting } from "../core/agent/redact.ts";
import type { Signer } from "../core/audit/signature.ts";
import { spelled } from "../core/definition/agent-reference.ts";
import { EXECUTES_NOTHING } from "../core/run/process-name.ts";
import { type CheckFile, createFileCheck } from "../engine/check-file.ts";
import { type Engine, startEngine } from "../engine/engine.ts";
import type { ArchiveFiles } from "../engine/ports/archives.ts";
import type { Archive } from "../engine/ports/bundles.ts";
import type { EnvironmentFiles } from "../engine/ports/definitions.ts";
import type { InstalledBundles } from "../engine/ports/installed.ts";
import type { McpRegistry } from "../engine/ports/mcp.ts";
import type { TaskQueue } from "../engine/ports/queue.ts";
import type { Mailer, Reach } from "../engine/ports/reach.ts";
import type { Understudy } from "../engine/ports/rehearsal.ts";
import type { Log, Ports, Store } from "../engine/ports.ts";
import { runScheduler } from "../engine/scheduler.ts";
import { beginTracing } from "../engine/trace-runs.ts";
import { openAgentRunner, openCatalogue } from "./agents.ts";
import { notaryOf } from "./audit.ts";
import { patiently, storeAway } from "./away.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { type EnvironmentSources, environmentSources } from "./environment-files.ts";
import { givenSecrets } from "./given-secrets.ts";
import { walBytes } from "./metrics.ts";
import { HIDE_MS, openStore } from "./open-store.ts";
import { startTracing, type Tracing } from "./tracing.ts";
import { version } from "./version.ts";

const NO_FIGURES = { sent() {}, failed() {}, restarted() {} };

/** Everything a process of Station stands on, wired once. */
export type Station = {
  readonly ports: Ports & {
    readonly reach: Reach;
    readonly files: EnvironmentFiles;
    readonly mcp: McpRegistry;
    readonly redact: Redact;
    readonly checkFile: CheckFile;
    readonly newUnderstudy: () => Understudy;
    readonly archive: Archive;
    readonly auditSigner: Signer | null;
    readonly bundleKeys: readonly string[];
    readonly archiveFiles: ArchiveFiles;
  };
  /** Starts keeping runs going; `executes: false` leaves the work to others (an API container). */
  start(options: { readonly executes: boolean }): Promise<void>;
  /** Finishes what is in hand, then lets go of queue and database. */
  close(): Promise<void>;
};

/** For a process that does not give up when its database is away. */
export type Waiting = {
  readonly signal: AbortSignal;
  /** Called with the ports of a Station whose store refuses everything, whenever an attempt has failed. */
  readonly whileAway?: (ports: Station["ports"]) => Promise<void>;
};

/**
 * Opens database and queue as configured. Nothing runs before `start`. Without `waiting` a database that is away
 * rejects at once.
 */
export async function openStation(
  config: Config,
  log: Log,
  {
    metrics = null,
    waiting,
    onlyLooks = false,
  }: {
    readonly metrics?: Metrics | null;
    readonly waiting?: Waiting;
    /** Nothing is made or mended in the queue: it is only examined. */
    readonly onlyLooks?: boolean;
  } = {},
): Promise<Station> {
  const clock = systemClock;
  const notary = await notaryOf(config);
  let bundles: InstalledBundles | null = null;
  const sources = environmentSources(config.environmentsDir, () => bundles);
  const { files } = sources;
  const starlark = createStarlark(config.expressions);
  const expressions = metrics?.expressions(starlark) ?? starlark;
  const schemas = createSchemas();
  const definitions = { read: readDefinition };
  const queue = await openQueue(config, log, onlyLooks);
  const mcp = openMcp(config, sources, log);
  const secrets = await givenSecrets(config);
  const redact = redacting(config.redactPatterns, secrets);
  const vault = config.secretKeys ? createVault(config.secretKeys) : undefined;
  const catalogue = openCatalogue(config, schemas, sources);
  const mailer = await openMailer(config);
  const reach = {
    outgoing: createOutgoing({ allowed: config.reach.allowed }),
    mailer,
    links: config.linkKeys && createSigner(config.linkKeys),
    baseUrl: config.publicUrl,
    redact,
  };
  const others = {
    reach,
    archiveFiles: archiveFiles(resolve(config.keeping.archiveDir)),
    ...(vault && { vault }),
    queue,
    expressions,
    schemas,
    definitions,
    files,
    mcp: mcp.registry,
    redact,
    checkFile: createFileCheck({ definitions, expressions, schemas }),
    newUnderstudy: () =>
      createUnderstudy(async (environment) => spelled(await catalogue.inReach(environment)), schemas),
    archive: zipArchive,
    auditSigner: notary.signer,
    bundleKeys: config.bundleKeys,
    clock,
    log,
  };
  const portsOn = (store: Store) => {
    bundles = store.bundles;
    const agents = openAgentRunner({
      catalogue,
      tools: mcp.tools,
      store,
      schemas,
      log,
      ai: config.ai,
      redact,
      hideKnown: hidingValues(secrets),
      vault,
      queue,
    });
    return { ...others, store, agents };
  };
  const open = () => openStore(config, log, metrics ? { onCommit: metrics.committed } : {});
  const opened = waiting
    ? patiently(open, {
        signal: waiting.signal,
        log,
        onAway: async (error) => waiting.whileAway?.(portsOn(storeAway(error))),
      })
    : open();
  const store = await opened.catch(async (error: unknown) => {
    await queue.close();
    await expressions.close();
    throw error;
  });
  const ports = portsOn(metrics?.store(store) ?? store);
  let engine: Engine | null = null;
  let tracing: Tracing | null = null;
  let scheduler: Promise<void> = Promise.resolve();
  const scheduling = new AbortController();
  metrics?.watch({
    store: () => store.queries.figures(clock.now()),
    backlog: () => queue.backlog(),
    worker: () => ({
      inFlight: engine?.inHand() ?? 0,
      capacity: engine?.concurrency ?? 0,
    }),
    walBytes: () => walBytes(config),
  });
  return {
    ports,
    async start({ executes }) {
      const id = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}${executes ? "" : EXECUTES_NOTHING}`;
      if (config.tracing) await beginTracing({ store });
      engine = await startEngine(ports, {
        id,
        concurrency: executes ? config.worker.concurrency : 0,
        leaseMs: config.worker.leaseSeconds * 1000,
        hideMs: HIDE_MS,
        isAlone: config.database.kind === "file",
        publishesEvents: config.queue.kind === "nats",
        keeping: { retention: config.keeping.retention, archiveFiles: others.archiveFiles },
        checkpoints: { ...notary, everyMs: config.audit.everySeconds * 1000 },
      });
      tracing = startTracing(config, store, {
        holder: `${id}:tracer`,
        log,
        figures: metrics?.tracing ?? NO_FIGURES,
      });
      scheduler = runScheduler(ports, { pollMs: 1000, batch: 64 }, scheduling.signal);
    },
    async close() {
      scheduling.abort();
      await scheduler;
      await engine?.stop();
      await tracing?.stop();
      await mcp.close();
      await mailer?.close();
      await queue.close();
      await expressions.close();
      await store.close();
    },
  };
}

/** Loaded only where mail is sent. */
async function openMailer({ reach: { mail } }: Config): Promise<Mailer | null> {
  if (mail === null) return null;
  const { createMailer } = await import("../adapters/smtp/mailer.ts");
  return createMailer(mail);
}

async function openQueue({ queue }: Config, log: Log, onlyLooks: boolean): Promise<TaskQueue> {
  if (queue.kind === "embedded") return createLocalQueue({ log });
  const { servers, login, tls, replicas } = queue;
  return createNatsQueue({ servers, replicas, log, onlyLooks, ...(login && { login }), ...(tls && { tls }) });
}

function openMcp({ environmentsDir: root }: Config, { servers }: EnvironmentSources, log: Log): Mcp {
  return createMcp({
    files: {
      ...servers,
      folder: (environment) => resolve(root, environment),
    },
    env: process.env,
    clock: systemClock,
    log,
    version,
  });
}
