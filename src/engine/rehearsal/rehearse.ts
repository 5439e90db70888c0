import type { Definition } from "../../core/definition/types.ts";
import type { By } from "../../core/identity/channel.ts";
import type { JsonObject } from "../../core/json.ts";
import { AlarmClock, outcomesBelow } from "../../core/rehearsal/alarm-clock.ts";
import type { Scenario } from "../../core/rehearsal/scenario.ts";
import type { Command } from "../../core/run/commands.ts";
import { create } from "../../core/run/decide.ts";
import type { Recorded } from "../../core/run/events.ts";
import type { RunId, StepId } from "../../core/run/ids.ts";
import type { CallStanding, RunCall } from "../../core/run/questions.ts";
import { isTerminal, leaseOf, type Run, type Step } from "../../core/run/run.ts";
import type { AttemptResult } from "../../core/run/states/agent.ts";
import { decideWithAnswers } from "../apply.ts";
import { concurrencyKeyOf } from "../concurrency-key.ts";
import type { Expressions } from "../ports/expressions.ts";
import type { Understudy } from "../ports/rehearsal.ts";
import type { SchemaError, Schemas } from "../ports/schemas.ts";
import { runInput } from "../run-input.ts";
import { type Call, Cast, type Ending } from "./cast.ts";
import { Crowd } from "./crowd.ts";

export type RehearsalPorts = {
  readonly expressions: Expressions;
  readonly schemas: Schemas;
  readonly understudy: Understudy;
};

export type Play = {
  readonly definition: Definition;
  readonly environment: string;
  /** The stored version that is rehearsed; 0 for a file's. */
  readonly version: number;
  readonly scenario: Scenario;
  /** Where it is broken off, for whoever has less time than a test. */
  readonly mostMoves?: number;
};

/** What came of a rehearsal. */
export type Rehearsed = {
  readonly run: Run;
  readonly events: readonly Recorded[];
  readonly calls: readonly Call[];
  /** Virtual milliseconds from the run's start to its end. */
  readonly tookMs: number;
  /** Why it was broken off before the run ended; `null` when it did end. */
  readonly brokenOff: string | null;
  /** Consents nobody gave: approvals and signals that were assumed. */
  readonly assumed: readonly string[];
};

export type RehearsalResult =
  | { readonly status: "rehearsed"; readonly rehearsed: Rehearsed }
  | { readonly status: "invalid-input"; readonly errors: readonly SchemaError[] };

/** Noon of a Monday: nothing depends on it but `_timestamp`, and that should be the same every time. */
const BEGINNING = 1_767_614_400_000;
/** More than the largest fan-out needs. */
const MOST_MOVES = 200_000;
const WORKER = "rehearsal";

/**
 * Plays a workflow through in memory: the real decisions and expressions, agents and people as the scenario says, and
 * time that passes only when nothing is left to do at its moment. Nothing is stored and nobody is called.
 */
export async function rehearse(ports: RehearsalPorts, play: Play): Promise<RehearsalResult> {
  const { definition, scenario, version, environment } = play;
  const given = await runInput(ports, definition, scenario.input, BEGINNING);
  if (!given.valid) return { status: "invalid-input", errors: given.errors };
  // Nobody else is here to wait for, but a run that has no key is not begun.
  const counted = await concurrencyKeyOf(ports, definition, { version, environment }, given.input);
  if (!counted.ok)
    return {
      status: "invalid-input",
      errors: [{ pointer: "", message: counted.message, keyword: "concurrency" }],
    };
  const stage = new Stage(ports, play, given.input);
  return { status: "rehearsed", rehearsed: await stage.play() };
}

/** An attempt that an agent has in hand. */
type Work = { readonly step: Step; readonly dueAt: number; readonly result: AttemptResult };

class Stage {
  readonly #ports: RehearsalPorts;
  readonly #cast: Cast;
  readonly #crowd: Crowd;
  readonly #alarms = new AlarmClock();
  readonly #works = new Map<StepId, Work>();
  /** Called runs: those that have not ended yet, and how all of them do. */
  readonly #going = new Map<RunId, Ending>();
  readonly #endings = new Map<RunId, Ending>();
  readonly #log: Recorded[] = [];
  readonly #mostMoves: number;
  #run: Run;
  #now = BEGINNING;

  constructor(
    ports: RehearsalPorts,
    { definition, environment, version, scenario, mostMoves = MOST_MOVES }: Play,
    input: JsonObject,
  ) {
    this.#ports = ports;
    this.#mostMoves = mostMoves;
    this.#cast = new Cast(ports.understudy, scenario);
    this.#crowd = new Crowd(scenario, BEGINNING);
    const { run, transition } = create(
      {
        runId: "run_rehearsal" as RunId,
        workflow: { id: definition.id, version, environment },
        definition,
        input,
        labels: { ...definition.labels },
      },
      BEGINNING,
      { actor: "user:rehearsal", channel: "api" },
    );
    this.#run = run;
    this.#log.push(...transition.events);
    this.#alarms.follow(transition, run);
  }

  async play(): Promise<Rehearsed> {
    let brokenOff: string | null = null;
    for (let moves = 0; !isTerminal(this.#run); moves++) {
      if (moves === this.#mostMoves) {
        brokenOff = `it does not end: broken off after ${moves} moves, on ${this.#standing()}`;
        break;
      }
      if (!(await this.#next())) {
        brokenOff = `it waits for what never comes: ${this.#standing()}`;
        break;
      }
    }
    return {
      run: this.#run,
      events: this.#log,
      calls: this.#cast.calls,
      tookMs: this.#now - BEGINNING,
      brokenOff,
      assumed: this.#crowd.assumed,
    };
  }

  /** Does whatever comes next, at its moment; false when nothing ever does. */
  async #next(): Promise<boolean> {
    const alarm = this.#alarms.next;
    const work = earliest(this.#works.values());
    const deed = this.#crowd.next(this.#run, this.#now);
    const ending = earliest(this.#going.values());
    const at = Math.min(...[alarm, work, ending, deed].map((one) => one?.dueAt ?? FOREVER));
    if (at === FOREVER) return false;
    this.#now = Math.max(this.#now, at);
    if (alarm !== null && alarm.dueAt === at) {
      this.#alarms.take(alarm.target);
      if (alarm.target === "!run")
        await this.#send({ type: "expire" }, { actor: "system", channel: "worker" });
      else await this.#send({ type: "advance", branch: alarm.target, starter: STARTER, isOrphaned: false });
    } else if (work !== null && work.dueAt === at) await this.#finish(work);
    else if (ending !== null && ending.dueAt === at) {
      this.#going.delete(ending.runId);
      await this.#send({ type: "advance", branch: ending.branch, starter: STARTER, isOrphaned: false });
    } else if (deed !== null) {
      this.#crowd.done(deed);
      await this.#send(deed.command, { actor: deed.by, channel: "api" });
    }
    return true;
  }

  #standingOf(run: Run, call: RunCall): CallStanding {
    const { branch, stepId } = call.calledBy;
    const step = run.steps[stepId];
    if (!step) throw new Error(`step ${stepId} of "${branch}" has called a run and is not there`);
    let ending = this.#endings.get(call.runId);
    if (!ending) {
      ending = this.#cast.answer(step, call, this.#now);
      this.#endings.set(call.runId, ending);
      if (ending.dueAt > this.#now) this.#going.set(call.runId, ending);
    }
    return ending.dueAt > this.#now ? { status: "open" } : ending.standing;
  }

  async #finish({ step, result }: Work): Promise<void> {
    this.#works.delete(step.id);
    const lease = leaseOf(step);
    if (!lease) throw new Error(`step ${step.id} is in nobody's hands`);
    const { id: stepId, attempt, branch } = step;
    await this.#send({ type: "complete-step", branch, stepId, attempt, lease, result, starter: STARTER });
  }

  async #send(command: Command, by: By = { actor: `worker:${WORKER}`, channel: "worker" }): Promise<void> {
    const { expressions, schemas } = this.#ports;
    const store = {
      runs: {
        outcomes: async (_: RunId, ...below: [Step["branch"], string]) => outcomesBelow(this.#run, ...below),
        aheadOf: async () => [],
        waitsFor: async () => true,
      },
    };
    const clock = { now: () => this.#now, random: () => 0.5 };
    const standingOf = async (run: Run, call: RunCall) => this.#standingOf(run, call);
    const seen = { alarm: 1 };
    const decided = await decideWithAnswers(
      { store, clock, expressions, schemas, standingOf },
      this.#run,
      command,
      by,
      seen,
    );
    // A person came too late, or decided twice: as in earnest, nothing comes of it.
    if (decided.kind === "refused" || decided.transition === null) return;
    this.#run = withoutLeft(decided.run, decided.transition.steps);
    this.#log.push(...decided.transition.events);
    this.#alarms.follow(decided.transition, this.#run);
    for (const step of decided.transition.steps) await this.#take(step);
  }

  /** Lets an agent begin what a decision has just started. */
  async #take(step: Step): Promise<void> {
    if (leaseOf(step) === null || this.#works.get(step.id)?.step.attempt === step.attempt) return;
    const { result, takesMs } = await this.#cast.perform(this.#run, step, this.#now);
    this.#works.set(step.id, { step, dueAt: this.#now + takesMs, result });
  }

  #standing(): string {
    const open = Object.values(this.#run.branches).flatMap(({ path, position }) =>
      position.at === "closed" ? [] : [`"${position.state}"${path === "" ? "" : ` of ${path}`}`],
    );
    return open.slice(0, 5).join(", ");
  }
}

function earliest<One extends { readonly dueAt: number }>(all: Iterable<One>): One | null {
  let first: One | null = null;
  for (const one of all) if (first === null || one.dueAt < first.dueAt) first = one;
  return first;
}

/** As the store loads it: a step that was left is in its branch's context, and nobody asks for it again. */
function withoutLeft(run: Run, steps: readonly Step[]): Run {
  const left = steps.filter(({ exit }) => exit !== null);
  if (left.length === 0) return run;
  const rest: Record<StepId, Step> = { ...run.steps };
  for (const { id } of left) delete rest[id];
  return { ...run, steps: rest };
}

const FOREVER = Number.POSITIVE_INFINITY;
const STARTER = { worker: WORKER };
