import type { Chance } from "../simulation/random.ts";
import type { Violation } from "./check-run.ts";
import { type Callers, type Order, type People, peopleAt } from "./people.ts";
import type { Refusals } from "./persist.ts";
import type { Workflow } from "./workload.ts";

/** A run that was ordered; `runId` is null while nobody has answered. */
export type Ordered = { readonly order: Order; runId: string | null; hasEnded: boolean };

/** People who start runs one after the other, each seeing theirs through to its end. */
export class Lanes {
  readonly orders: Ordered[] = [];
  readonly #workflows: readonly Workflow[];
  readonly #chance: Chance;
  readonly #giveUp = new AbortController();
  readonly #violations: Violation[] = [];
  readonly #people: People;
  #lanes: Promise<void>[] = [];
  #isOpen = true;

  constructor(callers: Callers, workflows: readonly Workflow[], chance: Chance) {
    this.#workflows = workflows;
    this.#chance = chance;
    this.#people = peopleAt(callers, chance, this.#giveUp.signal, true);
  }

  get started(): number {
    return this.orders.length;
  }

  get ended(): number {
    return this.orders.filter(({ hasEnded }) => hasEnded).length;
  }

  get runIds(): readonly string[] {
    return this.orders.flatMap(({ runId }) => (runId === null ? [] : [runId]));
  }

  get refusals(): Refusals {
    return this.#people.refusals;
  }

  open(width: number): void {
    this.#lanes = Array.from({ length: width }, () => this.#lane());
  }

  /** Nothing new is started. */
  close(): void {
    this.#isOpen = false;
  }

  /** Waits until every run has ended; those that have not within `ms` are violations. */
  async finish(ms: number): Promise<readonly Violation[]> {
    const timer = setTimeout(() => this.#giveUp.abort(), ms);
    await Promise.all(this.#lanes);
    clearTimeout(timer);
    return this.#violations;
  }

  async #lane(): Promise<void> {
    while (this.#isOpen && !this.#giveUp.signal.aborted) {
      const workflow = this.#chance.pick(this.#workflows);
      const input = this.#chance.pick(workflow.inputs);
      const order = { key: `order-${this.orders.length}`, workflow, input };
      const ordered: Ordered = { order, runId: null, hasEnded: false };
      this.orders.push(ordered);
      try {
        await this.#seeThrough(ordered);
      } catch (error) {
        const what = this.#giveUp.signal.aborted
          ? `a run of ${workflow.id} did not end in time`
          : `a request for a run of ${workflow.id} failed: ${String(error)}`;
        this.#violations.push({ kind: "lost", runId: ordered.runId, what });
      }
    }
  }

  async #seeThrough(ordered: Ordered): Promise<void> {
    const { order } = ordered;
    ordered.runId = await this.#people.start(order);
    if (this.#chance.happens(0.2)) {
      const again = await this.#people.start(order);
      if (again !== ordered.runId)
        this.#violations.push({ kind: "twice", runId: again, what: `${order.key} is ${ordered.runId} too` });
    }
    await this.#people.accompany(order, ordered.runId);
    ordered.hasEnded = true;
  }
}
