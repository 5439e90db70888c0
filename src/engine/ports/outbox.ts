import type { TaskMessage } from "./queue.ts";

export type Outbox = {
  /**
   * Takes up to `limit` alarms that are due at `now` and hides each until `now + hideMs × 2^sends` (at most five
   * minutes): whoever handles one replaces it; if nobody does it comes again.
   */
  takeDue(now: number, limit: number, hideMs: number): Promise<readonly TaskMessage[]>;
  /** When the earliest alarm is due; `null` without any. */
  nextDueAt(): Promise<number | null>;
  /** The queue lost what it held: every alarm that was handed over is due again at `now`. */
  resend(now: number): Promise<number>;
  /** Called after each commit with the messages of its alarms that are due at once; they count as taken. */
  onDispatch(listener: (messages: readonly TaskMessage[]) => void): void;
};
