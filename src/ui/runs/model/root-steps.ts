import { ROOT } from "../../../core/run/ids.ts";
import type { Run, Step } from "../../../core/run/run.ts";
import type { Source } from "../../../core/run/taken-over.ts";
import type { History } from "./history.ts";

/** A run as what another may take over from it: the steps of its own list of states, in order. */
export function sourceOf(history: History, run: Run): Source {
  const trails = history.index.branches.get(ROOT)?.steps ?? [];
  return {
    runId: run.id,
    steps: trails.flatMap(({ id }): readonly Step[] => (run.steps[id] ? [run.steps[id]] : [])),
  };
}
