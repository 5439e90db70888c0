import { canonicalHash } from "../../core/canonical.ts";
import type { Principal } from "../../core/identity/principal.ts";
import type { JsonValue } from "../../core/json.ts";

/** What makes a request repeatable: whose it is, its `Idempotency-Key`, and what was asked. */
export type Once = { readonly principal: string; readonly key: string; readonly requestHash: string };

/** `{}` for a request without a key. */
export function onceOf({ id }: Principal, key: string | null, asked: JsonValue): { readonly once?: Once } {
  return key === null ? {} : { once: { principal: id, key, requestHash: canonicalHash(asked) } };
}
