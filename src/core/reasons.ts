/** An error and everything it was caused by, in one line. */
export function reasonsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause === undefined) return error.message;
  const cause = reasonsOf(error.cause);
  const [own, deeper] = [error.message, error.cause instanceof Error ? error.cause.message : cause];
  return own.endsWith(deeper) ? own.slice(0, -deeper.length) + cause : `${own}: ${cause}`;
}
