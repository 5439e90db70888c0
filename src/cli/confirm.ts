import { askLine } from "./ask.ts";
import { usage } from "./errors.ts";
import type { Session } from "./session.ts";

/** What cannot be undone is asked about; where nobody can be asked, `--yes` must say so. */
export async function confirm(session: Session, question: string): Promise<void> {
  if (!session.canAsk) throw usage(`${question} nobody is here to say so`, "--yes says so");
  const answer = await askLine(session, `${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer)) throw usage("nothing was done");
}
