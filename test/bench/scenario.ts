/** One measurable claim, or a family of them. */
export type Scenario = {
  readonly name: string;
  readonly summary: string;
  /** Measured one after the other; one that fails does not take the rows of the others with it. */
  readonly parts: readonly ((bench: Bench) => Promise<readonly Row[]>)[];
};

/** What a scenario is given. */
export type Bench = {
  /** Shorter, smaller, fewer trials: to see that it works, not to know how well. */
  readonly isQuick: boolean;
  readonly trials: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** How long the soak goes on. */
  readonly minutes: number;
  /** How many steps are stored where that is what counts. */
  readonly storedSteps: number;
  /** A fresh directory on the disk that is measured; deleted afterwards. */
  directory(name: string): Promise<string>;
  /** Says what goes on, on standard error. */
  say(line: string): void;
};

/** A line of the table. */
export type Row = {
  readonly scenario: string;
  readonly figure: string;
  readonly unit: string;
  readonly inFlight: number | null;
  /** `null`: could not be measured; the note says why. */
  readonly ours: number | null;
  /** What it is compared with: the figure of the bare loop or of a peer, of the same run. */
  readonly other: number | null;
  /** `null`: for information. */
  readonly target: Target | null;
  readonly note?: string;
  /** Everything behind the figure, for the JSON file. */
  readonly details?: unknown;
};

/** What the row must keep: a limit for the figure itself, or for its ratio to the other. */
export type Target =
  | { readonly ratioAtLeast: number }
  | { readonly ratioAtMost: number }
  | { readonly atMost: number };

/** Ours over the other's; `null` unless both are known. */
export function ratioOf({ ours, other }: Row): number | null {
  const ratio = ours === null || other === null ? Number.NaN : ours / other;
  return Number.isNaN(ratio) ? null : ratio;
}

/** Whether a row keeps its target; `null` without a target or without a figure. */
export function isMet(row: Row): boolean | null {
  const { target, ours } = row;
  if (target === null || ours === null) return null;
  if ("atMost" in target) return ours <= target.atMost;
  const ratio = ratioOf(row);
  if (ratio === null) return null;
  return "ratioAtLeast" in target ? ratio >= target.ratioAtLeast : ratio <= target.ratioAtMost;
}
