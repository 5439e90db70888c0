/** The longest that the platform's timers last; a longer one ends at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Aborts after `ms`, however long that is. Answers how to call it off. */
export function abortAfter(ms: number, abort: AbortController, reason: () => Error): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number) => {
    timer = setTimeout(
      () => (left > LONGEST_MS ? arm(left - LONGEST_MS) : abort.abort(reason())),
      Math.min(Math.max(left, 0), LONGEST_MS),
    );
  };
  arm(ms);
  return () => clearTimeout(timer);
}
