import { Hono } from "hono";
import { newId } from "../engine/ids.ts";
import { ALIVE, createReadiness } from "./handlers/health.ts";
import type { HealthPorts, HttpOptions } from "./ports.ts";
import { problemOf, problemResponse } from "./problems.ts";

/** The platform's side of a process: whether it lives, whether it can work, and its figures. */
export type AdminPorts = HealthPorts & {
  /** The figures in Prometheus' text format. Without it there is no `/metrics`. */
  readonly metrics?: () => Promise<string>;
};

const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

/** `/healthz`, `/readyz` and `/metrics` for a port of their own, which every program has, the worker too. */
export function createAdminApp(ports: AdminPorts, options: HttpOptions = {}): Pick<Hono, "fetch"> {
  const app = new Hono();
  const ready = createReadiness(ports, options);
  const { metrics } = ports;
  app.get("/healthz", (c) => c.json(ALIVE));
  app.get("/readyz", async (c) => c.json(await ready()));
  if (metrics)
    app.get("/metrics", async (c) => c.text(await metrics(), 200, { "content-type": PROMETHEUS_TEXT }));
  app.onError((error) =>
    problemResponse(problemOf(error), { requestId: newId("req", ports.clock), traceparent: undefined }),
  );
  return app;
}
