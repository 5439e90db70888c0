import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import type { Context, Hono, MiddlewareHandler } from "hono";
import type { HttpEnv } from "./app.ts";
import { waitingPage } from "./ui-waiting.ts";

/** The web UI as files. `status` says whether they are there; while they are not, a page says why. */
export type Ui = {
  readonly directory: string;
  status(): UiStatus;
};

export type UiStatus =
  | { readonly is: "ready" }
  | { readonly is: "building" }
  /** `why` is shown as it is; it must not hold secrets. */
  | { readonly is: "missing"; readonly why: string };

/** Scripts, fonts and workers of this origin only; inline styles because React Flow and the editor set them. */
export const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", "data:"],
  workerSrc: ["'self'"],
  fontSrc: ["'self'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

/** Serves the hashed assets: they never change under their name, and lie beside their compressed forms. */
export function serveAssets(app: Hono<HttpEnv>, { directory }: Ui): void {
  let files: MiddlewareHandler<HttpEnv> | null = null;
  app.use("/assets/*", async (c, next) => {
    // Made when it is needed: it complains about a folder that is not built yet.
    files ??= serveStatic<HttpEnv>({ root: directory, precompressed: true });
    const response = await files(c, next);
    // Its own `onFound` comes too late for a header.
    if (response?.ok) response.headers.set("cache-control", "public, max-age=31536000, immutable");
    return response;
  });
}

/** The app's page for a person's address of any of its routes; `null` for every other request. */
export async function uiPage(c: Context<HttpEnv>, ui: Ui): Promise<Response | null> {
  const { method, path } = c.req;
  if (method !== "GET" && method !== "HEAD") return null;
  if (/^\/(?:api|assets)(?:\/|$)/.test(path) || !c.req.header("accept")?.includes("text/html")) return null;
  const status = ui.status();
  if (status.is !== "ready") return html(waitingPage(status), 503);
  return html(await readFile(join(ui.directory, "index.html"), "utf8"), 200);
}

function html(text: string, status: number): Response {
  return new Response(text, {
    status,
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" },
  });
}
