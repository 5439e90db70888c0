import { watchEnvironments } from "../adapters/files/watch.ts";
import type { Station } from "./station.ts";
import { syncAndTell } from "./sync-and-tell.ts";

/** Syncs an environment within a second of a change to one of its files; answers how to stop. */
export async function syncOnSave({ ports }: Station, root: string): Promise<() => Promise<void>> {
  const { stop } = await watchEnvironments(root, async (environment) => {
    try {
      await syncAndTell(ports, environment);
    } catch (error) {
      ports.log.error("environment not synced", { environment, error: String(error) });
    }
  });
  return stop;
}
