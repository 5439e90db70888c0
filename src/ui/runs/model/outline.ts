import type { Block, Definition } from "../../../core/definition/types.ts";
import { blockAt } from "../../../core/run/blocks.ts";
import { type BranchPath, lastSegment, ROOT, type StepId } from "../../../core/run/ids.ts";
import { isTerminal, type Run, type Step } from "../../../core/run/run.ts";
import { forecast } from "../../../core/view/forecast.ts";
import type { ShownStatus } from "../../../core/view/status.ts";
import { shownStatusOf } from "../../../core/view/step-status.ts";
import type { History } from "./history.ts";
import type { BranchTrail, StepTrail } from "./index-events.ts";

/** A row of the outline, from top to bottom. */
export type OutlineRow = {
  readonly key: string;
  readonly depth: number;
  readonly title: string;
  readonly status: ShownStatus;
} & (
  | {
      readonly kind: "step";
      readonly step: Step;
      readonly trail: StepTrail;
      readonly group: Group | null;
    }
  /** A branch of several states, or one that has not begun. */
  | { readonly kind: "branch"; readonly branch: BranchTrail; readonly isOpen: boolean }
  /** All items of a long foreach in one line. */
  | { readonly kind: "strip"; readonly stepId: StepId; readonly items: readonly ItemStatus[] }
  /** A state the run may come to, or passed by. */
  | { readonly kind: "ahead"; readonly state: string }
);

/** What a container's row says of its branches. */
export type Group = {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly isOpen: boolean;
  readonly onlyFailed: boolean;
};

export type ItemStatus = { readonly path: BranchPath; readonly title: string; readonly status: ShownStatus };

/** What the person folded, unfolded and filtered; by the key of the row. */
export type Folding = {
  readonly folded: ReadonlySet<string>;
  readonly unfolded: ReadonlySet<string>;
  readonly onlyFailed: ReadonlySet<string>;
};

export const NO_FOLDING: Folding = { folded: new Set(), unfolded: new Set(), onlyFailed: new Set() };

/** A foreach with more items starts as a strip with its failures and what runs. */
const LONG = 50;
const OPEN_SHOWN = 8;

/** The run as of event `n`, as rows: every visit of every state, branches below their container, and what is ahead. */
export function outlineOf(history: History, n: number, folding: Folding): readonly OutlineRow[] {
  const run = history.at(n);
  if (!run) return [];
  const rows: OutlineRow[] = [];
  const root = history.index.branches.get(ROOT);
  if (root) statesOf({ history, run, n, folding, rows }, root, 0);
  const { ahead, notTaken } = forecast(history.definition, run, isTerminal(run));
  const row = (state: string, status: ShownStatus): OutlineRow => ({
    kind: "ahead",
    key: keyOfState(state),
    depth: 0,
    title: state,
    status,
    state,
  });
  for (const state of ahead) rows.push(row(state, "PENDING"));
  for (const state of notTaken) rows.push(row(state, "SKIPPED"));
  return rows;
}

/** The key of a state that has no step yet. */
export function keyOfState(state: string): string {
  return `state:${state}`;
}

/**
 * What deserves to be looked at first: an open question, the first failure, what runs or was cut off when the run ended,
 * the beginning. A question that is `shown` stays while it is open, whatever else is asked: somebody may be answering it.
 */
export function mostTelling(rows: readonly OutlineRow[], shown?: string): OutlineRow | null {
  const last = rows.findLast((row) => row.kind === "step" && !row.group);
  const leaf = (status: ShownStatus) =>
    rows.findLast((row) => row.kind === "step" && !row.group && row.status === status);
  const failed = rows.filter(
    (row) => row.kind === "step" && (row.status === "FAILED" || row.status === "TIMED_OUT"),
  );
  return (
    rows.find(({ key, status }) => key === shown && status === "WAITING_APPROVAL") ??
    leaf("WAITING_APPROVAL") ??
    failed.find((row) => row.kind === "step" && !row.group) ??
    failed[0] ??
    leaf("WAITING_SIGNAL") ??
    leaf("RETRYING") ??
    leaf("RUNNING") ??
    (last?.status === "CANCELLED" ? last : null) ??
    rows[0] ??
    null
  );
}

type Making = {
  readonly history: History;
  readonly run: Run;
  readonly n: number;
  readonly folding: Folding;
  readonly rows: OutlineRow[];
};

function statesOf(making: Making, branch: BranchTrail, depth: number, title?: string): void {
  for (const trail of branch.steps) {
    if (trail.seq > making.n) break;
    const step = making.run.steps[trail.id];
    if (!step) continue;
    const branches = trail.branches.filter(({ seq }) => seq <= making.n);
    const isContainer = trail.type === "parallel" || trail.type === "foreach" || trail.type === "try";
    const group = isContainer ? groupOf(making, trail, step, branches) : null;
    const name = title ?? trail.state;
    making.rows.push({
      kind: "step",
      key: trail.id,
      depth,
      title: trail.visit > 1 && title === undefined ? `${name} #${trail.visit}` : name,
      status: shownStatusOf(making.run, step),
      step,
      trail,
      group,
    });
    if (!group) continue;
    if (trail.type === "foreach" && branches.length > LONG)
      longList(making, trail, branches, group, depth + 1);
    else if (group.isOpen)
      for (const child of branches)
        if (!group.onlyFailed || isFailed(statusOfBranch(making, child)))
          branchRows(making, child, depth + 1, trail.type === "foreach");
  }
}

function longList(
  making: Making,
  trail: StepTrail,
  branches: readonly BranchTrail[],
  group: Group,
  depth: number,
): void {
  const items = branches.map((branch) => ({
    path: branch.path,
    title: branch.title,
    status: statusOfBranch(making, branch),
  }));
  making.rows.push({
    kind: "strip",
    key: `strip:${trail.id}`,
    depth,
    title: "",
    status: shownStatusOf(making.run, making.run.steps[trail.id] as Step),
    stepId: trail.id,
    items,
  });
  let shownOpen = 0;
  for (const [index, branch] of branches.entries()) {
    const status = items[index]?.status ?? "PENDING";
    const isOpen = status === "RUNNING" || status === "PENDING";
    const isShown = group.onlyFailed
      ? isFailed(status)
      : group.isOpen || isFailed(status) || (isOpen && shownOpen++ < OPEN_SHOWN);
    if (isShown) branchRows(making, branch, depth, true);
  }
}

/** A branch of one state is that state's row; a longer one has a line of its own above its states. */
function branchRows(making: Making, branch: BranchTrail, depth: number, isItem: boolean): void {
  const block = blockOf(making.history.definition, branch.path);
  const steps = branch.steps.filter(({ seq }) => seq <= making.n);
  const isTryItself = !isItem && lastSegment(branch.path) === "try";
  if (steps.length > 0 && (isTryItself || block?.states.length === 1)) {
    const isLoop = steps.length > 1;
    statesOf(making, branch, depth, isItem && !isLoop ? branch.title : undefined);
    return;
  }
  const isOpen = !making.folding.folded.has(branch.path);
  making.rows.push({
    kind: "branch",
    key: branch.path,
    depth,
    title: branch.title,
    status: statusOfBranch(making, branch),
    branch,
    isOpen,
  });
  if (isOpen) statesOf(making, branch, depth + 1);
}

function groupOf(making: Making, trail: StepTrail, step: Step, branches: readonly BranchTrail[]): Group {
  const items =
    trail.type === "foreach" ? (step.input as { readonly items?: number } | undefined)?.items : undefined;
  let succeeded = 0;
  let failed = 0;
  for (const branch of branches) {
    const status = statusOfBranch(making, branch);
    if (status === "SUCCEEDED") succeeded++;
    else if (isFailed(status)) failed++;
  }
  const { folded, unfolded, onlyFailed } = making.folding;
  const total = items ?? branches.length;
  return {
    total,
    succeeded,
    failed,
    isOpen: total > LONG ? unfolded.has(trail.id) : !folded.has(trail.id),
    onlyFailed: onlyFailed.has(trail.id),
  };
}

function statusOfBranch({ run, n }: Making, branch: BranchTrail): ShownStatus {
  if (branch.endSeq !== null && branch.endSeq <= n) return branch.status ?? "CANCELLED";
  const last = branch.steps.findLast(({ seq }) => seq <= n);
  const step = last && run.steps[last.id];
  if (!step) return "PENDING";
  const status = shownStatusOf(run, step);
  return status === "SUCCEEDED" ? "RUNNING" : status;
}

function isFailed(status: ShownStatus): boolean {
  return status === "FAILED" || status === "TIMED_OUT";
}

const blocks = new WeakMap<Definition, Map<string, Block | null>>();

/** The list of states of a branch; all items of a foreach have the same. */
function blockOf(definition: Definition, path: BranchPath): Block | null {
  let known = blocks.get(definition);
  if (!known) {
    known = new Map();
    blocks.set(definition, known);
  }
  const pattern = path.replace(/\/\d+(?=\/|$)/g, "/0");
  let block = known.get(pattern);
  if (block === undefined) {
    try {
      block = blockAt(definition, path);
    } catch {
      block = null; // a branch of a newer server's kind of state: it still has a row
    }
    known.set(pattern, block);
  }
  return block;
}
