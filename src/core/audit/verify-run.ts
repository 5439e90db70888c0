import { chainHash, chainStart, purgedDigest, type SealedText } from "./chain.ts";
import { type Fault, fault } from "./fault.ts";
import { differencesFrom, marksIn } from "./marks.ts";

/** The chain's value at an event, as the sealer kept it. */
export type KeptSeal = {
  readonly seq: number;
  readonly hash: string;
  readonly marks: string;
};

/** Where a run stood when a checkpoint was made. */
export type CheckpointedHead = { readonly checkpoint: number; readonly seq: number; readonly hash: string };

/** What vouches for a run, each oldest first, and what may be missing of it. */
export type Vouchers = {
  readonly seals: readonly KeptSeal[];
  readonly heads: readonly CheckpointedHead[];
  /** An administrative event says that the run's data was purged. */
  readonly isPurged: boolean;
};

const ENDS: ReadonlySet<string> = new Set(["run.completed", "run.failed", "run.cancelled", "run.timed_out"]);

const AFTER_THE_END = "follows the event that ended the run";

/** Follows one run's events, oldest first, until something is wrong with them. */
export class RunCheck {
  readonly runId: string;
  readonly #vouchers: Vouchers;
  #hash: string;
  #seq = 0;
  #seal = 0;
  #head = 0;
  #hasEnded = false;
  /** Events since the last seal that held. */
  #open: SealedText[] = [];
  #fault: Fault | null = null;

  constructor(runId: string, vouchers: Vouchers) {
    this.runId = runId;
    this.#vouchers = vouchers;
    this.#hash = chainStart(runId);
  }

  /** The next event; `isDue`: it should have a seal by now. After the first fault nothing more is looked at. */
  take(event: SealedText, isDue: boolean): void {
    this.#fault ??= this.#faultOf(event, isDue);
  }

  /** What was wrong with the run, once all its events were taken; `null`: nothing. */
  end(): Fault | null {
    if (this.#fault) return this.#fault;
    const sealed = this.#vouchers.seals.at(-1)?.seq ?? 0;
    if (sealed > this.#seq) return this.#missing(this.#seq + 1, sealed);
    const head = this.#vouchers.heads[this.#head];
    if (!head) return null;
    return head.seq > this.#seq
      ? this.#missing(this.#seq + 1, head.seq)
      : this.#at(head.seq, `has no seal any more, which checkpoint ${head.checkpoint} counts`);
  }

  #faultOf(event: SealedText, isDue: boolean): Fault | null {
    const { seq, type, data } = event;
    if (seq !== this.#seq + 1) return this.#missing(this.#seq + 1, seq - 1);
    this.#seq = seq;
    const { seals, heads, isPurged } = this.#vouchers;
    const seal = seals[this.#seal];
    if (seal === undefined) {
      if (isDue) return this.#unsealed(seq);
      return this.#hasEnded ? this.#at(seq, AFTER_THE_END) : null;
    }
    this.#hash = chainHash(this.#hash, event);
    this.#open.push(event);
    if (seal.seq === seq) {
      if (seal.hash !== this.#hash) return this.#broken(seal);
      this.#seal++;
      this.#open = [];
      for (let head = heads[this.#head]; head?.seq === seq; head = heads[++this.#head])
        if (head.hash !== this.#hash) return this.#rewritten(head);
    }
    if (!isPurged && purgedDigest(data) !== null)
      return this.#at(seq, "has no data any more, and no administrative event says that it was purged");
    if (this.#hasEnded) return this.#at(seq, AFTER_THE_END);
    this.#hasEnded = ENDS.has(type);
    return null;
  }

  #unsealed(seq: number): Fault {
    const head = this.#vouchers.heads.at(-1);
    return head !== undefined && head.seq >= seq
      ? this.#between(
          seq,
          head.seq,
          `event ${seq} has no seal any more: checkpoint ${head.checkpoint} counts events up to ${head.seq}`,
        )
      : this.#at(seq, "has no seal, although later ones have: it was added behind Station's back");
  }

  #missing(from: number, to: number): Fault {
    const which = from === to ? `event ${from} is` : `events ${from} to ${to} are`;
    return this.#between(from, to, `${which} missing`);
  }

  /** A seal does not fit the events since the one before: the marks say which of them is another than it was. */
  #broken(seal: KeptSeal): Fault {
    const marks = marksIn(seal.marks);
    if (marks.length === this.#open.length)
      for (const [index, event] of this.#open.entries()) {
        const fields = differencesFrom(marks[index] ?? "", event);
        if (fields.length > 0) return this.#at(event.seq, `was changed: ${fields.join(", ")}`, fields);
      }
    const from = this.#open[0]?.seq ?? seal.seq;
    const which = from === seal.seq ? `event ${from}` : `events ${from} to ${seal.seq}`;
    return this.#between(from, seal.seq, `${which} and the seal at ${seal.seq} do not belong together`);
  }

  /** Events and seals agree with each other and not with a checkpoint. */
  #rewritten({ checkpoint, seq }: CheckpointedHead): Fault {
    const from = (this.#vouchers.heads[this.#head - 1]?.seq ?? 0) + 1;
    const which = from === seq ? `event ${from} was` : `events ${from} to ${seq} were`;
    const known = `checkpoint ${checkpoint} knows another hash at event ${seq}`;
    return this.#between(from, seq, `${which} rewritten with the seals: ${known}`);
  }

  #at(seq: number, what: string, fields: readonly string[] = []): Fault {
    return fault("run", this.runId, `event ${seq} ${what}`, { seq, fields });
  }

  #between(from: number, to: number, message: string): Fault {
    return fault("run", this.runId, message, { seq: from, upTo: from === to ? null : to });
  }
}
