import { define, isList, isObject, type JsonValue } from "../json.ts";

/** What stands where a secret stood. */
export const MARK = "[redacted]";

/**
 * Forms in which secrets are written; where a pattern has a group, only what is behind it goes. None of them looks along
 * a text again from each of its letters: whoever writes the text could make that take minutes.
 */
const KNOWN: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\b(?:ghp|gho|ghu|ghs|ghr|github_pat)_[A-Za-z0-9_]{20,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  // Looked for once in each stretch of such letters that is followed by another one like it.
  /((?<![\w-])(?=[\w-]*\.eyJ[\w-]{8,}\.)(?:[\w-]*?-)??)eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g,
  /(\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
  /((?:password|passwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token|client[_-]?secret)["']?\s*[:=]\s*["']?)[^\s"',;&}]{4,}/gi,
  // Not of every token: models need those that only name the next page.
  /((?<![\w-])(?:(?:aws[_-])?(?:id|refresh|session|bearer|bot|vault)[_-]?)?token["']?\s*[:=]\s*["']?)[A-Za-z0-9._~+/=-]{16,}/gi,
  /(\b(?!(?:NEXT|PAGE|CONTINUATION)_)[A-Z][A-Z0-9_]*_TOKEN["']?\s*[:=]\s*["']?)[A-Za-z0-9._~+/=-]{16,}/g,
  // A private key as kubeconfigs and secrets of Kubernetes have it: the base64 of what the first pattern means.
  /(client-key-data["']?\s*:\s*["']?)[A-Za-z0-9+/=]{16,}/g,
  /\bLS0tLS1CRUdJTi(?:BSU0EgUFJJVkFUR|BFQyBQUklWQVRF|BQUklWQVRF|BFTkNSWVBURUQg|BPUEVOU1NI)[A-Za-z0-9+/=]*/g,
  /([a-z0-9+.-]:\/\/[^\s:/@]+:)[^\s@/]{3,}(?=@)/gi,
];

export type Redact = (text: string) => string;

/** Hides values that are known to be secret, as they are and as JSON writes them, and nothing else. */
export function hidingValues(values: readonly string[]): Redact {
  // A short value would be found everywhere.
  const long = values.filter((value) => value.length >= 8);
  const spellings = new Set(long.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]));
  // One that begins another would leave the other's end behind.
  const known = [...spellings].sort((a, b) => b.length - a.length);
  return (text) => known.reduce((hidden, value) => hidden.replaceAll(value, MARK), text);
}

/**
 * Hides secrets in texts: known forms, the author's own patterns, and values that are known to be secret. A pattern's
 * first group, if it has one, stays.
 */
export function redacting(own: readonly RegExp[], values: readonly string[]): Redact {
  const hideKnown = hidingValues(values);
  const patterns = [...KNOWN, ...own];
  return (text) =>
    patterns.reduce(
      (hidden, pattern) =>
        hidden.replace(pattern, (_all, ...groups: unknown[]) =>
          typeof groups[0] === "string" ? `${groups[0]}${MARK}` : MARK,
        ),
      hideKnown(text),
    );
}

/** A value with the secrets in its texts hidden, and with the values of keys that are named like secrets. */
export function redacted(value: JsonValue, redact: Redact): JsonValue {
  if (typeof value === "string") return redact(value);
  if (isList(value)) return value.map((item) => redacted(item, redact));
  if (!isObject(value)) return value;
  const object: Record<string, JsonValue> = {};
  for (const [key, item] of Object.entries(value))
    define(object, key, typeof item === "string" && SECRET_KEY.test(key) ? MARK : redacted(item, redact));
  return object;
}

const SECRET_KEY =
  /password|passwd|secret|api[_-]?key|access[_-]?key|(?:auth|access|id|refresh|session|bearer)[_-]?token|^token$|private[_-]?key|client-key-data/i;
