import { Type } from "typebox";
import type { Schemas } from "../engine/ports/schemas.ts";
import { decodeBody } from "./decode-body.ts";
import { HttpProblem, notFound } from "./problems.ts";
import type { Route } from "./routes/route.ts";
import type { Fault } from "./schemas/problem.ts";
import { checkedTexts } from "./validate.ts";

/** The parts of a request, checked against its row of the table. */
export type Decoded = {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: unknown;
  readonly body: unknown;
  readonly idempotencyKey: string | null;
};

const NOTHING = Type.Object({});
const MAX_KEY = 255;

/** Reads a request. Throws `HttpProblem` when it is not what the row promises. */
export async function decodeRequest(
  schemas: Schemas,
  route: Route,
  request: Request,
  params: Readonly<Record<string, string>>,
): Promise<Decoded> {
  const url = new URL(request.url);
  const query = queryOf(schemas, route, url);
  const idempotencyKey = request.headers.get("idempotency-key");
  if (idempotencyKey !== null && (idempotencyKey === "" || idempotencyKey.length > MAX_KEY))
    throw new HttpProblem("bad-request", `Idempotency-Key must have 1 to ${MAX_KEY} characters`);
  return {
    params: paramsOf(schemas, route, url, params),
    query,
    headers: headersOf(schemas, route, request.headers),
    body: await decodeBody(schemas, route, request, (query as { environment?: string }).environment),
    idempotencyKey,
  };
}

/** An id that cannot be one names nothing. */
function paramsOf(
  schemas: Schemas,
  route: Route,
  url: URL,
  params: Readonly<Record<string, string>>,
): unknown {
  const texts = Object.fromEntries(Object.entries(params).map(([name, text]) => [name, [text]]));
  const { value, errors } = checkedTexts(schemas, route.params ?? NOTHING, texts, false);
  if (errors.length > 0) throw notFound(url.pathname);
  return value;
}

/** Probes may append what they like to public addresses; elsewhere an unknown parameter is a mistake. */
function queryOf(schemas: Schemas, route: Route, url: URL): unknown {
  const names = new Set(url.searchParams.keys());
  const texts = Object.fromEntries([...names].map((name) => [name, url.searchParams.getAll(name)]));
  const { value, errors } = checkedTexts(schemas, route.query ?? NOTHING, texts, !route.isPublic);
  if (errors.length > 0) throw badRequest("query parameter", "?", errors);
  return value;
}

function headersOf(schemas: Schemas, route: Route, headers: Headers): unknown {
  const wanted = Object.keys(route.headers?.properties ?? {});
  const texts = Object.fromEntries(
    wanted.flatMap((name) => {
      const text = headers.get(name);
      return text === null ? [] : [[name, [text]]];
    }),
  );
  const { value, errors } = checkedTexts(schemas, route.headers ?? NOTHING, texts, false);
  if (errors.length > 0) throw badRequest("header", "", errors);
  return value;
}

function badRequest(what: string, prefix: string, faults: readonly Fault[]): HttpProblem {
  const errors = faults.map((fault) => ({ ...fault, pointer: `${prefix}${fault.pointer.slice(1)}` }));
  const [first] = errors;
  return new HttpProblem("bad-request", `${what} ${first?.pointer}: ${first?.message}`, { errors });
}
