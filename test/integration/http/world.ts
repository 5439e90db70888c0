import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUnderstudy } from "../../../src/adapters/agents/understudy.ts";
import { archiveFiles } from "../../../src/adapters/archive-files/archive-files.ts";
import { zipArchive } from "../../../src/adapters/bundles/zip.ts";
import { readDefinition } from "../../../src/adapters/files/definition.ts";
import { readPrompt } from "../../../src/adapters/files/prompt.ts";
import { createSchemas } from "../../../src/adapters/json-schema/schemas.ts";
import { createStore } from "../../../src/adapters/libsql/store.ts";
import { createLocalQueue } from "../../../src/adapters/local-queue/queue.ts";
import { createMcp } from "../../../src/adapters/mcp/mcp.ts";
import { createOutgoing } from "../../../src/adapters/outgoing/outgoing.ts";
import { createSigner } from "../../../src/adapters/signed-links/signer.ts";
import { createStarlark } from "../../../src/adapters/starlark/starlark.ts";
import { createVault } from "../../../src/adapters/vault/vault.ts";
import type { Signer } from "../../../src/core/audit/signature.ts";
import { spelled } from "../../../src/core/definition/agent-reference.ts";
import type { McpServers } from "../../../src/core/definition/mcp/server.ts";
import type { Principal } from "../../../src/core/identity/principal.ts";
import { createFileCheck } from "../../../src/engine/check-file.ts";
import { type Engine, startEngine } from "../../../src/engine/engine.ts";
import { createKeyRing } from "../../../src/engine/key-ring.ts";
import type { EnvironmentFile } from "../../../src/engine/ports/definitions.ts";
import type { Mailer } from "../../../src/engine/ports/reach.ts";
import type { ToolSource } from "../../../src/engine/ports/tools.ts";
import type { Log, Store } from "../../../src/engine/ports.ts";
import { type App, createApp } from "../../../src/http/app.ts";
import { createClient } from "../../../src/http/client.ts";
import type { HttpOptions, HttpPorts } from "../../../src/http/ports.ts";
import { createTestRunner } from "../../support/agent-runner.ts";
import { NO_TOOLS } from "../../support/no-tools.ts";
import { checkAnswer } from "./answers.ts";

/** A line of the log. */
type Line = { readonly message: string; readonly facts: Readonly<Record<string, unknown>> };

/** The whole of Station behind the HTTP app, in one process and in memory. */
export type World = Awaited<ReturnType<typeof createWorld>>;

const AGENT = `---
model: station/script
metadata: { name: echo, description: Says what it was told }
script:
  - output: { said: "{{ input.text }}" }
---
Say it.
`;

const migrationsDir = new URL("../../../migrations", import.meta.url).pathname;

/** Real store, queue, readers, evaluator and, when `works`, engine; only time and the caller can be set. */
export async function createWorld({
  works = false,
  mailer = null,
  signer = null,
  url = ":memory:",
  id = "test",
  around = (store) => store,
  prompts = [],
  tools = NO_TOOLS,
  ...options
}: HttpOptions & {
  works?: boolean;
  mailer?: Mailer | null;
  signer?: Signer | null;
  url?: string;
  /** What its process is called. */
  id?: string;
  /** Looks on while the store is used. */
  around?: (store: Store) => Store;
  /** Agents beside `echo`, and the tools there are for them. */
  prompts?: readonly string[];
  tools?: ToolSource;
} = {}) {
  const lines: Line[] = [];
  const write = (message: string, facts = {}) => void lines.push({ message, facts });
  const log: Log = { info: write, warn: write, error: write };
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead, random: () => Math.random() };
  const schemas = createSchemas();
  const store = around(await createStore({ url, migrationsDir, clock, log }));
  const queue = createLocalQueue({ log });
  const expressions = createStarlark({ threads: 1 });
  const all = [AGENT, ...prompts].map((text, index) =>
    readPrompt({ text, file: `agents/${index === 0 ? "echo" : index}.prompt`, environment: "default" }),
  );
  const agents = createTestRunner({
    load: async () => ({ agents: all.flatMap(({ agent }) => agent ?? []), problems: [] }),
    schemas,
    tools,
    store: store.agents,
    approvals: store.queries,
    clock,
    log,
  });
  let mcpServers: McpServers = { servers: [], variables: {}, problems: [] };
  const mcp = createMcp({
    files: {
      load: async (environment) =>
        environment === "default" ? mcpServers : { servers: [], variables: {}, problems: [] },
      version: async () => JSON.stringify(mcpServers),
      folder: () => process.cwd(),
    },
    env: { PATH: process.env["PATH"] },
    clock,
    log,
    version: "test",
  });
  let caller: Principal | null = admin("user:ana");
  const files: EnvironmentFile[] = [];
  /** Whoever may send requests beside the caller, at the same time. */
  const crowd = new Map<string, Principal>();
  let known: ReadonlyMap<string, Principal> = new Map();
  const links = createSigner(["k".repeat(32)]);
  const redact = (text: string) => text;
  const ports: HttpPorts = {
    reach: {
      outgoing: createOutgoing({ allowed: ["127.0.0.1"] }),
      mailer,
      links,
      baseUrl: "https://station.example",
      redact,
    },
    vault: createVault(["v".repeat(32)]),
    store,
    queue,
    agents,
    expressions,
    schemas,
    definitions: { read: readDefinition },
    clock,
    log,
    authenticate: ({ headers }) => crowd.get(headers.get("x-test-caller") ?? "") ?? caller,
    keyRing: createKeyRing({ store, clock, log }),
    links,
    people: {
      lookUp: async (names) =>
        new Map(
          [...known]
            .filter(([name]) => names.includes(name))
            .map(([name, principal]) => [name, { principal, because: null }]),
        ),
    },
    sessions: null,
    mcp: mcp.registry,
    files: { list: async () => ["default", "prod"], read: async () => files, own: async () => [] },
    redact,
    archiveFiles: archiveFiles(join(tmpdir(), `station-archives-${process.pid}`)),
    checkFile: createFileCheck({ definitions: { read: readDefinition }, expressions, schemas }),
    newUnderstudy: () =>
      createUnderstudy(async (environment) => spelled(await agents.inReach(environment)), schemas),
    archive: zipArchive,
    auditSigner: signer,
    bundleKeys: [],
    installation: {
      paths: { data: "/data", environments: "/environments", archive: "/data/archive", database: null },
      retention: { rules: [], holdLabel: "hold" },
      provider: null,
    },
  };
  const app: App = createApp(ports, { pollMs: 100, ...options });
  let engine: Engine | null = null;
  if (works)
    engine = await startEngine(ports, {
      id,
      concurrency: 8,
      leaseMs: 5000,
      hideMs: 1000,
      isAlone: true,
      checkpoints: { signer, anchor: null, everyMs: 100 },
      keeping: { retention: { rules: [], holdLabel: "hold" }, archiveFiles: ports.archiveFiles },
      publishesEvents: false,
    });

  const request = async (method: string, path: string, init: Omit<RequestInit, "method"> = {}) => {
    const response = await app.request(path, { ...init, method });
    await checkAnswer(schemas, method, path, response.clone());
    return response;
  };
  const json = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    request(method, path, {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });

  return {
    app,
    ports,
    lines,
    /** The files of environment `default`. */
    files,
    /** Sends a request; the answer is checked against the contract on the way. */
    request,
    json,
    get: (path: string, headers: Record<string, string> = {}) => request("GET", path, { headers }),
    post: (path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
      json("POST", path, body, headers),
    client: createClient({ baseUrl: "http://station", fetch: (sent) => app.request(sent) }),
    /** Makes these the MCP servers of environment `default`. */
    serve(servers: McpServers) {
      mcpServers = servers;
      ahead += 2000; // files are looked at once a second
    },
    /** A user by name, who may do everything; nobody; or whoever it is. */
    as(who: `user:${string}` | Principal | null) {
      caller = typeof who === "string" ? admin(who) : who;
    },
    /** Headers by which one request is somebody else's. */
    by(who: Principal): Record<string, string> {
      crowd.set(who.id, who);
      return { "x-test-caller": who.id };
    },
    /** Who these people are by now, whatever their credentials said. */
    knows(people: readonly Principal[]) {
      known = new Map(people.map((one) => [one.id, one]));
    },
    pass(ms: number) {
      ahead += ms;
    },
    async close() {
      await engine?.stop();
      await ports.keyRing.close();
      await mcp.close();
      await mailer?.close();
      await queue.close();
      await expressions.close();
      await store.close();
    },
  };
}

function admin(id: `user:${string}`): Principal {
  return { kind: "user", id, name: id.slice(5), teams: [], roles: [{ role: "admin", environment: "*" }] };
}

/** Looks again until `look` finds something; fails after twenty seconds. */
export async function eventually<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
  const until = Date.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > until) throw new Error(`still not after 20 s: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
