import { Type } from "typebox";
import { NamedEnvironment } from "../schemas/common.ts";
import { Activity, Configuration, System } from "../schemas/overview.ts";
import type { Route } from "./route.ts";

/** How things are, at a glance. */
export const overviewRoutes = {
  getActivity: {
    method: "get",
    path: "/api/v1/activity",
    tag: "Runs",
    summary: "How runs went in the last hours, and what failed",
    description: "Counted anew every few seconds at most.",
    needs: "runs:read",
    environment: "filter",
    query: Type.Object({
      environment: Type.Optional(NamedEnvironment),
      hours: Type.Integer({ minimum: 1, maximum: 168, default: 24 }),
    }),
    ok: [200, Activity],
    problems: [],
  },
  getSystem: {
    method: "get",
    path: "/api/v1/system",
    tag: "System",
    summary: "The installation: version, store and queue, processes, environments",
    description: "Answers also while store or queue is away, and says so.",
    needs: "identity",
    ok: [200, System],
    problems: [],
  },
  getConfiguration: {
    method: "get",
    path: "/api/v1/system/configuration",
    tag: "System",
    summary: "How the installation was configured: paths, retention, and whose groups have which roles",
    description: "As the process that answers was started. No secrets.",
    needs: "admin",
    environment: "station",
    ok: [200, Configuration],
    problems: [],
  },
} as const satisfies Record<string, Route>;
