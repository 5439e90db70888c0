import { begin, fold } from "../core/run/evolve.ts";
import type { RunId } from "../core/run/ids.ts";
import type { Run } from "../core/run/run.ts";
import type { EventView } from "./ports/queries.ts";
import type { Ports } from "./ports.ts";

const PAGE = 1000;

/** A run as it stood right after one of its events. */
export type RunAt = { readonly run: Run; readonly last: EventView };

/** The fold over a run's events up to `seq`; `null` when there is no such run, `latest` when it has not come so far. */
export async function runAt(
  { store }: Pick<Ports, "store">,
  runId: RunId,
  seq: number,
): Promise<RunAt | { readonly latest: number } | null> {
  const [first] = await store.queries.events(runId, 0, 1);
  if (first?.event.type !== "run.created") return null;
  const { id, version, environment } = first.event.workflow;
  const workflow = await store.workflows.get(environment, id, version);
  if (!workflow) throw new Error(`run ${runId}: version ${version} of its workflow "${id}" is gone`);
  let run = begin(workflow.definition, { ...first, event: first.event });
  let last = first;
  while (last.seq < seq) {
    const events = await store.queries.events(runId, last.seq, Math.min(PAGE, seq - last.seq));
    const end = events.at(-1);
    if (!end) return { latest: last.seq };
    run = fold(run, events);
    last = end;
  }
  return { run, last };
}
