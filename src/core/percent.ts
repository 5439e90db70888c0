/** A percent-encoded text as it was; `null` where it is none: a stray `%`, or bytes that are no text. */
export function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
