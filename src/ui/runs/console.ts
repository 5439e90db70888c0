import { contextOf } from "../../core/run/context.ts";
import { ROOT } from "../../core/run/ids.ts";
import { isTerminal, statusOf } from "../../core/run/run.ts";
import { isoTime } from "../../core/time.ts";
import type { History } from "./model/history.ts";

/**
 * For the browser's console: what this page folds its events to. `stationRunAt(17)` must equal the server's
 * `GET …?at=17`; a bug report says where the two part.
 */
export function offerToConsole(history: History): () => void {
  const offered = {
    stationRunAt: (n: number) => runAt(history, n),
    stationSeqs: () => history.events.map(({ seq }) => seq),
  };
  Object.assign(globalThis, offered);
  return () => {
    for (const name of Object.keys(offered)) Reflect.deleteProperty(globalThis, name);
  };
}

function runAt(history: History, n: number) {
  const run = history.at(n);
  if (!run) return null;
  const { lifecycle } = run;
  return {
    seq: n,
    status: statusOf(run),
    context: run.branches[ROOT] ? contextOf(run, ROOT) : run.input,
    output: lifecycle.status === "COMPLETED" ? lifecycle.output : null,
    error: "error" in lifecycle ? lifecycle.error : null,
    reason: "reason" in lifecycle ? lifecycle.reason : null,
    currentStates: Object.values(run.branches).flatMap(({ path, position }) =>
      position.at === "closed" ? [] : [{ branch: path, state: position.state }],
    ),
    simulated: run.simulated,
    startedAt: run.startedAt === null ? null : isoTime(run.startedAt),
    finishedAt: isTerminal(run) ? isoTime(history.timeAt(n)) : null,
  };
}
