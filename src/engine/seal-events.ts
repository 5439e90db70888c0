import { chainHash } from "../core/run/seal.ts";
import { pause } from "./pause.ts";
import type { Ports } from "./ports.ts";
import { createRole } from "./role.ts";

export type SealOptions = { readonly everyMs: number; readonly leaseMs: number; readonly batch: number };

/**
 * Chains the audit trail's hashes behind the commits, in order, one process at a time. Resumable: where it stands is
 * in the database, and a seal is appended only if nobody else sealed the same events meanwhile.
 */
export async function sealEvents(
  ports: Pick<Ports, "store" | "clock" | "log">,
  holder: string,
  options: SealOptions,
  signal: AbortSignal,
): Promise<void> {
  const isSealer = createRole(ports, "sealer", holder, options.leaseMs);
  while (!signal.aborted) {
    let wait = options.everyMs;
    try {
      if (await isSealer()) {
        const sealed = await sealOnce(ports, options.batch);
        if (sealed === options.batch) wait = 0;
      }
    } catch (error) {
      ports.log.warn("sealer cannot work", { error: String(error) });
    }
    await pause(wait, signal);
  }
}

/** Seals what has happened since the last seal; answers how many events that were. */
export async function sealOnce(ports: Pick<Ports, "store">, batch: number): Promise<number> {
  const unsealed = await ports.store.seals.pending(batch);
  let count = 0;
  const seals = unsealed.runs.map(({ runId, hash, events }) => {
    count += events.length;
    const last = events.at(-1);
    return { runId, seq: last?.seq ?? 0, hash: events.reduce(chainHash, hash) };
  });
  if (count > 0) await ports.store.seals.append(unsealed, seals);
  return count;
}
