import type { Refusal } from "../core/run/commands.ts";
import { NewerData, QueueUnavailable, StoreUnavailable } from "../engine/errors.ts";
import { ProviderUnavailable } from "../engine/ports/identity-provider.ts";
import { type Fault, type Problem, type ProblemKind, problemKinds } from "./schemas/problem.ts";

type Details = {
  readonly errors?: readonly Fault[];
  /** Further fields of the body. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
};

/** Something that ends a request with a problem. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly kind: ProblemKind;
  readonly details: Details;

  constructor(kind: ProblemKind, detail: string, details: Details = {}) {
    super(detail, { cause: details.cause });
    this.kind = kind;
    this.details = details;
  }
}

/** There is no such thing, or the caller may not know of it. */
export function notFound(what: string): HttpProblem {
  return new HttpProblem("not-found", `${what} not found`);
}

/** What the core's refusal of a command means for the caller. */
export function refused(refusal: Refusal, extra: Details["extra"] = {}): HttpProblem {
  const { code, message } = refusal;
  if (code === "reason-required") {
    const errors = [{ pointer: "/comment", message, hint: "send a comment" }];
    return new HttpProblem(code, message, { errors, extra });
  }
  const who = "approvers" in refusal ? { approvers: refusal.approvers } : {};
  const holder = "holder" in refusal ? { runId: refusal.holder } : {};
  return new HttpProblem(code, message, { extra: { ...who, ...holder, ...extra } });
}

/** What an answer calls a kind of problem. */
export function codeOf(kind: ProblemKind): string {
  const meaning = problemKinds[kind];
  return "code" in meaning ? meaning.code : kind;
}

const RETRY_AFTER = { "retry-after": "5" };

/** Every error as a problem: the world that is away, what a request did wrong, and our own mistakes. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof StoreUnavailable)
    return new HttpProblem(
      "unavailable",
      "the store cannot be reached; if this request was to change something, nobody knows whether it did",
      { extra: { part: "store" }, headers: RETRY_AFTER, cause: error },
    );
  if (error instanceof NewerData)
    return new HttpProblem("unavailable", error.message, {
      extra: { part: "store" },
      headers: RETRY_AFTER,
      cause: error,
    });
  if (error instanceof ProviderUnavailable)
    return new HttpProblem("unavailable", error.message, {
      extra: { part: "identity-provider" },
      headers: RETRY_AFTER,
      cause: error,
    });
  if (error instanceof QueueUnavailable)
    return new HttpProblem("unavailable", "the queue cannot be reached; what was stored is not lost", {
      extra: { part: "queue" },
      headers: RETRY_AFTER,
      cause: error,
    });
  return new HttpProblem(
    "internal",
    "this is a mistake in Station; the log has more under this request's id",
    {
      cause: error,
    },
  );
}

/** The answer to a request that ended with a problem (RFC 9457). */
export function problemResponse(
  problem: HttpProblem,
  request: { readonly requestId: string; readonly traceparent: string | undefined },
): Response {
  const { kind, details } = problem;
  const meaning = problemKinds[kind];
  const code = codeOf(kind);
  const traceId = traceIdOf(request.traceparent);
  const body: Problem = {
    ...details.extra,
    type: `/problems/${code}`,
    title: meaning.title,
    status: meaning.status,
    detail: problem.message,
    instance: `urn:request:${request.requestId}`,
    code,
    ...(details.errors && { errors: [...details.errors] }),
    ...(traceId !== null && { traceId }),
  };
  return new Response(JSON.stringify(body), {
    status: meaning.status,
    headers: { ...details.headers, "content-type": "application/problem+json" },
  });
}

function traceIdOf(traceparent: string | undefined): string | null {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent ?? "")?.[1] ?? null;
}
