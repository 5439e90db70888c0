import type { Msg } from "@nats-io/transport-node";
import type { AgentProgress } from "../../engine/ports/agents.ts";
import type { Log } from "../../engine/ports.ts";
import type { Link } from "./link.ts";
import { Listeners } from "./listeners.ts";

/** What agents are doing, over plain NATS: whoever is not there misses it, and nobody waits for it. */
export class Progress {
  readonly #link: Link;
  readonly #subject: string;
  readonly #log: Log;
  readonly #listeners: Listeners<AgentProgress>;

  constructor(link: Link, subject: string, log: Log) {
    this.#link = link;
    this.#subject = subject;
    this.#log = log;
    const told = {
      subject: `${subject}.*`,
      what: "progress",
      read: (message: Msg) => message.json<AgentProgress>(),
    };
    this.#listeners = new Listeners(link, told, log);
  }

  tell(progress: AgentProgress): void {
    const { connection, state } = this.#link;
    if (connection === null || state !== "ready" || connection.isClosed()) return;
    try {
      connection.publish(`${this.#subject}.${progress.runId}`, JSON.stringify(progress));
    } catch (error) {
      this.#log.warn("progress not told", { error: String(error) });
    }
  }

  onTold(listener: (progress: AgentProgress) => void): () => void {
    return this.#listeners.add(listener);
  }

  close(): void {
    this.#listeners.clear();
  }
}
