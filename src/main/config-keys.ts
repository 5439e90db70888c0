import type { Name, Reader } from "./environment-reader.ts";

/** Keys of which the newest is used and all of them are understood. */
export type Keys = readonly [string, ...string[]];

/** Short keys could be guessed from what was made with them. */
const SHORTEST_KEY = 32;

/** The keys in a variable, the newest first; `null` where there are none. */
export function keysOf(read: Reader, name: Name & `STATION_${string}_KEYS`): Keys | null {
  const text = read.text(name);
  const [newest, ...older] = (text ?? "").split(",").map((key) => key.trim());
  if (text === null || newest === undefined) return null;
  const keys = [newest, ...older] as const;
  if (keys.some((key) => key.length < SHORTEST_KEY))
    read.problem(
      name,
      `has a key of fewer than ${SHORTEST_KEY} characters`,
      "keys of at least 32 characters, comma-separated, the newest first: openssl rand -base64 32",
    );
  return keys;
}
