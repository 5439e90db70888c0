import type { Reader } from "./environment-reader.ts";

/** Short keys could be guessed from one link. */
const SHORTEST_KEY = 32;

/** What links to approvals are signed with, the newest first; `null` where none are made. */
export function linkKeysOf(read: Reader): readonly [string, ...string[]] | null {
  const text = read.text("STATION_LINK_KEYS");
  const [newest, ...older] = (text ?? "").split(",").map((key) => key.trim());
  if (text === null || newest === undefined) return null;
  const keys = [newest, ...older] as const;
  if (keys.some((key) => key.length < SHORTEST_KEY))
    read.problem(
      "STATION_LINK_KEYS",
      `has a key of fewer than ${SHORTEST_KEY} characters`,
      "keys of at least 32 characters, comma-separated, the newest first: openssl rand -base64 32",
    );
  return keys;
}
