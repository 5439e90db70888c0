import { Hono } from "hono";
import { createSchemas } from "../../../src/adapters/json-schema/schemas.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import type { HttpEnv } from "../../../src/http/app.ts";
import { routeList } from "../../../src/http/contract.ts";
import { type Served, serveHttp } from "../../../src/http/serve.ts";
import { serveAssets, uiPage } from "../../../src/http/ui.ts";

/** What a Station once answered, with the time at which it did. */
export type Recorded = {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The ids of what it is about, by what a test calls it. */
  readonly ids: Readonly<Record<string, string>>;
  /** By `keyOf` of the address: what was answered, or the text of a stream as far as it had come. */
  readonly answers: ReadonlyMap<string, JsonValue>;
};

/** An address as it is recorded: without the host, and without the moment a span of time began. */
export function keyOf(address: string): string {
  const { pathname, searchParams } = new URL(address);
  searchParams.delete("startedAfter");
  searchParams.sort();
  return searchParams.size > 0 ? `${pathname}?${searchParams}` : pathname;
}

/** A line per answer, so that a change of them can be read. */
export function textOf({ at, ids, answers }: Recorded): string {
  const sorted = [...answers].sort(([a], [b]) => (a < b ? -1 : 1));
  return [{ at, ids }, ...sorted].map((line) => `${JSON.stringify(line)}\n`).join("");
}

export function recordedFrom(text: string): Recorded {
  const [scene, ...answers] = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  return {
    ...(scene as Pick<Recorded, "at" | "ids">),
    answers: new Map(answers as [string, JsonValue][]),
  };
}

/** Serves the built pages and says again what was recorded: the same at every time and on every machine. */
export async function replay(
  directory: string,
  { at, answers }: Recorded,
): Promise<
  Served & {
    /** What was asked for and never recorded. */
    readonly unknown: Set<string>;
  }
> {
  const unknown = new Set<string>();
  const app = new Hono<HttpEnv>();
  const ui = { directory, status: () => ({ is: "ready" }) as const };
  serveAssets(app, ui);
  // The clock of the server is of then, too.
  app.use("/api/*", async (c, next) => {
    await next();
    c.header("date", new Date(at).toUTCString());
  });
  app.get("/api/v1/stream", (c) => streamOf("", c.req.raw.signal));
  app.get("/api/*", (c) => {
    const key = keyOf(c.req.url);
    const answer = answers.get(key);
    if (answer === undefined) {
      unknown.add(key);
      return c.json({ title: "nobody recorded this", status: 404, code: "not-found" }, 404);
    }
    return typeof answer === "string" ? streamOf(answer, c.req.raw.signal) : c.json(answer as JsonObject);
  });
  app.notFound(async (c) => (await uiPage(c, ui)) ?? c.text("", 404));
  const served = await serveHttp({ app, port: 0, host: "127.0.0.1", graceMs: 0 });
  return { ...served, unknown };
}

/** A stream that says this and stays open. */
function streamOf(text: string, signal: AbortSignal): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(`: recorded\n\n${text}`));
      signal.addEventListener("abort", () => controller.close(), { once: true });
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** What of the recorded answers is no longer what the routes promise. */
export function brokenPromises({ answers }: Recorded): readonly string[] {
  const schemas = createSchemas();
  return [...answers].flatMap(([key, answer]) => {
    const [path = ""] = key.split("?");
    const [name, route] =
      routeList.find(
        ([, { method, path: pattern }]) =>
          method === "get" && new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
      ) ?? [];
    if (!route) return [`${key}: there is no such route`];
    const [, schema] = route.ok;
    if (typeof answer === "string" || schema === null) return [];
    const { valid, ...rest } = schemas.validate(schema as unknown as JsonObject, answer);
    return valid ? [] : [`${key} is not what ${name} answers: ${JSON.stringify(rest)}`];
  });
}
