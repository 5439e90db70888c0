/** What of an approval decides where it stands in the list. */
type Dated = { readonly status: string; readonly requestedAt: string; readonly expiresAt: string | null };

/** A headed part of the list. */
export type Group<Row> = { readonly title: string; readonly rows: readonly Row[] };

/** With less than this left a deadline is shown in red. */
export const HURRY_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const OPEN: readonly (readonly [title: string, lessThan: number])[] = [
  ["15 minutes left", HURRY_MS],
  ["Within the hour", HOUR_MS],
  ["Within a day", DAY_MS],
  ["Later", Number.POSITIVE_INFINITY],
];
const NO_DEADLINE = "No deadline";

/** Open approvals, the one with the least time first, those without a deadline last. */
export function byDeadline<Row extends Dated>(rows: readonly Row[], now: number): readonly Group<Row>[] {
  const sorted = [...rows].sort(
    (a, b) => deadlineOf(a) - deadlineOf(b) || a.requestedAt.localeCompare(b.requestedAt),
  );
  return grouped(sorted, (row) => {
    const left = deadlineOf(row) - now;
    return row.expiresAt === null ? NO_DEADLINE : (OPEN.find(([, most]) => left < most)?.[0] ?? NO_DEADLINE);
  });
}

/** Approvals that are over, in the order they came in. */
export function byAge<Row extends Dated>(rows: readonly Row[], now: number): readonly Group<Row>[] {
  return grouped(rows, ({ requestedAt }) =>
    now - Date.parse(requestedAt) < DAY_MS ? "Asked in the last 24 hours" : "Earlier",
  );
}

function grouped<Row>(rows: readonly Row[], titleOf: (row: Row) => string): readonly Group<Row>[] {
  return [...Map.groupBy(rows, titleOf)].map(([title, members]) => ({ title, rows: members }));
}

// Infinity minus Infinity is not a number: what has no deadline is compared as the end of time.
function deadlineOf({ expiresAt }: Dated): number {
  return expiresAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(expiresAt);
}
