import { withPiece } from "../../../core/agent/spoken.ts";
import type { Progress } from "../../../http/client/stream.ts";

/**
 * What a run's agents are doing right now, as it is told: once, and to whoever listens. It may be lost, so it only says
 * that a transcript has grown, and shows the words of a turn until the transcript has them.
 */
export class LiveAgents {
  /** The words of the turn that is under way, by agent run; empty while the model has said nothing yet. */
  readonly #saying = new Map<string, string>();
  readonly #listeners = new Set<() => void>();
  #kept = 0;

  take(progress: Progress): void {
    const { agentRunId } = progress;
    switch (progress.type) {
      case "agent.text":
        this.#saying.set(agentRunId, withPiece(this.#saying.get(agentRunId) ?? "", progress));
        break;
      case "agent.turn":
        if (progress.status === "started") this.#saying.set(agentRunId, "");
        else {
          this.#saying.delete(agentRunId);
          this.#kept++;
        }
        break;
      case "agent.tool":
        this.#kept++;
        break;
    }
    for (const listener of this.#listeners) listener();
  }

  /** What an agent is saying; null while no turn is under way. */
  saying(agentRunId: string): string | null {
    return this.#saying.get(agentRunId) ?? null;
  }

  /** Grows whenever a transcript does. */
  get kept(): number {
    return this.#kept;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
