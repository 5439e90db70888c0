/** Takes secret values out of a text. */
export type Redact = (text: string) => string;

/** What is too short to be a secret is too likely to be a part of something else. */
const MIN_LENGTH = 4;
const SHOWN = "***";
const SECRET_NAME =
  /token|secret|passw|passphrase|api_?-?key|access_?-?key|private|credential|auth|bearer|cookie|dsn|session/i;

/** True for a variable or header whose value is a secret, going by its name. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || /(?:^|[_-])key$/i.test(name);
}

/** Replaces every one of the values, also where it stands in JSON or in an address. */
export function redacting(values: Iterable<string>): Redact {
  const spellings = new Set<string>();
  for (const value of values) {
    if (value.trim().length < MIN_LENGTH) continue;
    for (const one of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])
      spellings.add(one);
    // A text of several lines (a key file) comes to light line by line.
    for (const line of value.split("\n")) if (line.trim().length >= 16) spellings.add(line.trim());
  }
  if (spellings.size === 0) return (text) => text;
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map((one) => escaped(one)).join("|"), "g");
  return (text) => text.replace(pattern, SHOWN);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
