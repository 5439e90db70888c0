import { CliError, EXIT, usage } from "./errors.ts";
import type { Session } from "./session.ts";

/** What cannot be undone is asked about; where nobody can be asked, `--yes` must say so. */
export async function confirm(session: Session, question: string): Promise<void> {
  if (!session.canAsk) throw usage(`${question} nobody is here to say so`, "--yes says so");
  const answer = await session.deps.terminal.stdin
    .ask(`${question} [y/N] `, session.signal)
    .catch((cause: unknown) => {
      // Ctrl-C at the question: the terminal hands it over, and sends no signal.
      throw new CliError(EXIT.interrupted, "nothing was done", null, { cause });
    });
  if (!/^y(es)?$/i.test(answer.trim())) throw usage("nothing was done");
}
