import { type BranchPath, childBranch } from "../run/ids.ts";
import type { Outcome, Run } from "../run/run.ts";
import type { AlarmTarget, Transition } from "../run/transition.ts";

/** The outbox of one run that lives in memory: when which branch is to be looked at. Nothing is lost or late here. */
export class AlarmClock {
  readonly #alarms = new Map<AlarmTarget, number>();

  /** Takes over what a decision did to the alarms; `run` is the run after it. */
  follow(transition: Transition | null, run: Run): void {
    for (const alarm of transition?.alarms ?? [])
      switch (alarm.change) {
        case "set":
          this.#alarms.set(alarm.target, alarm.dueAt);
          break;
        case "clear":
          this.#alarms.delete(alarm.target);
          break;
        case "wake":
          this.#wake(alarm.target, alarm.dueAt);
          break;
        case "wake-all":
          for (const branch of Object.values(run.branches))
            if (branch.position.at !== "closed") this.#alarms.set(branch.path, alarm.dueAt);
          break;
        case "wake-waiting":
          for (const { progress, branch } of Object.values(run.steps))
            if (progress.status === "RUNNING" && "waiting" in progress && progress.waiting.for === "signal")
              this.#alarms.set(branch, alarm.dueAt);
          break;
        // Nobody else is here.
        case "wake-queued":
        case "wake-caller":
        case "wake-called":
          break;
      }
  }

  /** The earliest alarm; of several at one moment the one that was set first. */
  get next(): { readonly target: AlarmTarget; readonly dueAt: number } | null {
    let earliest: { target: AlarmTarget; dueAt: number } | null = null;
    for (const [target, dueAt] of this.#alarms)
      if (earliest === null || dueAt < earliest.dueAt) earliest = { target, dueAt };
    return earliest;
  }

  take(target: AlarmTarget): void {
    this.#alarms.delete(target);
  }

  #wake(target: AlarmTarget, dueAt: number): void {
    this.#alarms.set(target, Math.min(dueAt, this.#alarms.get(target) ?? dueAt));
  }
}

/** The outcomes of the closed branches directly below `<branch>/<segment>/`, by last path segment. */
export function outcomesBelow(run: Run, branch: BranchPath, segment: string): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  const prefix = childBranch(branch, segment, "");
  for (const { path, position } of Object.values(run.branches)) {
    const name = path.slice(prefix.length);
    if (path.startsWith(prefix) && !name.includes("/") && position.at === "closed")
      outcomes.set(name, position.outcome);
  }
  return outcomes;
}
