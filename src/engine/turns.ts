import { setImmediate as nextTurn } from "node:timers/promises";

/** What whoever else is in this process notices as a delay and no more. */
const TURN_MS = 10;

/**
 * For long work in small pieces that never waits for anything: call what it answers between them. When the work has had
 * 10 ms, timers, sockets and everybody else get their turn.
 */
export function inTurns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < TURN_MS) return;
    await nextTurn();
    since = performance.now();
  };
}
