import type { By } from "../identity/channel.ts";
import type { Recorded, RunEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import type { BranchPath, RunId } from "./ids.ts";
import type { Answer, Answers, Question } from "./questions.ts";
import type { Branch, Run } from "./run.ts";
import { branchOf } from "./tables.ts";

/** What a decision may ask of the world. All of it is data, so a decision can be repeated. */
export type World = {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** In [0, 1): spreads retries. */
  readonly random: number;
  readonly answers: Answers;
};

/** Who may start an attempt in this decision; without one, work is scheduled for whoever takes it. */
export type Starter = { readonly worker: string };

/** Thrown inside a decision that needs an answer it does not have; caught by `decide`. */
export class Unanswered {
  readonly question: Question;
  constructor(question: Question) {
    this.question = question;
  }
}

/** One decision in progress: every event is applied as soon as it is emitted, so `run` is always current. */
export class Turn {
  readonly events: Recorded[] = [];
  readonly before: Run;
  run: Run;
  readonly world: World;
  readonly by: By;
  readonly starter: Starter | null;
  /** Runs that must be cancelled before this one can start. */
  displaces: readonly RunId[] = [];
  /** States this decision may still enter: a loop that needs nothing from outside must let others work too. */
  #moves: number;

  constructor(run: Run, world: World, by: By, starter: Starter | null, moves = 100) {
    this.before = run;
    this.run = run;
    this.world = world;
    this.by = by;
    this.starter = starter;
    this.#moves = moves;
  }

  get now(): number {
    return this.world.now;
  }

  emit(event: RunEvent, actor = this.by.actor): void {
    const recorded = { at: this.world.now, actor, channel: this.by.channel, event };
    this.events.push(recorded);
    this.run = evolve(this.run, recorded);
  }

  branch(path: BranchPath): Branch {
    return branchOf(this.run, path);
  }

  /** The answer to a question, or the end of this decision: it will be made again with the answer. */
  ask<Ask extends Question["ask"]>(question: Question & { ask: Ask }): Answer & { ask: Ask } {
    const answer = this.world.answers.get(question.key);
    if (answer?.ask !== question.ask) throw new Unanswered(question);
    return answer as Answer & { ask: Ask };
  }

  /** Takes one of the moves left; false when this decision has made enough of them. */
  takeMove(): boolean {
    return this.#moves-- > 0;
  }
}
