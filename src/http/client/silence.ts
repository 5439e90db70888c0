import { Unreachable } from "./errors.ts";

/** A server shows this often that a stream lives. */
export const HEARTBEAT_MS = 15_000;

/** Listens to a server, and gives a connection up on which nothing comes. */
export type Patience = {
  /** An answer that is waited for. */
  hear<Answer>(answer: Promise<Answer>): Promise<Answer>;
  /** The pieces of a body; what the reader takes its time for counts for nothing. */
  pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined>;
};

/**
 * Aborts `attempt` with `Unreachable` when what is waited for does not come for `ms`. A line that was cut without a word
 * to either side stays open for ever.
 */
export function patience(attempt: AbortController, ms: number): Patience {
  const hear: Patience["hear"] = (answer) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const silent = new Unreachable(`the server said nothing for ${ms / 1000} s`);
        attempt.abort(silent);
        reject(silent);
      }, ms);
      answer.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  return {
    hear,
    async *pieces(body) {
      const reader = body.getReader();
      try {
        for (;;) {
          const { done, value } = await hear(reader.read());
          if (done) return;
          yield value;
        }
      } finally {
        reader.cancel().catch(() => {}); // it is over already
      }
    },
  };
}
