import { setTimeout as delay } from "node:timers/promises";
import { ApiError } from "../../src/http/client/errors.ts";

/** What went wrong with requests on the way: by code, how often. */
export type Refusals = Map<string, number>;

/** Repeats a request until it is answered: whoever asks does not know what is being killed just now. */
export async function persist<Answer>(
  refusals: Refusals,
  until: AbortSignal,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 500)) {
    until.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      const code = codeOf(error);
      if (code === null) throw error;
      refusals.set(code, (refusals.get(code) ?? 0) + 1);
      await delay(pauseMs);
    }
  }
}

/** A code for what may pass: no answer, or the server's own trouble; `null` when asking again would not help. */
function codeOf(error: unknown): string | null {
  if (error instanceof ApiError) return error.status >= 500 ? `${error.status} ${error.code}` : null;
  return error instanceof Error && error.name === "Unreachable" ? "unreachable" : null;
}
