import type { MessagePort } from "node:worker_threads";
import type { Channel } from "../../core/identity/channel.ts";
import type { RunEvent } from "../../core/run/events.ts";
import { StoreUnavailable } from "../../engine/errors.ts";
import type { Cells, Database, Query } from "./database.ts";
import type { Asked, Told } from "./lender.ts";
import { type Lent, lentIn } from "./lent-text.ts";
import type { RecentEvents } from "./recent-events.ts";

type Waiting = {
  readonly resolve: (rows: readonly (readonly Cells[])[]) => void;
  readonly reject: (error: Error) => void;
};

/** A database that another thread has open and lends (`Lender`); what it is told of commits is kept in `recent`. */
export class BorrowedDatabase implements Database {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #isGone = false;
  readonly writeFailure = null;

  constructor(port: MessagePort, underWay: Int32Array<SharedArrayBuffer>, recent: RecentEvents) {
    this.#port = port;
    port.on("message", (told: Told) => {
      if ("committed" in told)
        for (const lent of lentIn(told.committed)) {
          Atomics.sub(underWay, 0, lent.characters);
          recent.add(recordedOf(lent), lent.events, lent, lent.characters);
        }
      else if ("forget" in told) recent.forget();
      else this.#answered(told);
    });
    port.on("close", () => {
      this.#isGone = true;
      for (const { reject } of this.#waiting.values()) reject(gone());
      this.#waiting.clear();
    });
  }

  read(queries: readonly Query[]): Promise<readonly (readonly Cells[])[]> {
    return this.#ask("read", queries);
  }

  write(queries: readonly Query[]): Promise<readonly (readonly Cells[])[]> {
    return this.#ask("write", queries);
  }

  async close(): Promise<void> {
    this.#isGone = true;
    this.#port.close();
  }

  #ask(mode: Asked["mode"], queries: readonly Query[]): Promise<readonly (readonly Cells[])[]> {
    if (this.#isGone) return Promise.reject(gone());
    return new Promise((resolve, reject) => {
      const id = ++this.#asked;
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ id, mode, queries } satisfies Asked);
    });
  }

  #answered(told: Extract<Told, { readonly id: number }>): void {
    const waiting = this.#waiting.get(told.id);
    this.#waiting.delete(told.id);
    if ("rows" in told) waiting?.resolve(told.rows);
    else waiting?.reject(new StoreUnavailable(told.error));
  }
}

function gone(): StoreUnavailable {
  return new StoreUnavailable("the lender is gone");
}

function recordedOf({ runId, events }: Lent) {
  return {
    runId,
    events: events.map(([at, actor, channel, , data]) => ({
      ...{ at, actor, channel: channel as Channel },
      event: JSON.parse(data) as RunEvent,
    })),
  };
}
