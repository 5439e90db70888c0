import { watch } from "node:fs";
import type { Station } from "./station.ts";
import { syncAndTell } from "./sync-and-tell.ts";

/** Editors write a file in several steps: sync when they are done. */
const SETTLE_MS = 150;

/** Syncs an environment within a moment of a change to one of its files; answers how to stop. */
export function watchEnvironments({ ports }: Station, root: string): () => void {
  const timers = new Map<string, NodeJS.Timeout>();
  const watcher = watch(root, { recursive: true }, (_event, path) => {
    const environment = path?.split(/[/\\]/)[0];
    if (environment === undefined) return;
    clearTimeout(timers.get(environment));
    timers.set(
      environment,
      setTimeout(() => void sync(environment), SETTLE_MS),
    );
  });
  watcher.on("error", (error) => ports.log.warn("environments not watched", { error: String(error) }));

  async function sync(environment: string): Promise<void> {
    timers.delete(environment);
    try {
      await syncAndTell(ports, environment);
    } catch (error) {
      ports.log.error("environment not synced", { environment, error: String(error) });
    }
  }

  return () => {
    watcher.close();
    for (const timer of timers.values()) clearTimeout(timer);
  };
}
