import type { RunStatus } from "../../core/run/run.ts";
import type { Run, RunEventItem } from "../../http/schemas/runs.ts";
import { CliError, EXIT, type ExitCode } from "../errors.ts";
import { type Display, eventLines, liveTree, silent } from "../follow/display.ts";
import { followRun } from "../follow/follow-run.ts";
import { jsonLine } from "../output/print.ts";
import type { Session } from "../session.ts";
import { STATUS } from "../terminal/status.ts";
import { oneLine } from "../terminal/text.ts";
import { duration } from "../terminal/time.ts";

/**
 * Follows a run to its end: with a tree or lines for people, as NDJSON for programs, or in silence. When the person
 * has seen enough the run goes on, and they are told how to look again.
 */
export async function watchRun(session: Session, run: Run, how: "follow" | "wait"): Promise<ExitCode> {
  const { signal, deps } = session;
  const isData = how === "follow" && session.format !== "table" && session.format !== "id";
  const write = (item: RunEventItem) => session.write(jsonLine(item));
  const display = isData || how === "wait" ? silentDisplay(session) : await shown(session, run);
  const tellItGoesOn = () =>
    session.err.output.write(
      session.err.look.typeset(
        `run ${run.runId} goes on – look again: stn runs show ${run.runId} --follow\n`,
      ),
    );
  const following = followRun(session.client, run, display, signal, isData ? write : undefined);
  const { view, isOver } = await following.catch((error: unknown) => {
    if (run.finishedAt === null) tellItGoesOn();
    throw error;
  });
  if (!isOver) {
    if (!deps.interrupt.aborted)
      throw new CliError(EXIT.unreachable, "the server ended the stream before the run ended");
    tellItGoesOn();
    return EXIT.interrupted;
  }
  const finished = await session.client.getRun({ params: { runId: run.runId }, signal });
  if (how === "wait") {
    const took = duration((view.endedAt ?? deps.now()) - Date.parse(run.createdAt));
    const why = finished.error?.message ?? finished.reason;
    const simulated = finished.simulated ? " – simulated: no model was called" : "";
    session.say(
      ` ${STATUS[finished.status].word} after ${took}${why ? `: ${oneLine(why)}` : ""}${simulated}`,
      session.err.look.glyph(finished.status),
    );
  }
  return exitCodeOfRun(finished);
}

/** Follows a run that this command has started. */
export function followStarted(session: Session, run: Run): Promise<ExitCode> {
  const { format, out } = session;
  // The tree names the run; whoever reads stdout wants to know it too.
  if (format === "id" || (format === "table" && !out.output.isTty)) session.write(`${run.runId}\n`);
  return watchRun(session, run, "follow");
}

/** How a run ended. */
type Ended = { readonly status: RunStatus; readonly error: { readonly type: string } | null };

/** What the end of a run means for whoever waited for it. */
export function exitCodeOfRun({ status, error }: Ended): ExitCode {
  switch (status) {
    case "FAILED":
      return error?.type === "rejected" ? EXIT.approvalRejected : EXIT.runFailed;
    case "CANCELLED":
      return EXIT.runCancelled;
    case "TIMED_OUT":
      return EXIT.runTimedOut;
    case "PENDING":
    case "RUNNING":
    case "PAUSED":
    case "WAITING_APPROVAL":
    case "WAITING_SIGNAL":
    case "COMPLETED":
      return EXIT.ok;
  }
}

async function shown(session: Session, run: Run): Promise<Display> {
  const { err, deps } = session;
  if (session.isQuiet) return silentDisplay(session);
  const options = { output: err.output, look: err.look, now: deps.now };
  if (!err.output.isTty) return eventLines({ ...options, address: "" });
  return liveTree({ ...options, address: await session.addressOf(run.runId) });
}

function silentDisplay({ err, deps }: Session): Display {
  return silent({ output: err.output, look: err.look, address: "", now: deps.now });
}
