/**
 * A text as every database gives it back: half a surrogate pair cannot be stored, and a driver ends a text at a NUL. For
 * texts that are kept as they are; in JSON both are escaped.
 */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{FFFD}");
}
