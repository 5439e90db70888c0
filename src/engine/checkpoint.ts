import { type Checkpoint, checkpointHash, checkpointText, readCheckpoint } from "../core/audit/checkpoint.ts";
import { rootOf } from "../core/audit/merkle.ts";
import type { Signer } from "../core/audit/signature.ts";
import type { By } from "../core/identity/channel.ts";
import { adminEvent } from "./admin-event.ts";
import { pause } from "./pause.ts";
import type { Anchor } from "./ports/audit.ts";
import type { Ports } from "./ports.ts";
import { createRole } from "./role.ts";

export type CheckpointOptions = {
  readonly everyMs: number;
  readonly leaseMs: number;
  /** Events that one checkpoint covers at most. */
  readonly batch: number;
};

/** What checkpoints are made with. */
export type Notary = {
  /** `null`: they are not signed. */
  readonly signer: Signer | null;
  /** Where each is noted outside the database; `null`: nowhere. */
  readonly anchor: Anchor | null;
};

type CheckpointPorts = Pick<Ports, "store" | "clock">;

/**
 * Makes a checkpoint whenever something was sealed since the last one, one process at a time. A process without a key
 * leaves it to those that have one, once there are signed ones.
 */
export async function keepCheckpoints(
  ports: CheckpointPorts & Pick<Ports, "log">,
  notary: Notary,
  holder: string,
  options: CheckpointOptions,
  signal: AbortSignal,
): Promise<void> {
  const isNotary = createRole(ports, "notary", holder, options.leaseMs);
  while (!signal.aborted) {
    let wait = options.everyMs;
    try {
      const last = await ports.store.checkpoints.last();
      const mayMake = notary.signer !== null || !last?.signature;
      if (mayMake && (await isNotary())) {
        if ((await checkpointOnce(ports, notary.signer, options.batch)) === "more") wait = 0;
        const problem = await anchorOnce(ports, notary.anchor);
        if (problem !== null) ports.log.error("audit anchor disagrees with the database", { problem });
      }
    } catch (error) {
      ports.log.warn("checkpoint not made", { error: String(error) });
    }
    await pause(wait, signal);
  }
}

/**
 * Covers what was sealed since the last checkpoint; `more` when that was more than `batch` events. A key that has not
 * signed the last one signs at once: whoever has nothing else to go by could verify nothing until the next change.
 */
export async function checkpointOnce(
  { store, clock }: CheckpointPorts,
  signer: Signer | null,
  batch: number,
): Promise<"nothing" | "made" | "more"> {
  const { last, position, heads, admin, hasMore } = await store.checkpoints.pending(batch);
  const before = last && readCheckpoint(last.body);
  if (typeof before === "string") throw new Error(`checkpoint ${last?.number} cannot be read: ${before}`);
  const was = last?.signature?.keyId;
  const vouches = signer === null || last === null || was === signer.keyId;
  if (vouches && heads.length === 0 && admin.position === (before?.admin.position ?? 0)) return "nothing";
  if (was !== undefined && signer && was !== signer.keyId)
    await tellOfKey({ store, clock }, was, signer.keyId);
  const checkpoint: Checkpoint = {
    format: 1,
    number: (before?.number ?? 0) + 1,
    at: clock.now(),
    previous: last && checkpointHash(last.body),
    position,
    runs: heads.length,
    root: rootOf(heads),
    admin,
  };
  const body = checkpointText(checkpoint);
  const { number } = checkpoint;
  // When somebody else was faster, theirs covers the same.
  await store.checkpoints.append({ number, body, signature: signer?.sign(body) ?? null }, heads);
  return hasMore ? "more" : "made";
}

async function tellOfKey({ store, clock }: CheckpointPorts, from: string, to: string): Promise<void> {
  const what = { action: "audit-key.changed", environment: null, subject: "audit-key" };
  const by: By = { actor: "system", channel: "worker" };
  await store.adminEvents.append(adminEvent(clock, by, { ...what, data: { from, to } }));
}

const PAGE = 500;

/**
 * Notes the checkpoints that the anchor does not have yet. What is wrong, when the anchor knows one that the database
 * does not have: then nothing is noted.
 */
export async function anchorOnce(
  { store }: Pick<CheckpointPorts, "store">,
  anchor: Anchor | null,
): Promise<string | null> {
  if (anchor === null) return null;
  const noted = await anchor.last();
  if (noted !== null) {
    const [same] = await store.checkpoints.list(noted.number - 1, 1);
    if (!same) return `it ends at checkpoint ${noted.number}, which the database does not have`;
    if (checkpointHash(same.body) !== noted.hash)
      return `checkpoint ${noted.number} is another one in the database`;
  }
  for (let after = noted?.number ?? 0; ; ) {
    const page = await store.checkpoints.list(after, PAGE);
    if (page.length > 0)
      await anchor.append(page.map(({ number, body }) => ({ number, hash: checkpointHash(body) })));
    if (page.length < PAGE) return null;
    after = page.at(-1)?.number ?? after;
  }
}
