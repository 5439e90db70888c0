import type { Redact } from "./redact.ts";

/** What changed in a text that is heard piece by piece: from this character on it reads so. */
export type Piece = { readonly from: number; readonly delta: string };

/**
 * A text under way, as far as it may be shown: secrets hidden, and what may yet turn out to be one held back until the
 * word is complete.
 */
export class Spoken {
  readonly #redact: Redact;
  #heard = "";
  #shown = "";

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  hear(delta: string): void {
    this.#heard += delta;
  }

  /** What is new to be shown; `isWhole` when nothing more is to come. Null for nothing. */
  next(isWhole: boolean): Piece | null {
    const words = isWhole ? this.#heard : this.#heard.slice(0, endOfWords(this.#heard));
    const safe = this.#redact(words);
    const from = safe.startsWith(this.#shown) ? this.#shown.length : commonLength(this.#shown, safe);
    if (from === safe.length && from === this.#shown.length) return null;
    this.#shown = safe;
    return { from, delta: safe.slice(from) };
  }
}

/** A text with a piece of it in place; "…" for what was not heard. */
export function withPiece(text: string, { from, delta }: Piece): string {
  return (from <= text.length ? text.slice(0, from) : "…") + delta;
}

/** Where the last word begins, which may not be complete. */
function endOfWords(text: string): number {
  let end = text.length;
  while (end > 0 && /\S/.test(text.charAt(end - 1))) end--;
  return end;
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
