import type { Client } from "../client.ts";

/** Whoever calls a tool: what they may do is decided by the API, which they are passed on to as they came. */
export type Caller = {
  readonly environment: string;
  /** The whole API, in this process, with the caller's own credentials. */
  readonly client: Client;
  /** The request's `Idempotency-Key`. */
  readonly idempotencyKey: string | null;
};

/** Headers that are about the one HTTP exchange and not about who is calling. */
const OWN = [
  "accept",
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "idempotency-key",
  "if-match",
  "last-event-id",
  "prefer",
  "transfer-encoding",
];

/** The headers that say who is calling and from where. */
export function callerHeaders(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of headers.keys()) if (OWN.includes(name) || name.startsWith("mcp-")) kept.delete(name);
  return kept;
}
