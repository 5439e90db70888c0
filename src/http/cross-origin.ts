import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { HttpEnv } from "./app.ts";

/** Lets pages of these origins call with a bearer token, and never with a cookie. */
export function crossOrigin(origins: readonly string[]): MiddlewareHandler<HttpEnv> {
  return cors({
    origin: [...origins],
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    allowHeaders: [
      "authorization",
      "content-type",
      "idempotency-key",
      "if-match",
      "last-event-id",
      "prefer",
      "traceparent",
    ],
    exposeHeaders: [
      "etag",
      "idempotent-replayed",
      "link",
      "location",
      "preference-applied",
      "ratelimit",
      "retry-after",
      "x-request-id",
    ],
    credentials: false,
    maxAge: 600,
  });
}
