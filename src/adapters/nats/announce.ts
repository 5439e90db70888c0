import type { Msg } from "@nats-io/transport-node";
import type { RunId } from "../../core/run/ids.ts";
import type { AnnouncementListener } from "../../engine/ports/queue.ts";
import type { Log } from "../../engine/ports.ts";
import type { Link } from "./link.ts";
import { Listeners } from "./listeners.ts";

/** A first announcement goes out at once, those of the next milliseconds go together. */
const COALESCE_MS = 10;
const IDS_PER_MESSAGE = 1_000;

/** "These runs have new events", over plain NATS: nothing is kept, whoever misses it polls. */
export class Announcer {
  readonly #link: Link;
  readonly #subject: string;
  readonly #log: Log;
  readonly #listeners: Listeners<Announcement>;
  /** Runs to tell of, and whether they have ended. */
  #waiting = new Map<RunId, boolean>();
  #timer: NodeJS.Timeout | null = null;

  constructor(link: Link, subject: string, log: Log) {
    this.#link = link;
    this.#subject = subject;
    this.#log = log;
    this.#listeners = new Listeners(link, { subject, what: "announcements", read: announcementOf }, log);
  }

  announce(runIds: readonly RunId[], ended = false): void {
    for (const runId of runIds) this.#waiting.set(runId, ended || this.#waiting.get(runId) === true);
    if (this.#timer !== null || this.#waiting.size === 0) return;
    queueMicrotask(() => this.#send());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#waiting.size > 0) this.announce([]);
    }, COALESCE_MS);
    this.#timer.unref();
  }

  onAnnounced(listener: AnnouncementListener): () => void {
    return this.#listeners.add(({ runs, ended }) => listener(runs, ended));
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#send();
    this.#listeners.clear();
  }

  #send(): void {
    const waiting = [...this.#waiting];
    this.#waiting = new Map();
    const { connection, state } = this.#link;
    // Kept for a server that is away they would only pile up.
    if (connection === null || (state !== "ready" && state !== "checking") || connection.isClosed()) return;
    try {
      for (let from = 0; from < waiting.length; from += IDS_PER_MESSAGE)
        connection.publish(this.#subject, textOf(waiting.slice(from, from + IDS_PER_MESSAGE)));
    } catch (error) {
      this.#log.warn("announcement not sent", { error: String(error) });
    }
  }
}

/** What goes over the wire: the runs with new events, and those of them that have ended. */
type Announcement = { readonly runs: readonly RunId[]; readonly ended: readonly RunId[] };

function announcementOf(message: Msg): Announcement {
  const { runs, ended } = message.json<Partial<Announcement>>();
  if (Array.isArray(runs) && Array.isArray(ended)) return { runs, ended };
  throw new Error("no lists of runs");
}

function textOf(waiting: readonly (readonly [RunId, boolean])[]): string {
  const ended = waiting.flatMap(([runId, hasEnded]) => (hasEnded ? [runId] : []));
  return JSON.stringify({ runs: waiting.map(([runId]) => runId), ended } satisfies Announcement);
}
