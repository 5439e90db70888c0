import { hash } from "node:crypto";

/** An event as it is kept: `data` is its JSON text, character by character. */
export type SealedText = {
  readonly runId: string;
  readonly seq: number;
  readonly type: string;
  readonly at: number;
  readonly actor: string;
  readonly data: string;
};

/** Where a run's hash chain begins. */
export function chainStart(runId: string): string {
  return hash("sha256", `station:${runId}`);
}

/** The chain's next hash: over the previous one and everything that is kept of the event. */
export function chainHash(previous: string, { runId, seq, type, at, actor, data }: SealedText): string {
  return hash("sha256", `${previous}\n${JSON.stringify([runId, seq, type, at, actor, data])}`);
}
