import { CliError, EXIT } from "./errors.ts";
import type { Session } from "./session.ts";

/** Asks a person for one line; who leaves at the question has done nothing. */
export async function askLine({ deps, signal }: Session, question: string): Promise<string> {
  const answer = await deps.terminal.stdin.ask(question, signal).catch((cause: unknown) => {
    // Ctrl-C at the question: the terminal hands it over, and sends no signal.
    throw new CliError(EXIT.interrupted, "nothing was done", null, { cause });
  });
  return answer.trim();
}

/** Asks until the answer is one that is allowed; none is the default. */
export async function askFor(
  session: Session,
  question: string,
  {
    fallback,
    pattern,
    allowed,
  }: { readonly fallback: string; readonly pattern: RegExp; readonly allowed: string },
): Promise<string> {
  for (;;) {
    const answer = (await askLine(session, `${question} [${fallback}] `)) || fallback;
    if (pattern.test(answer)) return answer;
    session.err.output.write(`  ${allowed}\n`);
  }
}
