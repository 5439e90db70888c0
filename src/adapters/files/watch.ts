import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { listEnvironments } from "./environments.ts";
import { folderVersion } from "./folder-version.ts";

/** Editors write a file in several steps, some by renaming: look when they are done. */
const SETTLE_MS = 100;
/** How often we look anyway: network drives, containers' mounts and replaced folders tell nothing. */
const POLL_MS = 700;
const FOLDERS = ["agents", "mcp-servers", "workflows", "."];

export type Watching = {
  /** Resolves when nothing is being looked at any more. */
  stop(): Promise<void>;
};

/**
 * Calls back with the name of an environment below `root` within a second of a change to one of its files, however
 * the file was saved; one call at a time, the next when it has settled. The files as they are now are no change.
 */
export async function watchEnvironments(
  root: string,
  changed: (environment: string) => Promise<void>,
): Promise<Watching> {
  const marks = await marksOf(root);
  const ended = new AbortController();
  const { signal } = ended;
  let wake: () => void = () => {};
  const watcher = open(root, () => setTimeout(() => wake(), SETTLE_MS).unref());
  const look = async (): Promise<void> => {
    // A folder that cannot be looked at is a change of all that was in it: whoever reads it anew says why.
    const found = await marksOf(root).catch(
      (error: unknown) => new Map([...marks.keys()].map((name) => [name, String(error)])),
    );
    for (const [environment, mark] of found) {
      if (signal.aborted || marks.get(environment) === mark) continue;
      marks.set(environment, mark);
      await changed(environment);
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const started = performance.now();
      await look();
      // looking at many files is work: never more than a twentieth of the time
      const rest = Math.max(POLL_MS, 20 * (performance.now() - started));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(rest, 10_000));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (signal.aborted) wake();
      });
    }
  };
  const running = run();
  return {
    async stop() {
      ended.abort();
      watcher?.close();
      wake();
      await running;
    },
  };
}

/** Tells sooner than looking does, where the platform can; a folder that is not there yet is looked for. */
function open(root: string, told: () => void): FSWatcher | null {
  try {
    const watcher = watch(root, { recursive: true }, told);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

async function marksOf(root: string): Promise<Map<string, string>> {
  const environments = await listEnvironments(root);
  const marks = await Promise.all(
    environments.map(async (environment) => [environment, await markOf(join(root, environment))] as const),
  );
  return new Map(marks);
}

/** Changes whenever a file of an environment does. */
async function markOf(directory: string): Promise<string> {
  const marks = await Promise.all(FOLDERS.map((folder) => folderVersion(join(directory, folder))));
  return marks.join("\n\n");
}
