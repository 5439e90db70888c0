import type { JsonValue } from "../../../core/json.ts";
import type { Recorded, RunEvent } from "../../../core/run/events.ts";
import { type BranchPath, parentOf, ROOT, type StepId } from "../../../core/run/ids.ts";
import type { Outcome, StepError } from "../../../core/run/run.ts";
import { itemTitle } from "../../../core/view/item-title.ts";

/** When something began and ended: numbers of events, and times in ms. It is as of event N while `seq <= N`. */
type Span = { readonly seq: number; readonly at: number; endSeq: number | null; endAt: number | null };

/** One try of an agent, or one run that was called. */
export type Attempt = Span & {
  readonly number: number;
  /** The worker that began it, or the run it is. */
  readonly by: string;
  error: StepError | null;
  /** When the next attempt is due. */
  retryAt: number | null;
  simulated: boolean;
};

/** What the core's fold forgets of a step, or keeps only the last of. */
export type StepTrail = Span & {
  readonly id: StepId;
  readonly branch: BranchPath;
  readonly state: string;
  /** Where it stands in the definition: the same for all items of a foreach and all visits. */
  readonly place: string;
  readonly type: string;
  readonly action: string | null;
  readonly visit: number;
  readonly attempts: Attempt[];
  exit: {
    readonly seq: number;
    readonly next: string | null;
    readonly condition?: string | null;
    readonly error?: StepError;
  } | null;
  /** When people were asked, and when that was over; an agent may ask more than once. */
  readonly questions: Span[];
  readonly branches: BranchTrail[];
  /** The numbers of its events. */
  readonly seqs: number[];
};

export type BranchTrail = Span & {
  readonly path: BranchPath;
  readonly title: string;
  readonly item: JsonValue | undefined;
  readonly opener: StepId | null;
  status: Outcome["status"] | null;
  readonly steps: StepTrail[];
};

/**
 * Where in a run's trail everything is, built once while the events come: what a row of the timeline or a tab of the
 * inspector needs as of any event N without folding. Changed in place; only ever grows.
 */
export class TrailIndex {
  readonly steps = new Map<StepId, StepTrail>();
  readonly branches = new Map<BranchPath, BranchTrail>();
  readonly byPlace = new Map<string, StepTrail[]>();
  /** Numbers of events at which a step was entered or came to its end. */
  readonly boundaries: number[] = [];
  readonly #standing = new Map<BranchPath, StepTrail>();
  readonly #open = new Set<BranchTrail>();

  take(seq: number, { at, event }: Recorded): void {
    if ("stepId" in event && event.type !== "state.entered" && event.type !== "state.reused")
      this.steps.get(event.stepId)?.seqs.push(seq);
    switch (event.type) {
      case "run.started":
        this.#branch({
          path: ROOT,
          title: "",
          item: undefined,
          opener: null,
          status: null,
          steps: [],
          ...begun(seq, at),
        });
        return;
      case "run.completed":
      case "run.failed":
      case "run.cancelled":
      case "run.timed_out":
        for (const branch of this.#open) this.#close(branch, seq, at, "CANCELLED");
        return;
      case "branch.opened": {
        const parent = parentOf(event.branch);
        const opener = parent === null ? undefined : this.#standing.get(parent);
        const item = event.vars["_item"];
        const branch = {
          path: event.branch,
          title: itemTitle(event),
          item,
          opener: opener?.id ?? null,
          status: null,
          steps: [],
          ...begun(seq, at),
        };
        this.#branch(branch);
        opener?.branches.push(branch);
        return;
      }
      case "branch.closed": {
        const branch = this.branches.get(event.branch);
        if (branch) this.#close(branch, seq, at, event.outcome.status);
        return;
      }
      case "children.cancelled": {
        const prefix = `${event.branch === ROOT ? "" : `${event.branch}/`}${event.segment}/`;
        for (const branch of this.#open)
          if (branch.path.startsWith(prefix)) this.#close(branch, seq, at, "CANCELLED");
        return;
      }
      case "state.entered":
        this.#entered(seq, at, event);
        return;
      case "state.reused": {
        const step = this.#entered(seq, at, event);
        ended(step, seq, at);
        step.exit = { seq, next: event.next };
        return;
      }
      default:
        if ("stepId" in event) this.#ofStep(seq, at, event);
    }
  }

  #entered(
    seq: number,
    at: number,
    event: Extract<RunEvent, { type: "state.entered" | "state.reused" }>,
  ): StepTrail {
    const step: StepTrail = {
      ...begun(seq, at),
      id: event.stepId,
      branch: event.branch,
      state: event.state,
      place: placeOf(event.branch, event.state),
      type: event.stateType,
      action: event.action ?? null,
      visit: event.visit,
      attempts: [],
      exit: null,
      questions: [],
      branches: [],
      seqs: [seq],
    };
    this.steps.set(step.id, step);
    const neighbours = this.byPlace.get(step.place);
    if (neighbours) neighbours.push(step);
    else this.byPlace.set(step.place, [step]);
    this.branches.get(event.branch)?.steps.push(step);
    this.#standing.set(event.branch, step);
    this.boundaries.push(seq);
    return step;
  }

  #ofStep(seq: number, at: number, event: Extract<RunEvent, { stepId: StepId }>): void {
    const step = this.steps.get(event.stepId);
    if (!step) return;
    switch (event.type) {
      case "step.called":
      case "step.started":
        step.attempts.push({
          ...begun(seq, at),
          number: event.attempt,
          by: event.type === "step.called" ? event.runId : event.lease.worker,
          error: null,
          retryAt: null,
          simulated: false,
        });
        return;
      case "step.succeeded":
      case "step.failed":
      case "step.timed_out": {
        const attempt = step.attempts.findLast(({ number }) => number === event.attempt);
        if (attempt) {
          ended(attempt, seq, at);
          if (event.type === "step.succeeded") attempt.simulated = event.simulated === true;
          else {
            attempt.error = event.error;
            attempt.retryAt = event.retryAt ?? null;
          }
        }
        if (event.type !== "step.succeeded" && event.retryAt !== undefined) return;
        ended(step, seq, at);
        this.boundaries.push(seq);
        return;
      }
      case "approval.requested":
        step.questions.push(begun(seq, at));
        return;
      case "approval.approved":
      case "approval.rejected":
      case "approval.expired": {
        const asked = step.questions.at(-1);
        if (asked) ended(asked, seq, at);
        return;
      }
      case "state.exited": {
        const { next, condition, error } = event;
        step.exit = { seq, next, ...(condition !== undefined && { condition }), ...(error && { error }) };
        return;
      }
      default:
    }
  }

  #branch(branch: BranchTrail): void {
    this.branches.set(branch.path, branch);
    this.#open.add(branch);
  }

  #close(branch: BranchTrail, seq: number, at: number, status: Outcome["status"]): void {
    ended(branch, seq, at);
    branch.status = status;
    this.#open.delete(branch);
    for (const step of branch.steps) {
      if (step.endSeq !== null) continue;
      ended(step, seq, at);
      const attempt = step.attempts.at(-1);
      if (attempt && attempt.endSeq === null) ended(attempt, seq, at);
      const asked = step.questions.at(-1);
      if (asked && asked.endSeq === null) ended(asked, seq, at);
    }
  }
}

/** The name of a state's place in a definition: of a foreach's item with a star for its number. */
export function placeOf(branch: string, state: string): string {
  const pattern = branch.replace(/#\d+(?=\/)/g, "").replace(/\/\d+(?=\/|$)/g, "/*");
  return pattern === "" ? state : `${pattern}/${state}`;
}

/** Where a span ended as of event `n`, in ms; null while it went on. */
export function endAsOf({ endSeq, endAt }: Pick<Span, "endSeq" | "endAt">, n: number): number | null {
  return endSeq !== null && endSeq <= n ? endAt : null;
}

function begun(seq: number, at: number): Span {
  return { seq, at, endSeq: null, endAt: null };
}

function ended(span: Span, seq: number, at: number): void {
  span.endSeq = seq;
  span.endAt = at;
}
