import type { Run, Step } from "../../../core/run/run.ts";
import type { ShownStatus } from "../../../core/view/status.ts";
import { endAsOf, type StepTrail } from "./index-events.ts";
import type { Interval } from "./scale.ts";

/** A part of a step's life on the timeline. */
export type Bar = Interval & {
  readonly kind: "queued" | "run" | "failed" | "backoff" | "person" | "signal" | "timer" | "group";
};

/** The life of a step up to event `n`; what goes on then goes up to `now`. */
export function barsOf(trail: StepTrail, step: Step, n: number, now: number): readonly Bar[] {
  const end = endAsOf(trail, n) ?? step.finishedAt ?? now;
  const whole = { from: trail.at, to: Math.max(end, trail.at) };
  if (trail.type === "parallel" || trail.type === "foreach" || trail.type === "try")
    return [{ ...whole, kind: "group" }];
  if (trail.type === "signal") return [{ ...whole, kind: "signal" }];
  if (trail.type === "timer") return [{ ...whole, kind: "timer" }];
  if (step.reusedFrom !== null) return [{ ...whole, kind: "run" }];
  const waits = trail.questions
    .filter(({ seq }) => seq <= n)
    .map((asked) => ({
      from: asked.at,
      to: Math.max(endAsOf(asked, n) ?? end, asked.at),
      kind: "person" as const,
    }));
  if (trail.action === "human.approval") return waits.length > 0 ? waits : [{ ...whole, kind: "run" }];
  if (trail.action === null) return [{ ...whole, kind: "run" }];
  return waits.reduce(interrupted, attemptBars(trail, step, n, end, now));
}

/** Work with a wait for people in it: before it, the wait, after it. */
function interrupted(bars: readonly Bar[], wait: Bar): readonly Bar[] {
  return bars.flatMap((bar): readonly Bar[] => {
    if (bar.kind !== "run" || wait.from < bar.from || wait.from > bar.to) return [bar];
    const rest = { ...bar, from: wait.to };
    return [{ ...bar, to: wait.from }, wait, ...(rest.from < rest.to ? [rest] : [])];
  });
}

function attemptBars(trail: StepTrail, step: Step, n: number, end: number, now: number): readonly Bar[] {
  const bars: Bar[] = [];
  let since = trail.at;
  for (const attempt of trail.attempts) {
    if (attempt.seq > n) break;
    if (attempt.at > since)
      bars.push({ from: since, to: attempt.at, kind: bars.length === 0 ? "queued" : "backoff" });
    const to = endAsOf(attempt, n);
    const isFailed = to !== null && attempt.error !== null;
    bars.push({ from: attempt.at, to: to ?? end, kind: isFailed ? "failed" : "run" });
    since = to ?? end;
  }
  if (step.progress.status === "PENDING" && now > since)
    bars.push({ from: since, to: now, kind: bars.length === 0 ? "queued" : "backoff" });
  return bars;
}

/** When something worked, for finding the idle stretches: waiting for people, signals and timers is idle. */
export function workOf(trails: Iterable<StepTrail>, run: Run, n: number, now: number): readonly Interval[] {
  const work: Interval[] = [];
  for (const trail of trails) {
    if (trail.seq > n) continue;
    const step = run.steps[trail.id];
    if (!step) continue;
    for (const bar of barsOf(trail, step, n, now))
      if (bar.kind === "run" || bar.kind === "failed") work.push(bar);
    work.push({ from: trail.at, to: trail.at });
    const end = endAsOf(trail, n);
    if (end !== null) work.push({ from: end, to: end });
  }
  return work;
}

/** The status a bar is coloured by. */
export function statusOfBar({ kind }: Bar, status: ShownStatus): ShownStatus {
  switch (kind) {
    case "failed":
      return "FAILED";
    case "person":
      return "WAITING_APPROVAL";
    case "signal":
      return "WAITING_SIGNAL";
    case "queued":
    case "backoff":
    case "timer":
      return "PENDING";
    case "run":
      // What waits for people has a bar of its own.
      return status === "WAITING_APPROVAL" ? "RUNNING" : status;
    case "group":
      return status;
  }
}
