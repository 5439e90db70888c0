import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import type { Channel } from "../core/identity/channel.ts";
import type { Principal, User } from "../core/identity/principal.ts";
import { newId } from "../engine/ids.ts";
import { accessLog } from "./access-log.ts";
import { type Authorise, authoriser } from "./authorise.ts";
import { channelOf } from "./channel-of.ts";
import { type RouteName, routeList } from "./contract.ts";
import { crossOrigin } from "./cross-origin.ts";
import { decodeRequest } from "./decode-request.ts";
import { rememberedEnvironments } from "./environment-of.ts";
import type { AnyHandler, Call, Handlers } from "./handler.ts";
import { agentRunHandlers } from "./handlers/agent-runs.ts";
import { approvalLinkHandlers } from "./handlers/approval-links.ts";
import { approvalHandlers } from "./handlers/approvals.ts";
import { archiveHandlers } from "./handlers/archives.ts";
import { backupHandlers } from "./handlers/backups.ts";
import { batchApprovalHandlers } from "./handlers/batch-approvals.ts";
import { bulkRunHandlers } from "./handlers/bulk-runs.ts";
import { bundleHandlers } from "./handlers/bundles.ts";
import { deliverHookHandlers } from "./handlers/deliver-hook.ts";
import { evidenceHandlers } from "./handlers/evidence.ts";
import { healthHandlers } from "./handlers/health.ts";
import { historyHandlers } from "./handlers/history.ts";
import { hookHandlers } from "./handlers/hooks.ts";
import { keyHandlers } from "./handlers/keys.ts";
import { loginHandlers } from "./handlers/login.ts";
import { mcpServerHandlers } from "./handlers/mcp-servers.ts";
import { noticeHandlers } from "./handlers/notices.ts";
import { notificationHandlers } from "./handlers/notifications.ts";
import { overviewHandlers } from "./handlers/overview.ts";
import { runHandlers } from "./handlers/runs.ts";
import { scheduleHandlers } from "./handlers/schedules.ts";
import { secretHandlers } from "./handlers/secrets.ts";
import { startRunHandlers } from "./handlers/start-run.ts";
import { systemHandlers } from "./handlers/system.ts";
import { workflowVersionHandlers } from "./handlers/workflow-versions.ts";
import { workflowHandlers } from "./handlers/workflows.ts";
import { type Known, knowing } from "./known.ts";
import type { McpEndpoint } from "./mcp/endpoint.ts";
import type { HttpOptions, HttpPorts } from "./ports.ts";
import { HttpProblem, problemOf, problemResponse } from "./problems.ts";
import type { Route } from "./routes/route.ts";
import type { ProblemKind } from "./schemas/problem.ts";
import { CONTENT_SECURITY_POLICY, serveAssets, uiPage } from "./ui.ts";

/** What middleware and handlers hand to each other, and what the server adds to a request. */
export type HttpEnv = {
  Variables: {
    requestId: string;
    principal?: Principal;
    problem?: ProblemKind;
    rateLimit?: Readonly<Record<string, string>>;
  };
  /** `address`: where the connection comes from; `channel`: the way a request came, where it was made in here. */
  Bindings: { readonly closing?: AbortSignal; readonly address?: string; readonly channel?: Channel };
};

export type App = Hono<HttpEnv>;

const MAX_BODY_BYTES = 1024 * 1024;
const NEVER = new AbortController().signal;

/** The whole API as a function from request to response; `serveHttp` puts it on a port. */
export function createApp(ports: HttpPorts, options: HttpOptions = {}): App {
  const app: App = new Hono();
  const { maxBodyBytes = MAX_BODY_BYTES } = options;
  app.use(requestId({ generator: () => newId("req", ports.clock) }));
  app.use(async (c, next) => {
    await next();
    c.header("x-request-id", c.get("requestId")); // hono sets it on answers made by its context only
    for (const [name, value] of Object.entries(c.get("rateLimit") ?? {})) c.header(name, value);
  });
  app.use(async (c, next) => {
    await next();
    const renewed = ports.sessions?.renewed(c.req.raw) ?? null;
    if (renewed !== null) c.header("set-cookie", renewed, { append: true });
  });
  app.use(accessLog(ports.log, ports.clock, options.meter));
  if (options.corsOrigins?.length) app.use(crossOrigin(options.corsOrigins));
  app.use(secureHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY }));
  if (options.ui) serveAssets(app, options.ui);
  app.use(limitingBodies(maxBodyBytes));
  const environmentOf = rememberedEnvironments(ports.store.queries);
  const authorise = authoriser(environmentOf);
  const known = knowing(ports, options);
  const handlers: Handlers<RouteName> = {
    ...workflowHandlers(ports),
    ...workflowVersionHandlers(ports),
    ...startRunHandlers(ports),
    ...runHandlers(ports),
    ...scheduleHandlers(ports),
    ...bulkRunHandlers(ports),
    ...historyHandlers(ports, options),
    ...noticeHandlers(ports, environmentOf, options),
    ...approvalHandlers(ports),
    ...agentRunHandlers(ports),
    ...mcpServerHandlers(ports),
    ...keyHandlers(ports),
    ...backupHandlers(ports),
    ...bundleHandlers(ports),
    ...secretHandlers(ports),
    ...evidenceHandlers(ports),
    ...hookHandlers(ports),
    ...deliverHookHandlers(ports, options),
    ...archiveHandlers(ports),
    ...batchApprovalHandlers(ports),
    ...approvalLinkHandlers(ports),
    ...loginHandlers(ports),
    ...overviewHandlers(ports, options),
    ...notificationHandlers(ports),
    ...systemHandlers(ports),
    ...healthHandlers(ports, options),
  };
  for (const [name, route] of routeList) {
    const answer = answering(ports, known, authorise, route, handlers[name] as AnyHandler);
    for (const path of route.alias ? [route.path, route.alias] : [route.path])
      app.on(route.method.toUpperCase(), path.replace(/\{(\w+)\}/g, ":$1"), answer);
  }
  if (options.mcp) {
    const answerMcp = mcpEndpoint(ports, options.mcp.version);
    app.all("/mcp", async (c) => {
      await known(c);
      return answerMcp(c.req.raw, async (request) => app.fetch(request, { ...c.env, channel: "mcp" }));
    });
  }
  app.notFound(async (c) => {
    const page = options.ui ? await uiPage(c, options.ui) : null;
    return page ?? answerProblem(c, ports, unknownRoute(c.req.method, c.req.path));
  });
  app.onError((error, c) => answerProblem(c, ports, malformed(error, c.req.raw) ?? problemOf(error)));
  return app;
}

/** Bodies of one size at most, but for the routes that say otherwise. */
function limitingBodies(usual: number): MiddlewareHandler<HttpEnv> {
  const limitOf = (maxSize: number): MiddlewareHandler<HttpEnv> =>
    bodyLimit({
      maxSize,
      onError: () => {
        throw new HttpProblem("too-large", `a body may have ${maxSize} bytes at most`);
      },
    });
  const everywhere = limitOf(usual);
  const larger = new Map<string, MiddlewareHandler<HttpEnv>>(
    routeList.flatMap(([, { method, path, maxBodyBytes: most }]) =>
      most === undefined ? [] : [[`${method.toUpperCase()} ${path}`, limitOf(most)] as const],
    ),
  );
  return (c, next) => (larger.get(`${c.req.method} ${c.req.path}`) ?? everywhere)(c, next);
}

/** What only whoever sends bytes by hand can do: a mistake of theirs, and none of ours. */
function malformed(cause: Error, request: Request): HttpProblem | null {
  const { code } = cause as { readonly code?: unknown };
  if (!URL.canParse(request.url))
    return new HttpProblem("bad-request", "the address or the Host header is none that can be read", {
      cause,
    });
  if (code === "ECONNRESET" && request.signal.aborted)
    return new HttpProblem("bad-request", "the connection ended in the middle of the body", { cause });
  return null;
}

function answering(ports: HttpPorts, known: Known, authorise: Authorise, route: Route, handle: AnyHandler) {
  return async (c: Context<HttpEnv>): Promise<Response> => {
    const principal = route.isPublic ? NOBODY : await known(c);
    const decoded = await decodeRequest(ports.schemas, route, c.req.raw, c.req.param());
    const environments = await authorise(route, principal, decoded);
    const closing = c.env?.closing ?? NEVER;
    const call = {
      ...decoded,
      principal,
      by: { actor: principal.id, channel: c.env?.channel ?? channelOf(c.req.raw) },
      environments,
      request: c.req.raw,
      url: new URL(c.req.url),
      closing,
      get signal() {
        return AbortSignal.any([c.req.raw.signal, closing]); // made for the few that ask: it is not cheap
      },
    } as Call<unknown>;
    const reply = await handle(call);
    if (reply instanceof Response) return c.req.method === "HEAD" ? headOf(reply) : reply;
    const [status, schema] = route.ok;
    return new Response(schema === null ? null : JSON.stringify(reply.body), {
      status,
      headers: { ...(schema !== null && { "content-type": "application/json" }), ...reply.headers },
    });
  };
}

/** What nobody reads is let go of: a copy of the database would lie there as long as the process lives. */
async function headOf(reply: Response): Promise<Response> {
  await reply.body?.cancel();
  return new Response(null, reply);
}

/** Loads the SDK for the first who asks: it takes a while, and most never do. */
function mcpEndpoint(ports: HttpPorts, version: string): McpEndpoint {
  let loading: Promise<McpEndpoint> | null = null;
  return async (...asked) => {
    loading ??= import("./mcp/endpoint.ts").then(({ createMcpEndpoint }) =>
      createMcpEndpoint(ports, version),
    );
    return (await loading)(...asked);
  };
}

/** Public routes act for nobody, who may do nothing. */
const NOBODY: User = { kind: "user", id: "user:anonymous", name: "nobody", teams: [], roles: [] };

function answerProblem(c: Context<HttpEnv>, ports: HttpPorts, problem: HttpProblem): Response {
  const id = c.get("requestId");
  if (problem.kind === "internal") {
    const { cause } = problem.details;
    ports.log.error("request failed", {
      request_id: id,
      error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    });
  }
  c.set("problem", problem.kind);
  return problemResponse(problem, { requestId: id, traceparent: c.req.header("traceparent") });
}

function unknownRoute(method: string, path: string): HttpProblem {
  const methods = routeList.filter(([, route]) => fits(route, path)).map(([, route]) => route.method);
  const hint = methods.length > 0 ? `; it knows ${methods.join(", ").toUpperCase()}` : "";
  return new HttpProblem("not-found", `there is no ${method} ${path}${hint}`);
}

function fits({ path, alias }: Route, asked: string): boolean {
  return [path, alias].some((known) => {
    if (known === undefined) return false;
    const [a, b] = [known.split("/"), asked.split("/")];
    return (
      a.length === b.length && a.every((part, i) => part === b[i] || (part.startsWith("{") && b[i] !== ""))
    );
  });
}
