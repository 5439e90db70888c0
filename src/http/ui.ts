import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import { getMimeType } from "hono/utils/mime";
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

const unzip = promisify(gunzip);

/** Serves the hashed assets, which never change under their name. A text lies there as `.gz` only, a font as it is. */
export function serveAssets(app: Hono<HttpEnv>, { directory }: Ui): void {
  app.get("/assets/:name", async (c, next) => {
    const name = c.req.param("name");
    // Nothing but a file of this folder.
    if (!/^[\w-][\w.-]*$/.test(name)) return next();
    const path = join(directory, "assets", name);
    const zipped = await fileOf(`${path}.gz`);
    const bytes = zipped ?? (await fileOf(path));
    if (bytes === null) return next();
    c.header("content-type", getMimeType(name) ?? "application/octet-stream");
    c.header("cache-control", "public, max-age=31536000, immutable");
    if (zipped === null) return c.body(bytes);
    c.header("vary", "accept-encoding");
    const accepted = accepts(c, { header: "Accept-Encoding", supports: ["gzip"], default: "identity" });
    if (accepted === "identity") return c.body(await unzip(zipped));
    c.header("content-encoding", accepted);
    return c.body(zipped);
  });
}

/** `null` where there is none. */
async function fileOf(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}

/** The page for a person's address: the app's, or that of the API's documentation; `null` for every other request. */
export async function uiPage(c: Context<HttpEnv>, ui: Ui): Promise<Response | null> {
  const { method, path } = c.req;
  if (method !== "GET" && method !== "HEAD") return null;
  const file = pageAt(path);
  if (file === null || !c.req.header("accept")?.includes("text/html")) return null;
  const status = ui.status();
  if (status.is !== "ready") return html(waitingPage(status), 503);
  return html(await readFile(join(ui.directory, file), "utf8"), 200);
}

function pageAt(path: string): string | null {
  if (path === "/api/docs") return "api-docs.html";
  return /^\/(?:api|assets)(?:\/|$)/.test(path) ? null : "index.html";
}

function html(text: string, status: number): Response {
  return new Response(text, {
    status,
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" },
  });
}
