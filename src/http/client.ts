import { errorOf, isOf, wholeText } from "./client/errors.ts";
import { type ClientOptions, type Outgoing, sender } from "./client/send.ts";
import { type StreamOptions, streamEvents } from "./client/stream.ts";
import { type Answer, type Asked, type RouteName, type Routes, routeList } from "./contract.ts";
import type { Route } from "./routes/route.ts";
import type { RunEventItem } from "./schemas/runs.ts";

/** A method per route of the table, named as in the table; each answers the body of a successful reply. */
export type Client = {
  readonly [Name in Exclude<
    RouteName,
    "streamEvents" | "streamNotices" | "downloadBackup" | "exportEvidence"
  >]: Record<never, never> extends Asked<Routes[Name]>
    ? (asked?: Asked<Routes[Name]>) => Promise<Answer<Routes[Name]>>
    : (asked: Asked<Routes[Name]>) => Promise<Answer<Routes[Name]>>;
} & {
  /** A run's events behind `after` until its end, once each and in order, also when the connection breaks. */
  stream(runId: string, options?: StreamOptions): AsyncGenerator<RunEventItem, void, undefined>;
  /** The database file, whose bytes are still to be read. */
  downloadBackup(asked?: { readonly signal?: AbortSignal }): Promise<Response>;
  /** A run's evidence, whose bytes are still to be read. */
  exportEvidence(asked: Asked<Routes["exportEvidence"]>): Promise<Response>;
};

/** Talks to Station. Rejects with `ApiError` when it refuses and with `Unreachable` when there is no answer. */
export function createClient(options: ClientOptions): Client {
  const send = sender(options);
  const methods = routeList.map(([name, route]) => [
    name,
    async (asked: Loose = {}) => {
      const response = await send(requestFor(route, asked));
      if (!response.ok) throw await errorOf(response);
      if (response.status === 204) return null;
      const { media = "application/json" } = route;
      if (!isOf(response, media)) throw await errorOf(response);
      if (media === "application/vnd.sqlite3" || media === "application/zip") return response;
      const text = await wholeText(response);
      return media === "text/plain" ? text : JSON.parse(text);
    },
  ]);
  const stream: Client["stream"] = (runId, streaming = {}) => streamEvents(send, runId, streaming);
  return { ...Object.fromEntries(methods), stream } as Client;
}

type Loose = {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
};

function requestFor(route: Route, asked: Loose): Outgoing {
  const { method } = route;
  const headers: Record<string, string> = { accept: "application/json", ...asked.headers };
  if (method === "post") headers["idempotency-key"] = asked.idempotencyKey ?? crypto.randomUUID();
  if (asked.body !== undefined) headers["content-type"] = "application/json";
  return {
    method: method.toUpperCase(),
    target: targetOf(route.path, asked.params, asked.query),
    headers,
    ...(asked.body !== undefined && { body: JSON.stringify(asked.body) }),
    ...(asked.signal && { signal: asked.signal }),
  };
}

function targetOf(path: string, params: Loose["params"] = {}, query: Loose["query"] = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value]
      .flat()
      .filter((one) => one !== undefined)
      .map((one): [string, string] => [name, String(one)]),
  );
  return pairs.length === 0 ? filled : `${filled}?${new URLSearchParams(pairs)}`;
}
