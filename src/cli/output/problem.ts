import { reasonsOf } from "../../core/reasons.ts";
import { ApiError, Unreachable } from "../../http/client/errors.ts";
import { CliError } from "../errors.ts";
import type { Look } from "../terminal/look.ts";
import { clean, oneLine, wrap } from "../terminal/text.ts";

export type ProblemOptions = {
  readonly look: Look;
  readonly columns: number;
  /** The server that was asked. */
  readonly url: string;
  /** Show where in the program it came from. */
  readonly verbose: boolean;
};

/** An error as one readable block: what happened, the places it is about, what to do. */
export function describeError(error: unknown, options: ProblemOptions): string {
  if (error instanceof ApiError) return describeProblem(error, options);
  if (error instanceof Unreachable) return describeUnreachable(error, options);
  if (error instanceof CliError) return block(error.message, [], error.hint, options);
  const stack = options.verbose && error instanceof Error ? (error.stack ?? "").split("\n").slice(1) : [];
  return block(reasonsOf(error), stack, options.verbose ? null : "-v shows where it comes from", options);
}

function describeUnreachable(error: Unreachable, options: ProblemOptions): string {
  const reason = reasonOf(error.cause);
  const hint = "start one on this machine: stn dev\nor name another: STATION_URL=https://… (or --url)";
  return block(
    `no Station answers at ${options.url}${reason === null ? "" : ` (${reason})`}`,
    [],
    hint,
    options,
  );
}

/** The innermost cause: `fetch failed` alone helps nobody. */
function reasonOf(cause: unknown): string | null {
  if (!(cause instanceof Error)) return null;
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause.cause;
  const code = "code" in cause ? String(cause.code) : null;
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: "connection refused",
    ENOTFOUND: "no such host",
    ECONNRESET: "connection reset",
    ETIMEDOUT: "timed out",
    UND_ERR_CONNECT_TIMEOUT: "timed out",
    CERT_HAS_EXPIRED: "its certificate has expired",
    DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  };
  const own = code === null ? (inner === undefined ? cause.message : null) : (words[code] ?? code);
  return reasonOf(inner) ?? own;
}

function describeProblem({ problem, status }: ApiError, options: ProblemOptions): string {
  const { look } = options;
  const faults = (problem.errors ?? []).map(({ pointer, message, hint, line, column }) => {
    const place = line === undefined ? pointer : `${pointer} (line ${line}${column ? `:${column}` : ""})`;
    const where = place === "" ? "" : `${look.paint("bold", oneLine(place))}  `;
    return `${where}${oneLine(message)}${hint ? `\n  ${look.paint("dim", oneLine(hint))}` : ""}`;
  });
  const request = options.verbose && problem.instance !== "" ? [look.paint("dim", problem.instance)] : [];
  return block(
    `${problem.detail} ${look.paint("dim", `[${problem.code}]`)}`,
    [...faults, ...request],
    hintFor(problem.code, status),
    options,
  );
}

function hintFor(code: string, status: number): string | null {
  if (status === 401)
    return "set STATION_API_KEY to a key of this server; its admins make one: stn keys create <name> --scope …";
  switch (code) {
    case "workflow-disabled":
      return "let it run again: stn workflow enable <id>";
    case "forbidden":
      return "stn whoami shows who you are to the server, and what you may do";
    case "unexpected-answer":
      return "a proxy, a page to log in or another server is there; name Station's address: STATION_URL=https://… (or --url)";
    case "unavailable":
      return "the server is there, but its database or queue is not; try again in a moment";
    default:
      return null;
  }
}

function block(
  message: string,
  details: readonly string[],
  hint: string | null,
  { look, columns }: ProblemOptions,
): string {
  const [first = "", ...rest] = wrap(clean(message), Math.max(20, columns - 7));
  const lines = [
    `${look.paint(["red", "bold"], "error:")} ${first}`,
    ...rest.map((line) => `       ${line}`),
    ...details.flatMap((detail) => detail.split("\n").map((line) => `  ${line}`)),
    ...(hint === null ? [] : hint.split("\n").map((line) => look.paint("dim", `  ${line}`))),
  ];
  return `${look.typeset(lines.join("\n"))}\n`;
}
