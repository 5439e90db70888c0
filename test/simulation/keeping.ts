import { createHash } from "node:crypto";
import { FINAL_STATUSES } from "../../src/core/retention/policy.ts";
import type { RunId } from "../../src/core/run/ids.ts";
import { checkpointOnce } from "../../src/engine/checkpoint.ts";
import type { ArchiveFiles } from "../../src/engine/ports/archives.ts";
import type { Clock, Log, Store } from "../../src/engine/ports.ts";
import { archiveOnce, bringBackRuns, purgeRun, releaseRun } from "../../src/engine/retention.ts";
import { sealOnce } from "../../src/engine/seal-events.ts";
import { by } from "../support/people.ts";
import type { Chance } from "./random.ts";

type Site = { readonly store: Store; readonly clock: Clock };

const EVERYTHING = { rules: [{ workflow: null, status: null, keepMs: 0 }], holdLabel: "hold" };
const FEW = { runs: 3, events: 10_000 };
const ANA = by("user:ana");
const DIES = 0.05;
const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Moves runs to files as soon as they have ended, by processes that die over it, and now and then brings some back or purges one. */
export class Keeping {
  readonly #chance: Chance;
  readonly #files = new Map<string, readonly string[]>();
  /** Runs of which no value is left. */
  readonly purged = new Set<RunId>();
  #isMortal = true;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Goes on with what was begun, or dies over it. */
  async keep({ store, clock }: Site): Promise<void> {
    if (!this.#chance.happens(0.1)) return;
    await delivered(store, clock.now());
    await this.#vouched({ store, clock });
    await archiveOnce(this.#ports({ store, clock }), EVERYTHING, FEW, this.#signal()).catch(dead);
    if (this.#chance.happens(0.2)) await this.#bringBack({ store, clock }).catch(dead);
    if (this.#chance.happens(0.1)) await this.#purge({ store, clock });
  }

  /** Everything that has left the database comes back into it. */
  async undo(site: Site): Promise<void> {
    this.#isMortal = false;
    const { store } = site;
    while (await store.archives.unfinished())
      await archiveOnce(this.#ports(site), EVERYTHING, FEW, this.#signal());
    for (const { archiveId } of await store.archives.list({ limit: 1000 })) {
      const { status } = await bringBackRuns(this.#ports(site), archiveId, null, ANA);
      if (status !== "back") throw new Error(`${archiveId} does not come back: ${status}`);
    }
  }

  async #bringBack(site: Site): Promise<void> {
    const archives = await site.store.archives.list({ limit: 100 });
    if (archives.length === 0) return;
    const ports = this.#ports(site);
    const back = await bringBackRuns(ports, this.#chance.pick(archives).archiveId, null, ANA);
    if (back.status !== "back") return;
    for (const runId of back.runIds)
      if (this.#chance.happens(0.7)) await releaseRun(ports, runId, "seen", ANA);
  }

  async #purge(site: Site): Promise<void> {
    const runs = await site.store.queries.runs({ status: FINAL_STATUSES }, { limit: 100 });
    if (runs.length === 0) return;
    const { runId } = this.#chance.pick(runs);
    if ((await purgeRun(site, runId, "article 17", ANA)) === "purged") this.purged.add(runId);
  }

  async #vouched(site: Site): Promise<void> {
    while ((await sealOnce(site, 1000)) > 0);
    while ((await checkpointOnce(site, null, 10_000)) === "more");
  }

  #ports({ store, clock }: Site) {
    const { archives } = store;
    const around =
      <Args extends readonly unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
      async (...args: Args): Promise<Answer> => {
        this.#mayDie();
        const answer = await call(...args);
        this.#mayDie();
        return answer;
      };
    const mortal = {
      ...archives,
      begin: around(archives.begin),
      written: around(archives.written),
      giveUp: around(archives.giveUp),
      removeRuns: around(archives.removeRuns),
      bringBack: around(archives.bringBack),
    };
    return { store: { ...store, archives: mortal }, archiveFiles: this.#folder, clock, log: SILENT };
  }

  get #folder(): ArchiveFiles {
    const files = this.#files;
    return {
      write: async (name, lines) => {
        const written: string[] = [];
        for await (const line of lines) written.push(line);
        this.#mayDie();
        files.set(name, written);
        this.#mayDie();
        return { sha256: digestOf(written), bytes: written.length };
      },
      async *lines(name) {
        yield* files.get(name) ?? [];
      },
      async digest(name) {
        const lines = files.get(name);
        return lines ? digestOf(lines) : null;
      },
      async remove(name) {
        files.delete(name);
      },
    };
  }

  /** Looked at between any two parts of what is removed. */
  #signal(): AbortSignal {
    const { signal } = new AbortController();
    return Object.assign(signal, { throwIfAborted: () => this.#mayDie() });
  }

  #mayDie(): void {
    if (this.#isMortal && this.#chance.happens(DIES)) throw new Dead("dead");
  }
}

class Dead extends Error {}

function dead(error: unknown): void {
  if (!(error instanceof Dead)) throw error;
}

/** Whoever is told of runs has heard of them. */
async function delivered({ notifications }: Store, now: number): Promise<void> {
  const order = { now, until: now + 1000, limit: 1000, busy: [], holder: "teller" };
  const latest = { at: now, ms: 1, status: 200, answer: null, error: null };
  for (const taken of await notifications.take(order))
    await notifications.settle(taken, { latest, standing: { status: "DELIVERED", at: now } });
}

function digestOf(lines: readonly string[]): string {
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}
