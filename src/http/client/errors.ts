import type { Problem } from "../schemas/problem.ts";

/** Station refused or failed; `problem` says why. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly problem: Problem;
  /** Of a 503 or 429: after how many seconds to try again. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null) {
    super(problem.detail);
    this.problem = problem;
    this.status = problem.status;
    this.code = problem.code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const UNEXPECTED = "unexpected-answer";

/** What somebody else has answered in Station's place and that says nothing about it; a proxy may refuse for it. */
export function isFromElsewhere({ code, status }: ApiError): boolean {
  return code === UNEXPECTED && status !== 401 && status !== 403;
}

/** There was no answer: nobody knows whether the request arrived. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
  readonly code = "unreachable";
}

/** Whether an answer is of the type that Station answers with; a proxy's page about logging in is not. */
export function isOf({ headers }: Response, media: string): boolean {
  return (headers.get("content-type") ?? "").startsWith(media);
}

/** The problem an answer carries; something else in between may have answered in its own way. */
export async function errorOf(response: Response): Promise<ApiError> {
  const text = await wholeText(response);
  const after = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new ApiError(problemIn(response, text), Number.isFinite(after) ? after : null);
}

function problemIn(response: Response, text: string): Problem {
  if (isOf(response, "application/problem+json")) return JSON.parse(text) as Problem;
  const type = response.headers.get("content-type");
  const asked = response.url || "the server";
  const location = response.headers.get("location");
  return {
    type: "about:blank",
    title: response.statusText || "Unexpected answer",
    status: response.status,
    detail:
      location === null
        ? `${asked} answered ${response.status} with ${type ?? "no content type"}, which is not Station's way`
        : `${asked} leads on to ${location}: name the address that it leads to`,
    instance: "",
    code: UNEXPECTED,
  };
}

/** The body's text; an answer that breaks off is none. */
export async function wholeText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new Unreachable(`the answer of ${response.url || "the server"} broke off`, { cause });
  }
}
