import { adminHash } from "../core/audit/admin-chain.ts";
import { chainHash, dataDigest } from "../core/audit/chain.ts";
import { markOf } from "../core/audit/marks.ts";
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
        if (sealed >= options.batch) wait = 0;
      }
    } catch (error) {
      ports.log.warn("sealer cannot work", { error: String(error) });
    }
    await pause(wait, signal);
  }
}

/** Seals what has happened since the last seal; answers how many events that were. */
export async function sealOnce(ports: Pick<Ports, "store">, batch: number): Promise<number> {
  return (await sealRuns(ports, batch)) + (await sealAdministration(ports, batch));
}

async function sealRuns({ store: { seals } }: Pick<Ports, "store">, batch: number): Promise<number> {
  const unsealed = await seals.pending(batch);
  let count = 0;
  const made = unsealed.runs.map(({ runId, hash: before, events }) => {
    count += events.length;
    let hash = before;
    let marks = "";
    for (const event of events) {
      const digest = dataDigest(event.data);
      hash = chainHash(hash, event, digest);
      marks += markOf(event, digest);
    }
    return { runId, seq: events.at(-1)?.seq ?? 0, hash, marks };
  });
  if (count > 0) await seals.append(unsealed, made);
  return count;
}

async function sealAdministration(
  { store: { seals } }: Pick<Ports, "store">,
  batch: number,
): Promise<number> {
  const { after, hash: before, events } = await seals.pendingAdmin(batch);
  let hash = before;
  const made = events.map((event) => {
    hash = adminHash(hash, event);
    return { position: event.position, hash };
  });
  if (made.length > 0) await seals.appendAdmin(after, made);
  return made.length;
}
