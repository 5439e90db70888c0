/** What happens to a tick while a run of an earlier one has not ended. */
export const OVERLAPS = ["skip", "bufferOne", "bufferAll", "allow", "cancelPrevious"] as const;
export type Overlap = (typeof OVERLAPS)[number];
