import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Clock, Log } from "../engine/ports.ts";
import type { HttpEnv } from "./app.ts";
import type { Meter } from "./ports.ts";

/** One line per request, when its answer begins. */
export function accessLog(log: Log, clock: Clock, meter?: Meter): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const began = clock.now();
    await next();
    const { status } = c.res;
    const [route, ms] = [routePath(c, -1), clock.now() - began];
    meter?.answered({ route, method: c.req.method, status }, ms);
    const problem = c.get("problem");
    const principal = c.get("principal");
    const facts = {
      request_id: c.get("requestId"),
      method: c.req.method,
      path: c.req.path,
      route,
      status,
      duration_ms: ms,
      ...(principal && { principal: principal.id }),
      ...(problem && { problem }),
    };
    if (status >= 500) log.error("request", facts);
    else log.info("request", facts);
  };
}
