import type { Definition } from "../../core/definition/types.ts";
import { blockAt, stateIn } from "../../core/run/blocks.ts";
import { isTerminalEvent, type Recorded, type RunEvent } from "../../core/run/events.ts";
import { begin, evolve } from "../../core/run/evolve.ts";
import { type BranchPath, parentOf, type StepId } from "../../core/run/ids.ts";
import type { Outcome, Run, StepError } from "../../core/run/run.ts";
import { recordedOf } from "../../core/view/fact.ts";
import { itemTitle } from "../../core/view/item-title.ts";
import type { RunEventItem } from "../../http/schemas/runs.ts";

/** A run as it is followed: the core's fold over its events, and what people want to know that the fold forgets. */
export type RunView = {
  readonly definition: Definition;
  readonly seq: number;
  /** `null` until the first event. */
  readonly run: Run | null;
  /** When the run ended. */
  readonly endedAt: number | null;
  readonly simulated: ReadonlySet<StepId>;
  /** Why a step's earlier attempt failed. */
  readonly earlierErrors: Readonly<Record<StepId, StepError>>;
  readonly exits: Readonly<Record<StepId, Exit>>;
  /** The branches of each container step, by the step. */
  readonly tallies: Readonly<Record<StepId, Tally>>;
};

export type Exit = Pick<Extract<RunEvent, { type: "state.exited" }>, "next" | "error" | "condition">;

/** How a container's branches are doing. */
export type Tally = {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Of a long list only those that are open. */
  readonly branches: readonly ShownBranch[];
  /** The first few that failed, of a long list. */
  readonly failures: readonly { readonly title: string; readonly message: string }[];
};

export type ShownBranch = {
  readonly path: BranchPath;
  readonly title: string;
  readonly openedAt: number;
  readonly closed: { readonly at: number; readonly status: Outcome["status"] } | null;
};

/** A foreach with more items than this is shown by its counts, its failures and some of what runs. */
export const LONG_LIST = 8;
/** Of a long list, so many failures are named. */
const MAX_FAILURES = 5;

export function viewOf(definition: Definition): RunView {
  return {
    definition,
    seq: 0,
    run: null,
    endedAt: null,
    simulated: new Set(),
    earlierErrors: {},
    exits: {},
    tallies: {},
  };
}

/** Takes one event in. One that was taken before changes nothing, so a stream may repeat itself. */
export function follow(view: RunView, item: RunEventItem): RunView {
  if (item.seq <= view.seq) return view;
  const recorded = recordedOf(item);
  const run = folded(view, recorded);
  return noted({ ...view, run, seq: item.seq }, view.run, recorded);
}

function folded(view: RunView, recorded: Recorded): Run | null {
  const { event } = recorded;
  if (event.type === "run.created") return begin(view.definition, { ...recorded, event });
  // A newer server may know events this client does not.
  return view.run && (evolve(view.run, recorded) ?? view.run);
}

function noted(view: RunView, before: Run | null, { at, event }: Recorded): RunView {
  if (isTerminalEvent(event)) return { ...view, endedAt: at };
  switch (event.type) {
    case "step.succeeded":
      return event.simulated ? { ...view, simulated: new Set([...view.simulated, event.stepId]) } : view;
    case "step.failed":
    case "step.timed_out":
      if (event.retryAt === undefined) return view;
      return { ...view, earlierErrors: { ...view.earlierErrors, [event.stepId]: event.error } };
    case "state.exited": {
      const { next, error, condition } = event;
      const exit = { next, ...(error && { error }), ...(condition !== undefined && { condition }) };
      return { ...view, exits: { ...view.exits, [event.stepId]: exit } };
    }
    case "state.entered":
      if (event.waiting !== "children") return view;
      return tallied(view, event.stepId, emptyTally(view, event));
    case "branch.opened":
      return opened(view, event, at);
    case "branch.closed":
      return closed(view, before, event, at);
    case "children.cancelled":
      return cancelled(view, event, at);
    default:
      return view;
  }
}

function emptyTally(view: RunView, event: Extract<RunEvent, { type: "state.entered" }>): Tally {
  const state = stateIn(blockAt(view.definition, event.branch), event.state, event.branch);
  const { items } = (event.input ?? {}) as { items?: number };
  const total = items ?? (state.type === "parallel" ? state.branches.length : 0);
  return { total, succeeded: 0, failed: 0, branches: [], failures: [] };
}

function opened(view: RunView, event: Extract<RunEvent, { type: "branch.opened" }>, at: number): RunView {
  const step = containerOf(view.run, event.branch);
  const tally = step && view.tallies[step];
  if (!step || !tally) return view;
  const branch = { path: event.branch, title: itemTitle(event), openedAt: at, closed: null };
  return tallied(view, step, { ...tally, branches: [...tally.branches, branch] });
}

function closed(
  view: RunView,
  before: Run | null,
  event: Extract<RunEvent, { type: "branch.closed" }>,
  at: number,
): RunView {
  const step = containerOf(before, event.branch);
  const tally = step && view.tallies[step];
  if (!step || !tally) return view;
  const { outcome, branch: path } = event;
  const counted = {
    ...tally,
    succeeded: tally.succeeded + (outcome.status === "SUCCEEDED" ? 1 : 0),
    failed: tally.failed + (outcome.status === "FAILED" ? 1 : 0),
  };
  if (tally.total <= LONG_LIST)
    return tallied(view, step, {
      ...counted,
      branches: tally.branches.map((branch) =>
        branch.path === path ? { ...branch, closed: { at, status: outcome.status } } : branch,
      ),
    });
  const title = tally.branches.find((branch) => branch.path === path)?.title ?? "";
  const isNamed = outcome.status === "FAILED" && tally.failures.length < MAX_FAILURES;
  const failures = isNamed ? [...tally.failures, { title, message: outcome.error.message }] : tally.failures;
  const branches = tally.branches.filter((branch) => branch.path !== path);
  // What is no longer shown is dropped, so that the ten-thousandth item costs no more than the first.
  return forgotten(tallied(view, step, { ...counted, branches, failures }), path);
}

function cancelled(
  view: RunView,
  event: Extract<RunEvent, { type: "children.cancelled" }>,
  at: number,
): RunView {
  const position = view.run?.branches[event.branch]?.position;
  if (position?.at !== "in") return view;
  const tally = view.tallies[position.stepId];
  if (!tally) return view;
  const branches = tally.branches.map((branch) => ({
    ...branch,
    closed: branch.closed ?? ({ at, status: "CANCELLED" } as const),
  }));
  return tallied(view, position.stepId, { ...tally, branches });
}

function tallied(view: RunView, step: StepId, tally: Tally): RunView {
  return { ...view, tallies: { ...view.tallies, [step]: tally } };
}

/** The step of the container state that opened a branch. */
function containerOf(run: Run | null, path: BranchPath): StepId | null {
  const parent = parentOf(path);
  const position = parent === null ? undefined : run?.branches[parent]?.position;
  return position?.at === "in" ? position.stepId : null;
}

function forgotten(view: RunView, path: BranchPath): RunView {
  const { run } = view;
  if (!run) return view;
  const isBelow = (branch: string) => branch === path || branch.startsWith(`${path}/`);
  const gone = new Set(
    Object.values(run.steps)
      .filter(({ branch }) => isBelow(branch))
      .map(({ id }) => id),
  );
  const kept = <Value>(record: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !gone.has(key as StepId)));
  return {
    ...view,
    run: {
      ...run,
      steps: kept(run.steps),
      branches: Object.fromEntries(Object.entries(run.branches).filter(([key]) => !isBelow(key))),
    },
    simulated: new Set([...view.simulated].filter((id) => !gone.has(id))),
    earlierErrors: kept(view.earlierErrors),
    exits: kept(view.exits),
    tallies: kept(view.tallies),
  };
}
