import type { Command } from "commander";
import { action, type Cli } from "../action.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { resolveRun } from "../ids.ts";
import { printDone } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";

type Why = { readonly reason: string };

/** `runs hold|release`: what keeps a run out of every archive. */
export function addHoldCommands(runs: Command, cli: Cli): void {
  runs
    .command("hold <id>")
    .summary("keep it in the database, however old it becomes")
    .requiredOption("-m, --reason <text>", "why")
    .action(action<Why>(cli, (session, { reason }, id) => change(session, "holdRun", reason, id)));
  runs
    .command("release <id>")
    .summary("let it go when its time is over")
    .requiredOption("-m, --reason <text>", "why")
    .action(action<Why>(cli, (session, { reason }, id) => change(session, "releaseRun", reason, id)));
}

async function change(
  session: Session,
  how: "holdRun" | "releaseRun",
  reason: string,
  given: string | undefined,
): Promise<ExitCode> {
  const runId = await resolveRun(session, requiredArgument(given));
  await session.client[how]({ params: { runId }, body: { reason }, signal: session.signal });
  const word = how === "holdRun" ? "held" : "released";
  printDone(
    session,
    { runId, [word]: true },
    { id: () => runId, row: [runId, word], sentence: `${runId} is ${word}` },
  );
  return EXIT.ok;
}
