import { dataDigest, type SealedText } from "./chain.ts";

/** What an event's mark can tell apart, in this order. */
export const MARKED = ["type", "at", "actor", "channel", "spilled", "data"] as const;
export type Marked = (typeof MARKED)[number];

/** Characters per field; six hexadecimal digits of a checksum: enough to find an edit, far too few to prove one. */
const WIDTH = 6;
const LENGTH = WIDTH * MARKED.length;

/**
 * A short checksum of each field of an event: where the chain is broken, marks say at which event and field. `digest`:
 * that of its data, where it is known.
 */
export function markOf(
  { type, at, actor, channel, spilled, data }: SealedText,
  digest: string = dataDigest(data),
): string {
  const said = short(type) + short(String(at)) + short(actor) + short(channel);
  return said + short(spilled ?? "") + digest.slice(0, WIDTH);
}

/** The fields of an event that are not what its mark was made of. */
export function differencesFrom(mark: string, event: SealedText): readonly Marked[] {
  const found = markOf(event);
  return MARKED.filter((_, index) => partOf(mark, index) !== partOf(found, index));
}

/** The marks of consecutive events that were kept as one text. */
export function marksIn(text: string): readonly string[] {
  return Array.from({ length: Math.floor(text.length / LENGTH) }, (_, index) =>
    text.slice(index * LENGTH, (index + 1) * LENGTH),
  );
}

function partOf(mark: string, index: number): string {
  return mark.slice(index * WIDTH, (index + 1) * WIDTH);
}

/** 32-bit FNV-1a, folded to 24 bits: the chain proves, this only points. */
function short(text: string): string {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
  return (((sum >>> 24) ^ sum) & 0xffffff).toString(16).padStart(WIDTH, "0");
}
