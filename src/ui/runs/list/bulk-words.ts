import { Ban, type LucideIcon, Pause, Play, RotateCcw } from "lucide-react";
import { APPLIES, type BulkAction } from "../../../core/run/bulk.ts";
import type { RunStatus } from "../../../core/run/run.ts";
import type { RunRow } from "../../../http/schemas/runs.ts";
import { plural } from "../../format.ts";
import { RUN_LIST_TABS, type RunListSearch } from "../run-list-search.ts";

export const ACTIONS = ["pause", "resume", "cancel", "rerun"] as const satisfies readonly BulkAction[];

/** How an action upon many runs is called, and what it does to them. */
export const WORDS: Readonly<
  Record<
    BulkAction,
    { readonly verb: string; readonly done: string; readonly effect: string; readonly icon: LucideIcon }
  >
> = {
  pause: {
    verb: "Pause",
    done: "paused",
    effect: "Running steps finish, no new one starts.",
    icon: Pause,
  },
  resume: { verb: "Resume", done: "resumed", effect: "They go on where they stand.", icon: Play },
  cancel: {
    verb: "Cancel",
    done: "cancelled",
    effect: "They end now and cannot be resumed. What their agents did is not undone.",
    icon: Ban,
  },
  rerun: {
    verb: "Run again",
    done: "run again",
    effect: "Each becomes a new run from its start; these stay as they are.",
    icon: RotateCcw,
  },
};

/** Why the person may not change runs of an environment; null where they may. */
export type MayNot = (environment: string) => string | null;

/** The runs that an action can do anything to, of those that the person may change. */
export function concerned(action: BulkAction, runs: readonly RunRow[], mayNot: MayNot): readonly RunRow[] {
  return fitting(action, runs).filter(({ environment }) => mayNot(environment) === null);
}

/** Why nothing can be done to any of the runs; null where there are some. */
export function whyNone(action: BulkAction, runs: readonly RunRow[], mayNot: MayNot): string | null {
  if (concerned(action, runs, mayNot).length > 0) return null;
  const [first] = fitting(action, runs);
  return first ? mayNot(first.environment) : cannotBe(action);
}

/** The statuses in which an action can do anything to the runs of a list. */
export function statusesFor(action: BulkAction, { status }: Pick<RunListSearch, "status">): RunStatus[] {
  const wanted: readonly string[] | null = status ? RUN_LIST_TABS[status].statuses : null;
  return APPLIES[action].filter((one) => wanted === null || wanted.includes(one));
}

/** Why nothing can be done to any of the runs of a list; null where there may be some. */
export function whyNoneOfAll(action: BulkAction, scope: Pick<RunListSearch, "status">): string | null {
  return statusesFor(action, scope).length > 0 ? null : cannotBe(action);
}

function cannotBe(action: BulkAction): string {
  return `None of them can be ${WORDS[action].done}`;
}

function fitting(action: BulkAction, runs: readonly RunRow[]): readonly RunRow[] {
  return runs.filter(({ status }) => APPLIES[action].includes(status));
}

/** `Cancel 3 runs`. */
export function headOf(action: BulkAction, count: number): string {
  return action === "rerun"
    ? `Run ${plural(count, "run")} again`
    : `${WORDS[action].verb} ${plural(count, "run")}`;
}

/**
 * What is said of the runs that one request has left, and whether the same may be asked for again: what is run again stays
 * in the filter, and would be met first and run once more.
 */
export function leftBy(
  action: BulkAction,
  remaining: number,
): { readonly says: string | undefined; readonly goesOn: boolean } {
  if (remaining === 0) return { says: undefined, goesOn: false };
  const says = `One request takes so many; ${plural(remaining, "older run is", "older runs are")} left.`;
  return action === "rerun"
    ? { says: `${says} A narrower filter reaches ${remaining === 1 ? "it" : "them"}.`, goesOn: false }
    : { says, goesOn: true };
}
