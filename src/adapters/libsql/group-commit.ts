import type { Transition } from "../../core/run/transition.ts";
import type { TaskMessage } from "../../engine/ports/queue.ts";
import type { CommitResult, Once } from "../../engine/ports/runs.ts";
import type { Clock, Log } from "../../engine/ports.ts";
import { newestPerTarget } from "./alarms.ts";
import { type Prepared, prepare } from "./prepare.ts";

/** What became of one transition: a result, or the error that it alone has caused. */
export type Outcome =
  | {
      readonly result: CommitResult;
      /** The global position of its last event, where it is counted here. */
      readonly position?: number;
    }
  | { readonly error: unknown };

/** A transition that was kept, how it was written, and the numbers of its last event. */
export type Committed = {
  readonly transition: Transition;
  readonly item: Prepared;
  readonly seq: number;
  readonly position: number | null;
};

/** An outcome for each transition of a group, and what their alarms hand over. */
export type Written = { readonly outcomes: readonly Outcome[]; readonly messages: readonly TaskMessage[] };

/** Keeps a group of transitions in one transaction. Rejects when nobody knows what became of them. */
export type WriteGroup = (group: readonly Prepared[]) => Promise<Written>;

/** Where a group ends: which of the waiting transitions may share a transaction. Takes at least the first. */
export type PickGroup = (waiting: readonly Prepared[]) => readonly Prepared[];

const MOST = 64;
const MOST_CHARACTERS = 1_000_000;

type Waiting = {
  readonly item: Prepared;
  readonly transition: Transition;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Transitions that are ready together share a transaction. Nobody waits for a group to fill: it is written as
 * soon as the event loop has dealt with what has arrived, and the next one when that is done.
 */
export class GroupCommit {
  readonly #write: WriteGroup;
  readonly #pick: PickGroup;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #committed: (committed: Committed) => void;
  readonly #listeners: ((messages: readonly TaskMessage[]) => void)[] = [];
  readonly #waiting = new Map<Prepared, Waiting>();
  #flushing: Promise<void> | null = null;

  constructor(options: {
    readonly write: WriteGroup;
    readonly pick: PickGroup;
    readonly clock: Clock;
    readonly log: Log;
    /** Called for each transition that was kept, before its promise resolves. */
    readonly committed: (committed: Committed) => void;
  }) {
    this.#write = options.write;
    this.#pick = options.pick;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#committed = options.committed;
  }

  commit(transition: Transition, once?: Once): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      const item = prepare(transition, once, this.#clock.now());
      this.#waiting.set(item, { item, transition, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  onDispatch(listener: (messages: readonly TaskMessage[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves when everything that was asked for is kept or refused. */
  async drained(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.size > 0) {
      await macrotask();
      const group = this.#pick(firstOf(this.#waiting.keys()));
      const waiting = group.flatMap((item) => this.#waiting.get(item) ?? []);
      for (const item of group) this.#waiting.delete(item);
      await this.#writeGroup(waiting);
    }
    this.#flushing = null;
  }

  async #writeGroup(waiting: readonly Waiting[]): Promise<void> {
    let written: Written;
    try {
      written = await this.#write(waiting.map(({ item }) => item));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      return;
    }
    const { outcomes, messages } = written;
    for (const [index, { item, transition, resolve, reject }] of waiting.entries()) {
      const outcome = outcomes[index];
      if (!outcome) reject(new Error("the store lost track of a transition; this is a bug"));
      else if ("error" in outcome) reject(outcome.error);
      else {
        const { result, position = null } = outcome;
        if (result.status === "committed")
          this.#committed({ transition, item, seq: result.lastSeq, position });
        resolve(result);
      }
    }
    if (messages.length > 0) this.#dispatch(newestPerTarget(messages));
  }

  #dispatch(messages: readonly TaskMessage[]): void {
    for (const listener of this.#listeners)
      try {
        listener(messages);
      } catch (error) {
        // The alarms are stored and come again.
        this.#log.error("handing over tasks failed", { error: String(error), tasks: messages.length });
      }
  }
}

function firstOf(waiting: Iterable<Prepared>): readonly Prepared[] {
  const group: Prepared[] = [];
  let characters = 0;
  for (const item of waiting) {
    characters += item.size;
    if (group.length === MOST || (group.length > 0 && characters > MOST_CHARACTERS)) break;
    group.push(item);
  }
  return group;
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
