import { hash } from "node:crypto";

/** An event as it is kept: `data` is its JSON text, character by character. */
export type SealedText = {
  readonly runId: string;
  readonly seq: number;
  readonly type: string;
  readonly at: number;
  readonly actor: string;
  readonly channel: string;
  readonly data: string;
  /** The fields of `data` that hold the hash of a payload instead of the value, comma-separated. */
  readonly spilled: string | null;
};

/** Where a run's hash chain begins. */
export function chainStart(runId: string): string {
  return hash("sha256", `station:${runId}`);
}

/**
 * The chain's next hash (64 hex digits): over the previous one and everything that is kept of the event. `digest`: that
 * of its data, where it is known.
 */
export function chainHash(
  previous: string,
  event: SealedText,
  digest: string = dataDigest(event.data),
): string {
  const { runId, seq, type, at, actor, channel, spilled } = event;
  const link = [runId, seq, type, at, actor, channel, spilled, digest];
  return hash("sha256", `${previous}\n${JSON.stringify(link)}`);
}

/** What stands for data that was purged: the digest it had, so that the chain goes on to hold. */
const PURGED = /^\{"purged":"([0-9a-f]{64})"\}$/;

/** SHA-256 of an event's data, also when the data itself was purged. */
export function dataDigest(data: string): string {
  return purgedDigest(data) ?? hash("sha256", data);
}

/** The digest that is left of purged data; `null` for data that is there. */
export function purgedDigest(data: string): string | null {
  return data.startsWith('{"purged"') ? (PURGED.exec(data)?.[1] ?? null) : null;
}

/** The text that takes the place of data that is purged. The chain holds with it. */
export function purged(data: string): string {
  return JSON.stringify({ purged: dataDigest(data) });
}
