import { hash } from "node:crypto";

/** SHA-256 of the canonical JSON, in hex. */
export function canonicalHash(value: unknown): string {
  return hash("sha256", canonicalJson(value));
}

/** JSON with sorted keys: equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
