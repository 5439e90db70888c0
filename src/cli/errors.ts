import { ApiError, isFromElsewhere, Unreachable } from "../http/client/errors.ts";

/** What the command line's exit codes mean; scripts rely on them. */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  findings: 3,
  authentication: 4,
  notFound: 5,
  conflict: 6,
  unreachable: 7,
  runFailed: 10,
  runCancelled: 11,
  runTimedOut: 12,
  approvalRejected: 13,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something a command cannot do, said once to the person; `hint` is what to do about it. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: ExitCode;
  readonly hint: string | null;

  constructor(code: ExitCode, message: string, hint: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }
}

/** A command that was called the wrong way. */
export function usage(message: string, hint: string | null = null): CliError {
  return new CliError(EXIT.usage, message, hint);
}

/** What an error means for the caller of the program. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.code;
  if (error instanceof Unreachable) return EXIT.unreachable;
  if (error instanceof ApiError) return exitCodeOfProblem(error);
  return EXIT.error;
}

function exitCodeOfProblem(error: ApiError): ExitCode {
  const { status, code } = error;
  // Not that something is missing, or was decided before: Station said nothing.
  if (isFromElsewhere(error)) return EXIT.unreachable;
  if (code === "validation" || code === "workflow-invalid") return EXIT.findings;
  switch (status) {
    case 401:
    case 403:
      return EXIT.authentication;
    case 404:
      return EXIT.notFound;
    case 409:
    case 410:
    case 412:
      return EXIT.conflict;
    case 503:
      return EXIT.unreachable;
    default:
      return EXIT.error;
  }
}
