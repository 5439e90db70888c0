import { isTerminal } from "./run.ts";
import type { Turn } from "./turn.ts";

/** True when the step that started this run waits for it no more: then the run is over. */
export function endIfForsaken(turn: Turn): boolean {
  const { id: runId, calledBy } = turn.run;
  if (calledBy === null || isTerminal(turn.run)) return false;
  if (turn.ask({ ask: "caller", key: "caller", calledBy, runId }).waits) return false;
  turn.emit({
    type: "run.cancelled",
    reason: `run ${calledBy.runId}, which started it, does not wait for it any more`,
  });
  return true;
}
