import type { Command } from "commander";
import { action, type Cli } from "../action.ts";
import { confirm } from "../confirm.ts";
import { EXIT, type ExitCode } from "../errors.ts";
import { resolveRun } from "../ids.ts";
import { printDone } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";

type Why = { readonly reason: string };

/** `runs hold|release|purge`: what becomes of a run that has ended. */
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
  runs
    .command("purge <id>")
    .summary("take its values out for good; its trail stays")
    .description(
      "Input, context, outputs, comments and transcripts of a finished run are deleted; who did what and when stays, " +
        "and can be verified as before. Backups and archives keep what they have.",
    )
    .requiredOption("-m, --reason <text>", "why")
    .option("--yes", "without being asked")
    .action(
      action<Why & { readonly yes?: true }>(cli, async (session, { reason, yes }, id) => {
        const runId = await resolveRun(session, requiredArgument(id));
        if (!yes) await confirm(session, `take all values of ${runId} out for good?`);
        return change(session, "purgeRun", reason, runId);
      }),
    );
}

const DONE = { holdRun: "held", releaseRun: "released", purgeRun: "purged" } as const;

async function change(
  session: Session,
  how: keyof typeof DONE,
  reason: string,
  given: string | undefined,
): Promise<ExitCode> {
  const runId = await resolveRun(session, requiredArgument(given));
  await session.client[how]({ params: { runId }, body: { reason }, signal: session.signal });
  const word = DONE[how];
  printDone(
    session,
    { runId, [word]: true },
    { id: () => runId, row: [runId, word], sentence: `${runId} is ${word}` },
  );
  return EXIT.ok;
}
