import type { Approval, Decision } from "../run.ts";

/** How far an approval is: voices needed and given, in all or by group. */
export type Tally = {
  readonly needed: number;
  readonly given: number;
  readonly groups: readonly { readonly group: string; readonly needed: number; readonly given: number }[];
  readonly rejections: { readonly needed: number; readonly given: number };
};

type Counted = Pick<Approval, "quorum" | "decisions" | "escalatedTo" | "terms">;

/**
 * Counts the voices that stand. Nobody counts twice: by group each voice goes to one group, and the groups share the
 * voices out so that as many places as possible are taken. Whoever an approval was escalated to may take any place.
 */
export function tallyOf(approval: Counted): Tally {
  const standing = approval.decisions.filter(({ voided }) => voided === undefined);
  const approvals = standing.filter(({ decision }) => decision === "approve");
  const rejections = {
    needed: approval.terms.rejectQuorum,
    given: standing.length - approvals.length,
  };
  const { quorum } = approval;
  if (typeof quorum === "number") return { needed: quorum, given: approvals.length, groups: [], rejections };
  const taken = shareOut(approvals, quorum, approval.escalatedTo);
  const groups = Object.entries(quorum).map(([group, needed]) => ({
    group,
    needed,
    given: taken.filter((place) => place === group).length,
  }));
  return {
    needed: groups.reduce((sum, { needed }) => sum + needed, 0),
    given: taken.length,
    groups,
    rejections,
  };
}

/** True when nothing more is needed. */
export function isReached({ needed, given }: Pick<Tally, "needed" | "given">): boolean {
  return given >= needed;
}

/** `1 of 2 approvals (team:security is missing)`. */
export function tallyText({ needed, given, groups }: Tally): string {
  const missing = groups.filter((group) => !isReached(group)).map(({ group }) => group);
  const open = missing.length > 0 && given > 0 ? ` (${missing.join(", ")} missing)` : "";
  return `${given} of ${needed} approval${needed === 1 ? "" : "s"}${open}`;
}

/** Seats every voice it can (augmenting paths); answers the group of each seat that is taken. */
function shareOut(
  voices: readonly Decision[],
  quorum: Readonly<Record<string, number>>,
  escalatedTo: readonly string[],
): readonly string[] {
  const seats = Object.entries(quorum).flatMap(([group, count]) => Array<string>(count).fill(group));
  const heldBy: (Decision | undefined)[] = seats.map(() => undefined);
  for (const voice of voices) seat(voice, new Set());
  return seats.filter((_, index) => heldBy[index] !== undefined);

  function seat(voice: Decision, tried: Set<number>): boolean {
    for (const [index, group] of seats.entries()) {
      if (tried.has(index) || !speaksFor(voice, group, escalatedTo)) continue;
      tried.add(index);
      const holder = heldBy[index];
      if (holder && !seat(holder, tried)) continue;
      heldBy[index] = voice;
      return true;
    }
    return false;
  }
}

/** A voice of before groups were kept with it counts for any. */
function speaksFor({ as }: Decision, group: string, escalatedTo: readonly string[]): boolean {
  return as === undefined || as.includes(group) || as.some((entry) => escalatedTo.includes(entry));
}
