import type { Recorded } from "../../src/core/run/events.ts";
import { evolve } from "../../src/core/run/evolve.ts";
import { type Run, statusOf } from "../../src/core/run/run.ts";
import { EVENT_TYPES } from "../../src/core/view/fact.ts";

const ways = (what: string, from: string, to: string) =>
  to.split(" ").map((after) => `${what} ${from} → ${after}`);

/** The state diagrams: every way that a run, a step and an approval may go, and no other. */
const DIAGRAM: ReadonlySet<string> = new Set([
  ...ways("run", "PENDING", "RUNNING CANCELLED"),
  ...ways("run", "RUNNING", "WAITING_APPROVAL WAITING_SIGNAL PAUSED COMPLETED FAILED CANCELLED TIMED_OUT"),
  ...ways("run", "WAITING_APPROVAL", "RUNNING WAITING_SIGNAL PAUSED CANCELLED TIMED_OUT"),
  ...ways("run", "WAITING_SIGNAL", "RUNNING WAITING_APPROVAL PAUSED CANCELLED TIMED_OUT"),
  ...ways("run", "PAUSED", "RUNNING WAITING_APPROVAL WAITING_SIGNAL CANCELLED TIMED_OUT"),
  ...ways("step", "new", "PENDING RUNNING SUCCEEDED FAILED TIMED_OUT"),
  ...ways("step", "PENDING", "PENDING RUNNING WAITING_APPROVAL SUCCEEDED CANCELLED"),
  ...ways("step", "RUNNING", "RUNNING PENDING WAITING_APPROVAL SUCCEEDED FAILED TIMED_OUT CANCELLED"),
  ...ways("step", "WAITING_APPROVAL", "RUNNING PENDING SUCCEEDED FAILED TIMED_OUT CANCELLED"),
  ...ways("approval", "new", "PENDING"),
  ...ways("approval", "PENDING", "APPROVED REJECTED EXPIRED CANCELLED"),
]);

/**
 * Possible, and too rare to be asked for: who looks at a decided approval has nearly always a budget to go on with; few
 * runs that are run again take over a step that failed and was gone on from.
 */
const RARE: ReadonlySet<string> = new Set([
  "step WAITING_APPROVAL → PENDING",
  "step new → FAILED",
  "step new → TIMED_OUT",
]);

/** How often each kind of event and each way through the state diagrams was seen. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  /** Follows a run through its events to how it ends; throws when it goes a way that no diagram has. */
  follow(begun: Run, facts: readonly Recorded[]): Run {
    this.#count("run.created");
    let run = begun;
    for (const fact of facts) {
      const next = evolve(run, fact);
      this.#count(fact.event.type);
      this.#move("run", statusOf(run), statusOf(next));
      for (const [id, { progress }] of Object.entries(next.steps))
        if (run.steps[id as keyof Run["steps"]]?.progress !== progress)
          this.#move("step", run.steps[id as keyof Run["steps"]]?.progress.status ?? "new", progress.status);
      for (const [id, { status }] of Object.entries(next.approvals))
        this.#move("approval", run.approvals[id as keyof Run["approvals"]]?.status ?? "new", status);
      run = next;
    }
    return run;
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** What was counted elsewhere counts here too. */
  add(counts: Readonly<Record<string, number>>): void {
    for (const [what, count] of Object.entries(counts)) this.#count(what, count);
  }

  /** What was counted, a line each. */
  table(): string {
    const lines = [...this.#counts].sort().map(([what, count]) => `${String(count).padStart(9)}  ${what}`);
    return lines.join("\n");
  }

  /** What can happen and has not happened `floor` times. */
  missing(floor: number): readonly string[] {
    return [...EVENT_TYPES, ...DIAGRAM].filter(
      (what) => !RARE.has(what) && (this.#counts.get(what) ?? 0) < floor,
    );
  }

  #move(what: string, from: string, to: string): void {
    const way = `${what} ${from} → ${to}`;
    if (from === to && what !== "step") return;
    if (!DIAGRAM.has(way)) throw new Error(`${way}: the state diagram has no such way`);
    this.#count(way);
  }

  #count(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
  }
}
