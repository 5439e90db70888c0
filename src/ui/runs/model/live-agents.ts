import { withPiece } from "../../../core/agent/spoken.ts";
import type { Progress } from "../../../http/client/stream.ts";

/**
 * What a run's agents are doing right now, as it is told: once, and to whoever listens. It may be lost, so it only says
 * that a transcript has grown, and shows the words of a turn until the transcript has them.
 */
export class LiveAgents {
  /** The words of the turn that is under way, by agent run; empty while the model has said nothing yet. */
  #saying: ReadonlyMap<string, string> = new Map();
  readonly #listeners = new Set<() => void>();
  #kept = 0;

  take(progress: Progress): void {
    const { agentRunId } = progress;
    switch (progress.type) {
      case "agent.text":
        this.#say(agentRunId, withPiece(this.#saying.get(agentRunId) ?? "", progress));
        break;
      case "agent.turn":
        if (progress.status === "started") this.#say(agentRunId, "");
        else {
          this.#say(agentRunId, null);
          this.#kept++;
        }
        break;
      case "agent.tool":
        this.#kept++;
        break;
    }
    for (const listener of this.#listeners) listener();
  }

  /** What agents are saying, by agent run, of those that are in the middle of a turn; another map when it changes. */
  get saying(): ReadonlyMap<string, string> {
    return this.#saying;
  }

  /** Grows whenever a transcript does. */
  get kept(): number {
    return this.#kept;
  }

  #say(agentRunId: string, words: string | null): void {
    const saying = new Map(this.#saying);
    if (words === null) saying.delete(agentRunId);
    else saying.set(agentRunId, words);
    this.#saying = saying;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
