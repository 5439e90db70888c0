import type { Reader } from "./environment-reader.ts";

/** Fingerprints of the keys whose bundles may be installed over the API; none: whoever signed them, or nobody. */
export function bundleKeysOf(read: Reader): readonly string[] {
  const keys = (read.text("STATION_BUNDLE_KEYS") ?? "").split(/[,\s]+/).filter((one) => one !== "");
  if (!keys.every((key) => /^ed25519:[0-9a-f]{32}$/.test(key)))
    read.problem(
      "STATION_BUNDLE_KEYS",
      "has something that is no fingerprint of a key",
      "ed25519: and 32 hex digits, comma-separated, as stn bundle keygen and stn bundle inspect say",
    );
  return keys;
}
