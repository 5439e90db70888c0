/** How far somebody has worked through the events of all runs, by global position. */
export type Cursors = {
  /** `null` for a name that was never advanced. */
  read(name: string): Promise<number | null>;
  /** Never moves back. */
  advance(name: string, to: number): Promise<void>;
};
