import type { ShownStatus } from "../../../core/view/status.ts";

/** What a visit to a state came to, and how long it took. */
export type StepTook = {
  readonly branch: string;
  readonly state: string;
  readonly status: ShownStatus;
  readonly ms: number | null;
  /** Taken over from an earlier run: it took no time. */
  readonly isReused: boolean;
};

export type Compared = {
  readonly key: string;
  readonly title: string;
  readonly mine: StepTook | null;
  readonly other: StepTook | null;
  /** How much longer mine took; null where one of them is missing, open or taken over. */
  readonly deltaMs: number | null;
};

/** Two runs step by step: the same visit of the same branch to the same state stands in one row. */
export function compareSteps(mine: readonly StepTook[], other: readonly StepTook[]): readonly Compared[] {
  const [ours, theirs] = [numbered(mine), numbered(other)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].map((key) => {
    const [a, b] = [ours.get(key) ?? null, theirs.get(key) ?? null];
    const isMeasured = a && b && !a.isReused && !b.isReused && a.ms !== null && b.ms !== null;
    const deltaMs = isMeasured ? Number(a.ms) - Number(b.ms) : null;
    return { key, title: key.replace(/ #1$/, ""), mine: a, other: b, deltaMs };
  });
}

function numbered(steps: readonly StepTook[]): ReadonlyMap<string, StepTook> {
  const visits = new Map<string, number>();
  return new Map(
    steps.map((step) => {
      const place = step.branch === "" ? step.state : `${step.branch}/${step.state}`;
      const visit = (visits.get(place) ?? 0) + 1;
      visits.set(place, visit);
      return [`${place} #${visit}`, step];
    }),
  );
}
