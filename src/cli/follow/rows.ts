import type { Block, State } from "../../core/definition/types.ts";
import { blockAt } from "../../core/run/blocks.ts";
import { type BranchPath, lastSegment, ROOT } from "../../core/run/ids.ts";
import type { Step } from "../../core/run/run.ts";
import type { ShownStatus } from "../../core/view/status.ts";
import { shownStatusOf } from "../../core/view/step-status.ts";
import { hintsOf, notesOf } from "./notes.ts";
import { LONG_LIST, type RunView, type ShownBranch, type Tally } from "./view.ts";

/** A line of the tree of a run. */
export type Row = {
  readonly depth: number;
  readonly status: ShownStatus;
  readonly name: string;
  readonly agent: string | null;
  /** From start to end, or to now; `null` before the start. */
  readonly durationMs: number | null;
  readonly notes: readonly string[];
  /** What a person can type about it now. */
  readonly hints: readonly string[];
};

/** Of a long list, so many open items are shown. */
const OPEN_SHOWN = 4;

/** The tree of a run at a moment: every state it entered, and below a container its branches. */
export function rowsOf(view: RunView, now: number): readonly Row[] {
  if (!view.run) return [];
  const steps = new Map<string, Step[]>();
  for (const step of Object.values(view.run.steps)) {
    const siblings = steps.get(step.branch);
    if (siblings) siblings.push(step);
    else steps.set(step.branch, [step]);
  }
  return rowsOfBranch({ view, now: view.endedAt ?? now, steps }, ROOT, 0);
}

type At = {
  readonly view: RunView;
  readonly now: number;
  readonly steps: ReadonlyMap<string, readonly Step[]>;
};

/** A loop's later visits take the place of the earlier ones. */
function rowsOfBranch(at: At, path: BranchPath, depth: number, title?: string): readonly Row[] {
  const latest = new Map<string, Step>();
  for (const step of at.steps.get(path) ?? []) {
    const known = latest.get(step.state);
    if (!known || known.visit < step.visit) latest.set(step.state, step);
  }
  const { states } = blockAt(at.view.definition, path);
  return [...latest.values()].flatMap((step) => {
    const state = states.find(({ name }) => name === step.state);
    return state ? [rowOfStep(at, step, state, depth, title), ...rowsBelow(at, step, state, depth + 1)] : [];
  });
}

function rowOfStep(at: At, step: Step, state: State, depth: number, title: string | undefined): Row {
  const from =
    step.startedAt ?? (step.type === "operation" && step.action === "agent.run" ? null : step.enteredAt);
  return {
    depth,
    status: at.view.run ? shownStatusOf(at.view.run, step) : step.progress.status,
    name: title ?? step.state,
    agent: "agent" in state ? state.agent : null,
    durationMs: from === null ? null : (step.finishedAt ?? at.now) - from,
    notes: notesOf(at.view, step, state, at.now),
    hints: hintsOf(at.view, step),
  };
}

function rowsBelow(at: At, step: Step, state: State, depth: number): readonly Row[] {
  const tally = at.view.tallies[step.id];
  if (!tally) return [];
  if (state.type !== "foreach")
    return tally.branches.flatMap((branch) => rowsOfChild(at, branch, depth, false));
  if (step.progress.status === "RUNNING")
    return [...rowsOfFailures(tally, depth), ...rowsOfOpen(at, tally, depth)];
  if (tally.total > LONG_LIST) return rowsOfFailures(tally, depth);
  const failed = tally.branches.filter(({ closed }) => closed?.status === "FAILED");
  return failed.flatMap((branch) => rowsOfChild(at, branch, depth, true));
}

function rowsOfOpen(at: At, tally: Tally, depth: number): readonly Row[] {
  if (tally.total <= LONG_LIST)
    return tally.branches.flatMap((branch) => rowsOfChild(at, branch, depth, true));
  const shown = tally.branches.slice(0, OPEN_SHOWN);
  const more = tally.branches.length - shown.length;
  const rows = shown.flatMap((branch) => rowsOfChild(at, branch, depth, true));
  return more > 0 ? [...rows, plainRow(depth, "RUNNING", `and ${more} more`)] : rows;
}

function rowsOfFailures(tally: Tally, depth: number): readonly Row[] {
  if (tally.failures.length === 0) return [];
  const more = tally.failed - tally.failures.length;
  const rows = tally.failures.map(({ title, message }) => plainRow(depth, "FAILED", title, [message]));
  return more > 0 ? [...rows, plainRow(depth, "FAILED", `and ${more} more`)] : rows;
}

/** A branch of one state is that state; a longer one has a line of its own above its states. */
function rowsOfChild(at: At, branch: ShownBranch, depth: number, isItem: boolean): readonly Row[] {
  const block = blockAt(at.view.definition, branch.path);
  const isTryItself = block.name === "try" && lastSegment(branch.path) === "try" && !isItem;
  if (isTryItself) return rowsOfBranch(at, branch.path, depth);
  if (isSingle(block)) {
    const rows = rowsOfBranch(at, branch.path, depth, isItem ? branch.title : undefined);
    return rows.length > 0 ? rows : [plainRow(depth, "PENDING", branch.title)];
  }
  const { closed } = branch;
  const durationMs = (closed?.at ?? at.now) - branch.openedAt;
  const head = { ...plainRow(depth, closed?.status ?? "RUNNING", branch.title), durationMs };
  return [head, ...rowsOfBranch(at, branch.path, depth + 1)];
}

function isSingle({ states }: Block): boolean {
  return states.length === 1;
}

function plainRow(depth: number, status: ShownStatus, name: string, notes: readonly string[] = []): Row {
  return { depth, status, name, agent: null, durationMs: null, notes, hints: [] };
}
