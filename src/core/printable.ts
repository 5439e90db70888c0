/** What JSON writes as it is and a terminal obeys: delete, the eight-bit controls, and what turns a line around. */
const OBEYED = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * JSON, or YAML of which every text is quoted, that says the same and that no terminal obeys. Of any other text, one in
 * which such signs are seen: what turned a line around would have people read what it does not say.
 */
export function printable(text: string): string {
  return text.replace(OBEYED, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** True for a text that has to be written otherwise before it is shown. */
export function isObeyed(text: string): boolean {
  return text.search(OBEYED) >= 0;
}
