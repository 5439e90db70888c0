import { withPiece } from "../../core/agent/spoken.ts";
import type { Progress } from "../../http/client/stream.ts";
import type { Session } from "../session.ts";

/** What an agent says in the turn that is under way. */
export type Said = { readonly agentRunId: string; readonly seq: number; readonly text: string };

export type Ear = {
  /** Hands on the words that are said, until a transcript has grown, the run has ended, or the time is over. */
  untilGrown(onWords: (said: Said) => void, ms: number): Promise<void>;
  stop(): Promise<void>;
};

/** Listens to what a run's agents do. Where nothing can be heard, the time runs out. */
export function listen({ client, signal }: Session, runId: string): Ear {
  const over = new AbortController();
  const saying = new Map<string, Said>();
  let onWords: ((said: Said) => void) | null = null;
  let grown = Promise.withResolvers<void>();

  const hear = (progress: Progress) => {
    const { agentRunId } = progress;
    if (progress.type !== "agent.text") {
      if (progress.type === "agent.turn") saying.delete(agentRunId);
      grown.resolve();
      return;
    }
    const said = {
      agentRunId,
      seq: progress.seq,
      text: withPiece(saying.get(agentRunId)?.text ?? "", progress),
    };
    saying.set(agentRunId, said);
    onWords?.(said);
  };

  const listening = (async () => {
    const heard = client.stream(runId, { onProgress: hear, signal: AbortSignal.any([signal, over.signal]) });
    for await (const _ of heard);
    grown.resolve();
  })().catch(() => {}); // the transcript is looked at all the same, and says what is wrong

  return {
    async untilGrown(take, ms) {
      for (const said of saying.values()) take(said);
      onWords = take;
      const timer = setTimeout(() => grown.resolve(), ms);
      const onAbort = () => grown.resolve();
      signal.addEventListener("abort", onAbort, { once: true });
      await grown.promise;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      grown = Promise.withResolvers<void>();
      onWords = null;
    },
    async stop() {
      over.abort();
      await listening;
    },
  };
}
