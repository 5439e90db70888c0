import type { Static, TSchema } from "typebox";
import { agentRunRoutes } from "./routes/agent-runs.ts";
import { approvalRoutes } from "./routes/approvals.ts";
import { archiveRoutes } from "./routes/archives.ts";
import { backupRoutes } from "./routes/backups.ts";
import { bundleRoutes } from "./routes/bundles.ts";
import { hookRoutes } from "./routes/hooks.ts";
import { keyRoutes } from "./routes/keys.ts";
import { loginRoutes } from "./routes/login.ts";
import { mcpServerRoutes } from "./routes/mcp-servers.ts";
import { notificationRoutes } from "./routes/notifications.ts";
import { overviewRoutes } from "./routes/overview.ts";
import type { Route } from "./routes/route.ts";
import { runRoutes } from "./routes/runs.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { secretRoutes } from "./routes/secrets.ts";
import { systemRoutes } from "./routes/system.ts";
import { workflowVersionRoutes } from "./routes/workflow-versions.ts";
import { workflowRoutes } from "./routes/workflows.ts";

/** Every route there is. Validation, handlers, the client and the OpenAPI document are made from this table. */
const routes = {
  ...workflowRoutes,
  ...workflowVersionRoutes,
  ...runRoutes,
  ...scheduleRoutes,
  ...approvalRoutes,
  ...agentRunRoutes,
  ...mcpServerRoutes,
  ...overviewRoutes,
  ...systemRoutes,
  ...keyRoutes,
  ...backupRoutes,
  ...bundleRoutes,
  ...secretRoutes,
  ...hookRoutes,
  ...archiveRoutes,
  ...loginRoutes,
  ...notificationRoutes,
};

/** The table's type: literal paths, methods and schemas. */
export type Routes = typeof routes;

/** The name of a route; also its `operationId` and the client's method. */
export type RouteName = keyof Routes;

/** The table with every row as a plain `Route`. */
export const routeList = Object.entries(routes) as readonly (readonly [RouteName, Route])[];

/** What a handler is given of a request part: validated, with defaults filled in. */
export type Given<R, Part extends "params" | "query" | "headers" | "body"> = R extends {
  readonly [P in Part]: infer S extends TSchema;
}
  ? Static<S>
  : Record<never, never>;

/** The body of a route's successful answer; `null` when it has none. */
export type Answer<R> = R extends { readonly ok: readonly [number, infer S] }
  ? S extends TSchema
    ? Static<S>
    : null
  : never;

/** What a caller of the client says: defaults may be left out, parts without any required field too. */
export type Asked<R> = Needed<"params", Given<R, "params">> &
  Needed<"query", Partial<Given<R, "query">>> &
  Needed<"headers", Given<R, "headers">> &
  Needed<"body", Given<R, "body">> & {
    /** For POST; without one a random key is sent. */
    readonly idempotencyKey?: string;
    readonly signal?: AbortSignal;
  };

type Needed<Part extends string, T> =
  Record<never, never> extends T ? { readonly [P in Part]?: T } : { readonly [P in Part]: T };
