import { createSchemas } from "../../src/adapters/json-schema/schemas.ts";
import type { Block, Definition, State } from "../../src/core/definition/types.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { AlarmClock, outcomesBelow } from "../../src/core/rehearsal/alarm-clock.ts";
import type { Command, Refusal } from "../../src/core/run/commands.ts";
import { create, decide } from "../../src/core/run/decide.ts";
import type { Recorded } from "../../src/core/run/events.ts";
import type { BranchPath, RunId } from "../../src/core/run/ids.ts";
import type { Answer, CallStanding, Evaluation, Question, RunCall } from "../../src/core/run/questions.ts";
import { type CalledBy, isTerminal, leaseOf, type Run, type Step } from "../../src/core/run/run.ts";
import type { AttemptResult } from "../../src/core/run/states/agent.ts";
import type { Transition } from "../../src/core/run/transition.ts";
import { by } from "./people.ts";

const SCHEMAS = createSchemas();

/** What the agent of a state answers on an attempt. */
export type Agents = (step: Step, run: Run) => AttemptResult;

/** A run of one definition in memory: no store, no queue, no crash. Alarms are followed in order of time. */
export class Drive {
  readonly log: Recorded[] = [];
  now = 1_700_000_000_000;
  run: Run;
  /** Who is ahead of the run for a slot. */
  ahead: readonly RunId[] = [];
  /** Where called runs stand, and all that were asked for. */
  readonly standings = new Map<RunId, CallStanding>();
  readonly calls: RunCall[] = [];
  /** Whether the step that called this run still waits for it. */
  isAwaited = true;
  /** What the last command left to be kept. */
  kept: Transition | null = null;
  /** Whose place it would take. */
  displaces: readonly RunId[] = [];
  /** Why the last command was refused. */
  refused: Refusal | null = null;
  readonly #agents: Agents;
  readonly #evaluate: (text: string, scope: JsonObject) => JsonValue;
  readonly #alarms = new AlarmClock();

  constructor(
    definition: Definition,
    options: {
      readonly input?: JsonObject;
      readonly agents?: Agents;
      readonly starter?: string;
      readonly author?: string;
      readonly concurrencyKey?: string;
      readonly calledBy?: CalledBy;
      /** A run that is there already: one that is run again. */
      readonly begun?: { readonly run: Run; readonly transition: Transition };
      readonly evaluate?: (text: string, scope: JsonObject) => JsonValue;
    } = {},
  ) {
    this.#agents =
      options.agents ?? ((step) => ({ status: "completed", output: step.state, simulated: false }));
    this.#evaluate = options.evaluate ?? (() => null);
    const begun = options.begun ?? this.#created(definition, options);
    this.run = begun.run;
    this.now = begun.run.createdAt;
    this.log.push(...begun.transition.events);
    this.#alarms.follow(begun.transition, begun.run);
  }

  #created(
    definition: Definition,
    options: {
      readonly input?: JsonObject;
      readonly starter?: string;
      readonly author?: string;
      readonly concurrencyKey?: string;
      readonly calledBy?: CalledBy;
    },
  ) {
    return create(
      {
        runId: "run_1" as RunId,
        workflow: {
          id: definition.id,
          version: 1,
          environment: "default",
          ...(options.author !== undefined && { author: options.author }),
        },
        definition,
        input: options.input ?? {},
        labels: {},
        ...(options.calledBy && { calledBy: options.calledBy }),
        ...(options.concurrencyKey !== undefined && { concurrencyKey: options.concurrencyKey }),
      },
      this.now,
      by(options.starter ?? "user:ana"),
    );
  }

  /** Follows alarms that are due, and lets agents work, until nothing is due any more. */
  settle(): this {
    for (let rounds = 0; rounds < 20_000; rounds++) {
      const { next } = this.#alarms;
      if (next === null || next.dueAt > this.now || isTerminal(this.run)) return this;
      this.#alarms.take(next.target);
      if (next.target === "!run") this.send({ type: "expire" }, "system");
      else this.#activate(next.target);
    }
    throw new Error("the run does not settle");
  }

  /** Lets time pass, meeting every alarm on the way. */
  pass(ms: number): this {
    const until = this.now + ms;
    for (;;) {
      const { next } = this.#alarms;
      if (next === null || next.dueAt > until) break;
      this.now = Math.max(this.now, next.dueAt);
      this.settle();
      if (isTerminal(this.run)) break;
    }
    this.now = until;
    return this;
  }

  send(command: Command, actor = "user:ana"): string {
    const answers = new Map<string, Answer>();
    for (;;) {
      const decided = decide(this.run, command, { now: this.now, random: 0.5, answers }, by(actor), {
        alarm: 1,
      });
      if (decided.kind === "refused") {
        this.refused = decided.refusal;
        return decided.refusal.code;
      }
      if (decided.kind === "ask") {
        answers.set(decided.question.key, this.#answer(decided.question));
        continue;
      }
      this.displaces = decided.displaces ?? [];
      this.kept = decided.transition;
      this.run = decided.run;
      this.log.push(...(decided.transition?.events ?? []));
      this.#alarms.follow(decided.transition, this.run);
      return "done";
    }
  }

  /** A called run has ended: it wakes the branch that waits for it. */
  ended(call: RunCall, standing: CallStanding): void {
    this.standings.set(call.runId, standing);
    this.send(
      { type: "advance", branch: call.calledBy.branch, starter: { worker: "w1" }, isOrphaned: false },
      "worker:w1",
    );
  }

  events(): readonly string[] {
    return this.log.map(({ event }) => ("state" in event ? `${event.type} ${event.state}` : event.type));
  }

  step(state: string): Step {
    const step = Object.values(this.run.steps).find((candidate) => candidate.state === state);
    if (!step) throw new Error(`no step of state ${state}`);
    return step;
  }

  #activate(branch: BranchPath): void {
    const starter = { worker: "w1" };
    this.send({ type: "advance", branch, starter, isOrphaned: false }, "worker:w1");
    for (;;) {
      const position = this.run.branches[branch]?.position;
      const step = position?.at === "in" ? this.run.steps[position.stepId] : undefined;
      const lease = step ? leaseOf(step) : null;
      if (!step || !lease || isTerminal(this.run)) return;
      const result = this.#agents(step, this.run);
      const { id: stepId, attempt } = step;
      this.send({ type: "complete-step", branch, stepId, attempt, lease, result, starter }, "worker:w1");
    }
  }

  #answer(question: Question): Answer {
    if (question.ask === "children") {
      const outcomes = outcomesBelow(this.run, question.branch, question.segment);
      return { ask: "children", outcomes };
    }
    if (question.ask === "check") {
      const { errors = [] } = SCHEMAS.validate(question.schema, question.value);
      return { ask: "check", misfits: errors };
    }
    if (question.ask === "caller") return { ask: "caller", waits: this.isAwaited };
    if (question.ask === "call") {
      this.calls.push(question.call);
      return { ask: "call", standing: this.standings.get(question.call.runId) ?? { status: "open" } };
    }
    if (question.ask === "slot") return { ask: "slot", ahead: this.ahead };
    const scope = Object.assign({}, ...[...question.scope.layers].reverse()) as JsonObject;
    const evaluations: Evaluation[] = [];
    for (const { text } of question.programs) {
      const value = this.#evaluate(text, scope);
      evaluations.push({ ok: true, value, truth: Boolean(value), steps: 1 });
      if (question.until && value) break;
    }
    return { ask: "evaluate", evaluations };
  }
}

/** A definition of these states, the first being the start. */
export function workflow(states: readonly State[], extra: Partial<Definition> = {}): Definition {
  return { id: "w", version: "1", name: "w", start: states[0]?.name ?? "", states, ...extra };
}

/** An agent state that leads to `next`, or ends its list. */
export function agent(name: string, next?: string, extra: object = {}): State {
  const transition = next === undefined ? ({ end: true } as const) : { next };
  return { type: "operation", action: "agent.run", name, agent: name, transition, ...extra };
}

/** A state that runs the workflow `child` and leads to `next`, or ends its list. */
export function call(name: string, next?: string, extra: object = {}): State {
  const transition = next === undefined ? ({ end: true } as const) : { next };
  return { type: "operation", action: "workflow.run", name, workflow: "child", transition, ...extra };
}

/** A block of states for a container. */
export function block(name: string, states: readonly State[]): Block {
  return { name, start: states[0]?.name ?? "", states };
}
