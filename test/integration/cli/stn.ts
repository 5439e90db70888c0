import { resolve } from "node:path";
import { readSourceFile } from "../../../src/adapters/files/environments.ts";
import { watchEnvironments } from "../../../src/adapters/files/watch.ts";
import type { CliDeps } from "../../../src/cli/deps.ts";
import { memoryContexts } from "../../../src/cli/memory-contexts.ts";
import { createProgram } from "../../../src/cli/program.ts";
import {
  type MemoryOptions,
  type MemoryTerminal,
  memoryTerminal,
} from "../../../src/cli/terminal/memory-terminal.ts";
import { createAuditTools } from "../../../src/main/audit-tools.ts";
import { createBackups } from "../../../src/main/backups.ts";
import { createBundles } from "../../../src/main/bundles.ts";
import { createImport } from "../../../src/main/import.ts";
import { configured } from "../../../src/main/process.ts";
import { createRehearsals } from "../../../src/main/rehearsals.ts";
import type { World } from "../http/world.ts";

export type Called = {
  readonly terminal: MemoryTerminal;
  readonly interrupt: AbortController;
  readonly done: Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
};

/** The command line over a world: its requests go straight to the app, its terminal is in memory. */
export function stnFor(world: Pick<World, "app" | "ports">, more: Partial<CliDeps> = {}) {
  const call = (argv: readonly string[], options: MemoryOptions = {}): Called => {
    const terminal = memoryTerminal(options);
    const interrupt = new AbortController();
    const { definitions } = world.ports;
    const program = createProgram({
      terminal,
      version: "0.0.0",
      server: { ok: true, url: "http://station", isGiven: true, apiKey: null },
      contexts: memoryContexts(),
      project: () => null,
      fetch: (request, init) => fetchFrom(world, request, init?.signal),
      now: () => world.ports.clock.now(),
      interrupt: interrupt.signal,
      cwd: process.cwd(),
      environmentsDir: "environments",
      readSource: readSourceFile,
      check: async (source) => ({ diagnostics: definitions.read(source).diagnostics, report: () => null }),
      readDefinition: definitions.read,
      watch: async (changed) => (await watchEnvironments(resolve("environments"), changed)).stop,
      audit: createAuditTools(() => configured({}, "migrate")),
      backups: createBackups(() => configured({}, "migrate")),
      bundles: createBundles(resolve("environments")),
      importDocument: createImport({ environmentsDir: resolve("environments") }),
      rehearsals: createRehearsals({ environmentsDir: resolve("environments") }),
      starters: {
        dev: async () => {},
        serve: async () => {},
        worker: async () => {},
        migrate: async () => [],
        doctor: () => world.ports.store.queries.doctor(world.ports.clock.now()),
      },
      openBrowser: () => {},
      ...more,
    });
    const done = program.run(argv).then((code) => ({ code, out: terminal.out(), err: terminal.err() }));
    return { terminal, interrupt, done };
  };
  return {
    call,
    /** Calls it and waits for its end. */
    run: (argv: readonly string[], options: MemoryOptions = {}) => call(argv, options).done,
  };
}

/** As over a network: whoever aborts a request gets no more of its answer. */
async function fetchFrom(
  { app }: Pick<World, "app">,
  request: Request,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const response = await app.request(request);
  const { body, status, headers } = response;
  if (!body || !signal) return response;
  return new Response(body.pipeThrough(new TransformStream(), { signal }), { status, headers });
}

/** A workflow that fails at once. */
export const failing = (id: string) => `id: ${id}
version: "1.0"
name: Failing ${id}
states:
  - name: choose
    type: switch
    conditions:
      - if: "1 > 2"
        next: done
  - name: done
    type: inject
    data: { ok: true }
    end: true
`;

/** A workflow that is out of time before its signal comes. */
export const hasty = (id: string) => `id: ${id}
version: "1.0"
name: Hasty ${id}
timeoutSeconds: 1
states:
  - name: wait
    type: signal
    signal: go
    end: true
`;
