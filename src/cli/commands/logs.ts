import type { Command } from "commander";
import { pause } from "../../engine/pause.ts";
import type { AgentRun, AgentRunSummary } from "../../http/schemas/agent-runs.ts";
import { action, type Cli } from "../action.ts";
import { CliError, EXIT, type ExitCode } from "../errors.ts";
import { GrowingText } from "../follow/growing-text.ts";
import { listen, type Said } from "../follow/listen.ts";
import { resolveRun } from "../ids.ts";
import { jsonLine } from "../output/print.ts";
import { requiredArgument, type Session } from "../session.ts";
import { isOver, transcriptLines, wordsLine } from "../transcript.ts";

type Options = { readonly follow?: true };

/** How often a transcript is read again while it is followed, if nobody says that it has grown. */
const LOOK_EVERY_MS = 2000;

/** `logs`: what the agents of a run were told, said and did. */
export function addLogsCommand(program: Command, cli: Cli): void {
  program
    .command("logs <run> [step]")
    .helpGroup("Operate:")
    .summary("show what a run's agents were told, said and did")
    .option("-f, --follow", "go on until the run ends, word by word")
    .action(action<Options>(cli, logs));
}

async function logs(session: Session, { follow }: Options, given?: string, step?: string): Promise<ExitCode> {
  const { client, signal } = session;
  const runId = await resolveRun(session, requiredArgument(given));
  const stepIds = step === undefined ? null : await stepsNamed(session, runId, step);
  const growing = new GrowingText((text) => session.write(text));
  const written = new Map<string, Written>();
  const ear = follow && session.format === "table" ? listen(session, runId) : null;
  try {
    for (;;) {
      const { finishedAt, purgedAt } = await client.getRun({ params: { runId }, signal });
      const { items } = await client.listAgentRuns({ params: { runId }, signal });
      const wanted = items.filter(({ stepId }) => stepIds === null || stepIds.has(stepId));
      const isLast = !follow || finishedAt !== null;
      for (const item of wanted) await writeNew(session, item, { written, growing, isLast });
      if (isLast) {
        growing.end();
        if (written.size === 0)
          session.say(
            purgedAt === null
              ? "no agent of this run has kept a transcript"
              : `what the agents of this run were told, said and did was purged at ${purgedAt}`,
          );
        return EXIT.ok;
      }
      if (ear === null) await pause(LOOK_EVERY_MS, signal);
      else await ear.untilGrown((said) => writeWords(session, said, written, growing), LOOK_EVERY_MS);
      if (signal.aborted) return EXIT.interrupted;
    }
  } finally {
    await ear?.stop();
  }
}

/** How far a transcript was written. */
type Written = { readonly run: AgentRun; readonly lines: number };

/** What was written so far; `isLast`: nobody looks again. */
type So = {
  readonly written: Map<string, Written>;
  readonly growing: GrowingText;
  readonly isLast: boolean;
};

/** Writes what was added to a transcript since the last look. */
async function writeNew(
  session: Session,
  { agentRunId }: AgentRunSummary,
  { written, growing, isLast }: So,
): Promise<void> {
  const { client, signal, format, out } = session;
  const known = written.get(agentRunId);
  if (known && isOver(known.run)) return;
  const run: AgentRun = await client.getAgentRun({ params: { agentRunId }, signal });
  if (format !== "table") {
    // For programs a transcript is one object: it is written when it is whole, or nobody waits for more.
    if (!isOver(run) && !isLast) return;
    session.write(format === "id" ? `${agentRunId}\n` : jsonLine(run));
    written.set(agentRunId, { run, lines: 1 });
    return;
  }
  const lines = transcriptLines(run, out.look);
  for (const line of lines.slice(known?.lines ?? 0)) growing.write(agentRunId, line, true);
  written.set(agentRunId, { run, lines: lines.length });
}

/** Writes the words of a turn under way, where everything before it is written. */
function writeWords(
  { out }: Session,
  { agentRunId, seq, text }: Said,
  written: ReadonlyMap<string, Written>,
  growing: GrowingText,
): void {
  const known = written.get(agentRunId);
  if (!known || known.run.turns.length !== seq - 1) return;
  const line = wordsLine(known.run, text, out.look);
  if (line !== null) growing.write(agentRunId, line, false);
}

/** A step may be named by its id or by its state. */
async function stepsNamed(session: Session, runId: string, name: string): Promise<ReadonlySet<string>> {
  const { items } = await session.client.listSteps({ params: { runId }, signal: session.signal });
  const ids = items
    .filter(({ stepId, state }) => stepId === name || state === name)
    .map(({ stepId }) => stepId);
  if (ids.length > 0) return new Set(ids);
  const names = [...new Set(items.map(({ state }) => state))].join(", ");
  throw new CliError(EXIT.notFound, `run ${runId} has no step "${name}"`, `there are: ${names}`);
}
