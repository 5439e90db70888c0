import { applyExit, ownAtStart } from "../../core/run/context.ts";
import { type BranchPath, ROOT } from "../../core/run/ids.ts";
import type { Branch, Run, Step } from "../../core/run/run.ts";
import { type Cells, type Query, wide } from "./database.ts";
import { type BranchHead, Cursor, stepFrom } from "./read-rows.ts";
import { STEPS } from "./tables.ts";
import type { Payloads } from "./texts.ts";

const LEFT_STEP = STEPS.columns
  .filter((column) => column !== "run_id")
  .map((column) => (column === "input" || column === "validation" ? `null` : column))
  .join(", ");

/** The steps a branch has left since its version was `?3`, in the order in which they wrote its context. */
const LEFT_STEPS = wide(
  LEFT_STEP,
  `from workflow_run_steps
where run_id = ?1 and branch = ?2 and exit_order > ?3
  and (select version from workflow_run_branches where run_id = ?1 and path = ?2) > ?3
order by exit_order`,
);

/** Asks for what a branch has done since `known`; everything when nothing is known. */
export function leftSteps(runId: string, path: BranchPath, known: Branch | undefined): Query {
  return { ...LEFT_STEPS, args: [runId, path, known?.version ?? 0] };
}

/** A branch as it is, from an earlier state of it and the steps it has left since. */
export function fold(
  known: Branch | null,
  head: BranchHead,
  left: readonly Step[],
  current: Step | null,
  input: Run["input"],
): Branch {
  const start: Branch = known ?? { ...head, ...EMPTY, own: head.path === ROOT ? ownAtStart(input) : {} };
  // Read in another round trip than the head, steps may be there that it does not know of yet.
  const counted = left.filter(({ exit }) => exit !== null && exit.order <= head.version);
  const folded = counted.reduce(applyExit, start);
  const visits = new Map(Object.entries(start.visits));
  for (const { state, visit } of current ? [...counted, current] : counted)
    visits.set(state, Math.max(visits.get(state) ?? 0, visit));
  return { ...folded, ...head, visits: Object.fromEntries(visits) };
}

const EMPTY: Omit<Branch, keyof BranchHead> = {
  own: {},
  whole: [],
  results: {},
  previous: undefined,
  visits: {},
};

/** Steps, of rows without `run_id`. */
export function stepsFrom(rows: readonly Cells[], payloads: Payloads): readonly Step[] {
  return rows.map((row) => stepFrom(new Cursor(row), payloads));
}
