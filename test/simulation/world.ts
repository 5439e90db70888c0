import { driverOf, storeOn } from "../../src/adapters/libsql/store.ts";
import { trail } from "../../src/adapters/libsql/trail.ts";
import { pickIndependent, remoteGroupWriter } from "../../src/adapters/libsql/write-remote-group.ts";
import type { Question } from "../../src/core/agent/agent-run.ts";
import type { Definition } from "../../src/core/definition/types.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { create } from "../../src/core/run/decide.ts";
import type { ApprovalId, RunId } from "../../src/core/run/ids.ts";
import type { RunStatus } from "../../src/core/run/run.ts";
import type { Transition } from "../../src/core/run/transition.ts";
import { checkpointOnce } from "../../src/engine/checkpoint.ts";
import { cancelRun, pauseRun, resumeRun, signalRun } from "../../src/engine/control-run.ts";
import { decideApproval, delegateApproval } from "../../src/engine/decide-approval.ts";
import { StoreUnavailable } from "../../src/engine/errors.ts";
import { beat, newPulse, type Pulse } from "../../src/engine/heartbeat.ts";
import { newId } from "../../src/engine/ids.ts";
import type { Expressions } from "../../src/engine/ports/expressions.ts";
import type { People } from "../../src/engine/ports/people.ts";
import type { TaskMessage } from "../../src/engine/ports/queue.ts";
import type { Once } from "../../src/engine/ports/runs.ts";
import type { Clock, Log, Ports, Store } from "../../src/engine/ports.ts";
import { endSilent } from "../../src/engine/reconcile.ts";
import { rerunRun } from "../../src/engine/rerun-run.ts";
import { sealOnce } from "../../src/engine/seal-events.ts";
import { verifyTrail } from "../../src/engine/verify-trail.ts";
import { createWorker, type Worker } from "../../src/engine/worker.ts";
import { by, person } from "../support/people.ts";
import type { RewoundDatabase } from "../support/rewound-database.ts";
import { AgentsAtWork } from "./agents.ts";
import { Keeping } from "./keeping.ts";
import type { Chance } from "./random.ts";
import { Telling } from "./telling.ts";

/** How bad the world is: probabilities per scheduling point or action. */
export type Weather = {
  readonly crash: number;
  readonly toldFailed: number;
  readonly agentFails: number;
  readonly lose: number;
  readonly duplicate: number;
  readonly stop: number;
  readonly people: number;
  readonly cancel: number;
};

const CALM: Weather = {
  crash: 0,
  toldFailed: 0,
  agentFails: 0,
  lose: 0,
  duplicate: 0,
  stop: 0,
  people: 0,
  cancel: 0,
};

/** The code of the error with which agents fail here. */
export const AGENT_FAILURE = "BOOM";

const OPEN_RUNS = "select run_id, status from workflow_runs where finished_at is null";
const ANY_HELD = "select 1 from workflow_run_steps where lease_owner is not null limit 1";
const LEASE_MS = 1500;
const HIDE_MS = 1500;
/** How far the clocks of two machines are apart at most: more is said to be wrong. */
const SKEW_MS = 500;
/** How far a clock that was wrong is put back. */
const LEAP_MS = 60_000;

/** What a loop may have to go through. */
const ITEMS: readonly (readonly JsonValue[])[] = [
  [1, 2, 3],
  [1, 2, 3],
  [],
  [null],
  [{ nothing: null, "": -0 }, [], "\u{1F4A1} \u0000"],
  Array.from({ length: 5 }, (_, index) => index),
  ["x".repeat(5000), "x".repeat(5000)],
];

/** `trouble`: a source of its own for what only lively worlds have, so that the others stay as they were. */
type Options = { readonly trouble: Chance; readonly isLively: boolean; readonly isFar: boolean };

/** What a process sees of the world: the database, through caches of its own or those of its file, and a clock. */
export type Site = { readonly store: Store; readonly clock: Clock };

/** One process: it dies as a whole, and what it was doing never goes on. */
type Process = {
  readonly id: string;
  readonly site: Site;
  readonly worker: Worker;
  alive: boolean;
  /** Reports no sign of life, but goes on later: SIGSTOP, a long garbage collection. */
  stopped: boolean;
  /** How much its clock is ahead; changes, so that its time may go back. */
  skewMs: number;
  readonly pulse: Pulse;
};

type Gate = { readonly process: Process | null; readonly go: () => void };

/**
 * A whole deployment under one seed: several workers on the real store, a queue that loses, repeats and reorders, and
 * a clock that jumps. Every call to a port is a point where another may go first or the process may die.
 */
export class World {
  now = 1_700_000_000_000;
  weather: Weather = CALM;
  readonly executions: string[] = [];
  readonly telling: Telling;
  readonly keeping: Keeping | null;
  readonly agents: AgentsAtWork | null;
  readonly #database: RewoundDatabase;
  readonly #chance: Chance;
  readonly #trouble: Chance;
  readonly #isLively: boolean;
  readonly #isFar: boolean;
  #api: Site;
  /** Attempts that have asked people already. */
  readonly #asked = new Set<string>();
  readonly #messages: TaskMessage[] = [];
  readonly #gates: Gate[] = [];
  #processes: Process[] = [];
  #threads = 0;
  #born = 0;
  #hasLeapt = false;
  #idle: (() => void) | null = null;
  readonly failures: unknown[] = [];
  /** Runs that steps have called and others have asked for, in the order in which they came to be. */
  readonly further: RunId[] = [];

  /**
   * `isLively`: agents ask people before they finish, members leave their team, clocks differ and go back, and reads fail.
   * `isFar`: what is kept is written as to a server, a group of transitions by statements that each take all of them, and
   * each process has a store of its own; a file has one, which now and then is opened anew.
   */
  static async open(
    database: RewoundDatabase,
    chance: Chance,
    { trouble, isLively, isFar }: Options,
  ): Promise<World> {
    database.rewind();
    const world = new World(database, chance, { trouble, isLively, isFar });
    await world.telling.subscribe();
    for (let i = 0; i < 3; i++) await world.#spawn();
    return world;
  }

  private constructor(database: RewoundDatabase, chance: Chance, { trouble, isLively, isFar }: Options) {
    this.#database = database;
    this.#isLively = isLively;
    this.#isFar = isFar;
    this.#chance = chance;
    this.#trouble = trouble;
    this.#api = this.#openSite(() => this.now);
    this.telling = new Telling(() => this.#api);
    this.agents = isLively && trouble.happens(0.08) ? new AgentsAtWork(trouble) : null;
    this.keeping = isLively && trouble.happens(0.15) ? new Keeping(trouble) : null;
  }

  /** The store of whoever is no worker: the API, on whose clock the world's time is. */
  get store(): Store {
    return this.#api.store;
  }

  #openSite(now: Clock["now"]): Site {
    const clock: Clock = { now, random: () => this.#chance.next() };
    const near = driverOf(this.#database, clock, HIDE_MS, null);
    // All batches have one name, since one ends before the next begins: or each statement would be prepared anew.
    const write = remoteGroupWriter(this.#database, clock, HIDE_MS, () => "batch");
    const driver = this.#isFar ? { ...near, write, pick: pickIndependent, far: true } : near;
    const store = storeOn(driver, { clock, log: SILENT });
    store.outbox.onDispatch((messages) => this.#messages.push(...messages));
    return { store, clock };
  }

  /** `behindMs`: how much the clock of whoever starts it is behind. */
  async start(definition: Definition, runId: RunId, behindMs = 0): Promise<void> {
    const { workflow } = await this.publish(definition);
    const { transition } = create(
      {
        runId,
        workflow: { id: workflow.id, version: workflow.version, environment: "default" },
        definition,
        input: { seed: runId, items: this.#isLively ? this.#trouble.pick(ITEMS) : [1, 2, 3] },
        labels: {},
        ...(definition.concurrency && { concurrencyKey: definition.concurrency.key }),
      },
      this.now - behindMs,
      by("user:ana"),
    );
    await this.store.runs.commit(transition);
  }

  /** One thing happens: a thread goes on, a message arrives, a process dies, time passes, somebody interferes. */
  async tick(runIds: readonly RunId[]): Promise<void> {
    const chance = this.#chance;
    await this.#quiet();
    if (chance.happens(this.weather.crash)) await this.#crash(chance.pick(this.#processes));
    if (this.#isLively && this.#trouble.happens(this.weather.crash / 4)) await this.#endAll();
    if (chance.happens(this.weather.stop)) chance.pick(this.#processes).stopped = true;
    if (chance.happens(this.weather.people)) this.#interfere(chance.pick(this.#withFurther(runIds)));
    if (this.#messages.length > 0 && chance.happens(this.weather.lose))
      this.#messages.splice(chance.below(this.#messages.length), 1);
    if (this.#gates.length > 0 && chance.happens(this.#messages.length > 0 ? 0.75 : 0.97)) {
      // What goes on together is kept together.
      for (
        let many = chance.happens(0.2) ? 2 + chance.below(6) : 1;
        many > 0 && this.#gates.length > 0;
        many--
      ) {
        const [gate] = this.#gates.splice(chance.below(this.#gates.length), 1) as [Gate];
        gate.go();
      }
      await this.#quiet();
      return;
    }
    const alive = this.#processes.filter((process) => process.alive && !process.stopped);
    if (this.#messages.length > 0 && alive.length > 0 && chance.happens(0.9)) {
      const index = chance.below(this.#messages.length);
      const message = this.#messages[index] as TaskMessage;
      if (!chance.happens(this.weather.duplicate)) this.#messages.splice(index, 1);
      this.#deliver(chance.pick(alive), message);
      await this.#quiet();
      return;
    }
    await this.#passTime();
  }

  /** No more trouble; whoever was stopped goes on. */
  calm(): void {
    this.weather = CALM;
    for (const process of this.#processes) process.stopped = false;
  }

  /** Runs a run again from one of its states; `null` where that makes no sense. */
  async rerun(runId: RunId, fromState: string): Promise<RunId | null> {
    const result = await rerunRun(this.calmPorts, { runId, fromState, by: by("user:ana") });
    if (result.status !== "started" && result.status !== "refused") throw new Error(result.status);
    return result.status === "started" ? result.runId : null;
  }

  /** Everything that happened is sealed, a checkpoint vouches for it, and who reads all of it (in some worlds) finds no fault. */
  async vouch(): Promise<void> {
    const ports = this.#api;
    while ((await sealOnce(ports, 1000)) > 0);
    while ((await checkpointOnce(ports, null, 10_000)) === "more");
    if (!this.#trouble.happens(0.3)) return;
    const { faults } = await verifyTrail(trail(this.#database), { keys: new Set(), anchored: new Map() });
    if (faults.length > 0) throw new Error(`the trail: ${JSON.stringify(faults)}`);
  }

  /** True when no thread and no message is under way. */
  get isQuiet(): boolean {
    return this.#threads === 0 && this.#messages.length === 0 && this.#gates.length === 0;
  }

  /** The runs that are not over, and how each is. */
  async open(): Promise<ReadonlyMap<RunId, RunStatus>> {
    const rows = this.#database.statement(OPEN_RUNS).all([]);
    return new Map(rows as unknown as readonly (readonly [RunId, RunStatus])[]);
  }

  /**
   * False when nothing would happen any more. Where all wait for people, somebody interferes at once: time that only
   * passes shows nothing.
   */
  async goesOn(runIds: readonly RunId[]): Promise<boolean> {
    if (!this.#isLively || !this.isQuiet || (await this.#movesByItself())) return true;
    if (this.weather.people === 0) return false;
    const open = await this.open();
    const waiting = this.#withFurther(runIds).filter((runId) => open.has(runId));
    if (waiting.length === 0) return false;
    this.#interfere(this.#chance.pick(waiting));
    return true;
  }

  /** Something becomes due, or somebody holds a step and may have died. */
  async #movesByItself(): Promise<boolean> {
    return (await this.store.outbox.nextDueAt()) !== null || this.#database.first(ANY_HELD, []) !== undefined;
  }

  /** People do what runs wait for: approve, signal, resume. */
  async help(runIds: readonly RunId[]): Promise<void> {
    const ports = this.calmPorts;
    const open = await this.open();
    for (const runId of this.#withFurther(runIds)) {
      const status = open.get(runId);
      if (status === "PAUSED") await resumeRun(ports, runId, by("user:eve"));
      // A loop may have many items that wait.
      if (status === "WAITING_SIGNAL")
        for (let i = 0; i < (this.#isLively ? 4 : 1); i++)
          await signalRun(ports, runId, by("user:ci"), { name: "go", payload: { from: "ci" } });
      if (status === "WAITING_APPROVAL")
        for (const approval of await this.store.queries.approvals(
          { runId, status: ["PENDING"] },
          { limit: 200 },
        )) {
          if (this.#isLively)
            await delegateApproval(ports, approval.id, member("c"), {
              to: "user:f",
              comment: null,
              channel: "api",
            });
          // Whoever has left the team since they spoke is found out only by those who speak after them.
          const isEarly = this.#isLively && this.#chance.happens(0.3);
          const decision = this.#isLively && this.#chance.happens(0.1) ? "reject" : "approve";
          for (const by of isEarly ? ["b", "a", "c", "d"] : ["a", "b", "c", "d"])
            await this.#decide(approval.id, by, decision);
        }
    }
  }

  async #kept(store: Store, transition: Transition, once: Once | undefined) {
    const result = await store.runs.commit(transition, once);
    if (result.status === "committed" && transition.expected.epoch === -1)
      this.further.push(transition.runId);
    return result;
  }

  #withFurther(runIds: readonly RunId[]): readonly RunId[] {
    return this.further.length === 0 ? runIds : [...new Set([...runIds, ...this.further])];
  }

  async #decide(id: ApprovalId, by: string, decision: "approve" | "reject"): Promise<void> {
    const ports = this.calmPorts;
    await decideApproval(ports, id, member(by), {
      decision,
      comment: "because",
      digest: null,
      channel: "api",
    });
  }

  /** Somebody asks for something, and hears nothing when the connection breaks. */
  asks(what: (ports: Ports) => Promise<void>): void {
    const { site } = this.#isFar ? this.#trouble.pick(this.#processes) : { site: this.#api };
    this.#thread(null, async () => {
      try {
        await what(this.#portsOf(site, () => null));
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
      }
    });
  }

  /** What the world is seen by from outside. */
  get site(): Site {
    return this.#api;
  }

  /** Ports without gates: nobody interrupts. */
  get calmPorts(): Ports {
    const { store } = this;
    const commit: Store["runs"]["commit"] = (transition, once) => this.#kept(store, transition, once);
    return { ...this.#portsOf(this.#api, () => null), store: { ...store, runs: { ...store.runs, commit } } };
  }

  async publish(definition: Definition) {
    const source = JSON.stringify(definition);
    const result = await this.store.workflows.publish({
      environment: "default",
      definition,
      source,
      sourceFormat: "json",
      origin: "api",
      at: this.now,
      by: "user:ana",
      channel: "api",
      eventId: newId("adm", this.#api.clock),
    });
    if (!("workflow" in result)) throw new Error(result.status);
    return result;
  }

  /** A workflow is switched off, or on again. */
  async switchOver(id: string, enabled: boolean): Promise<void> {
    const at = this.now;
    const to = enabled ? { enabled, at } : { enabled, at, by: "user:ana", because: "operator" as const };
    await this.store.workflows.setEnabled("default", id, to, {
      ...{ id: newId("adm", this.#api.clock), at, actor: "user:ana", channel: "api", environment: "default" },
      ...{
        action: enabled ? "workflow.enabled" : "workflow.disabled",
        subject: `workflow:default/${id}`,
        data: {},
      },
    });
  }

  async #spawn(): Promise<void> {
    const id = `w${++this.#born}`;
    const holder: { process?: Process } = {};
    const pulse = newPulse();
    const sleep = () => this.#gate(holder.process ?? null);
    const site = this.#isFar ? this.#openSite(() => this.now + (holder.process?.skewMs ?? 0)) : this.#api;
    const ports = this.#portsOf(site, () => holder.process ?? null);
    const worker = createWorker(
      ports,
      { id, maxInlineSteps: 1 + this.#chance.below(6), maxInlineMs: 1e9, sleep },
      () => {
        return pulse.count;
      },
    );
    const process: Process = { id, site, worker, alive: true, stopped: false, skewMs: this.#skew(), pulse };
    holder.process = process;
    this.#processes.push(process);
    await this.store.leases.renew(id, this.now + LEASE_MS);
  }

  /** All of one file's processes have one machine's clock. */
  #skew(): number {
    return this.#isLively && this.#isFar ? this.#trouble.below(SKEW_MS) - SKEW_MS / 2 : 0;
  }

  /** The machine goes down with all that people asked for: what is opened after it knows only what was kept. */
  async #endAll(): Promise<void> {
    const ended = this.#processes;
    for (const process of ended) process.alive = false;
    this.#processes = [];
    this.#threads -= this.#gates.length;
    this.#gates.length = 0;
    this.#api = this.#openSite(() => this.now);
    for (const _ of ended) await this.#spawn();
  }

  async #crash(process: Process): Promise<void> {
    process.alive = false;
    this.#processes = this.#processes.filter((other) => other !== process);
    const mine = this.#gates.filter((gate) => gate.process === process);
    // Its threads never go on: they are not counted any more.
    this.#threads -= mine.length;
    for (const gate of mine) this.#gates.splice(this.#gates.indexOf(gate), 1);
    await this.#spawn();
  }

  #deliver(process: Process, message: TaskMessage): void {
    this.#thread(process, async () => {
      try {
        await process.worker.handle(message);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        this.#messages.push(message);
      }
    });
  }

  /** The process's worker, whose own activations are threads of this world. */
  #counted(process: Process): Worker {
    const activate: Worker["activate"] = async (runId, branch) => {
      this.#thread(process, async () => {
        try {
          await process.worker.activate(runId, branch);
        } catch (error) {
          // Taken up again at a later beat.
          if (!(error instanceof StoreUnavailable)) throw error;
        }
      });
    };
    return { ...process.worker, activate };
  }

  #interfere(runId: RunId): void {
    const chance = this.#chance;
    const what = chance.next();
    this.asks(async (ports) => {
      if (what < this.weather.cancel) await cancelRun(ports, runId, by("user:eve"), "enough");
      else if (what < 0.4) await pauseRun(ports, runId, by("user:eve"), null);
      else if (what < 0.7) await resumeRun(ports, runId, by("user:eve"));
      else if (what < 0.85)
        await signalRun(ports, runId, by("user:ci"), {
          name: "go",
          payload: 1,
          id: `sig${chance.below(9)}`,
        });
      else {
        const [approval] = await this.store.queries.approvals({ runId, status: ["PENDING"] }, { limit: 1 });
        const choice = {
          decision: chance.happens(0.8) ? "approve" : "reject",
          comment: "because",
          digest: null,
          channel: "api",
        } as const;
        const who = member(chance.pick(["a", "b", "c", "ana"]));
        if (approval && chance.happens(0.2))
          await delegateApproval(ports, approval.id, who, {
            to: chance.pick(["user:f", who.id]),
            comment: null,
            channel: "api",
          });
        else if (approval) await decideApproval(ports, approval.id, who, choice);
      }
    });
  }

  #thread(process: Process | null, work: () => Promise<void>): void {
    this.#threads++;
    work().then(
      () => this.#ended(process),
      (error: unknown) => {
        this.failures.push(error);
        this.#ended(process);
      },
    );
  }

  #ended(process: Process | null): void {
    if (process && !process.alive) return;
    this.#threads--;
    this.#settleIdle();
  }

  /** Time passes: sometimes a little, sometimes to the next alarm, sometimes a jump; what runs by the clock runs. */
  async #passTime(): Promise<void> {
    const chance = this.#chance;
    const due = await this.store.outbox.nextDueAt();
    if (due !== null && due > this.now && chance.happens(0.5)) this.now = due;
    else this.now += chance.happens(0.02) ? chance.below(5000) : chance.below(this.#isLively ? 700 : 300);
    if (this.#isLively && this.#trouble.happens(0.02)) this.now -= this.#stepBack();
    for (const process of this.#processes) {
      if (this.#trouble.happens(0.05)) process.skewMs = this.#skew();
      if (process.stopped) {
        if (chance.happens(0.1)) process.stopped = false;
        continue;
      }
      // A lease is beaten three times; a beat may come late.
      if (chance.happens(0.4)) continue;
      const queue = { isVisible: () => this.#isLively };
      const ports = { ...process.site, queue, log: SILENT };
      await beat(ports, this.#counted(process), process.pulse, LEASE_MS);
    }
    // Each process looks after all of them, by its own clock.
    const { store, clock } = (this.#isLively ? this.#trouble.pick(this.#processes).site : this.#api) as Site;
    const queue = { isGone: async (holder: string) => this.#isGone(holder) };
    if (this.#isLively && chance.happens(0.4)) await endSilent({ store, queue, log: SILENT }, clock.now());
    if (chance.happens(0.4)) await store.leases.wakeOrphans(clock.now());
    this.#messages.push(...(await store.outbox.takeDue(clock.now(), 50, HIDE_MS)));
    if (chance.happens(0.1)) await sealOnce({ store }, 1000);
    await this.telling.note();
    if (this.agents && chance.happens(0.2)) await store.agents.sweep(clock.now());
    if (this.keeping) {
      await this.telling.noteAll();
      await this.keeping.keep({ store, clock });
    }
  }

  /** A little, or, once in a world, far: were it often, time would go back for ever. */
  #stepBack(): number {
    const isFar = !this.#hasLeapt && this.weather !== CALM && this.#trouble.happens(0.2);
    this.#hasLeapt ||= isFar;
    return this.#trouble.below(isFar ? LEAP_MS : SKEW_MS);
  }

  /** The queue does not always know of the dead, and takes for gone who has only lost it. */
  #isGone(holder: string): boolean {
    const isAlive = this.#processes.some(({ id }) => id === holder);
    return this.#chance.happens(isAlive ? 0.1 : 0.8);
  }

  /** Until every thread waits at a gate or has ended. */
  async #quiet(): Promise<void> {
    if (this.#threads === this.#gates.length) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  #settleIdle(): void {
    if (this.#threads !== this.#gates.length || !this.#idle) return;
    const idle = this.#idle;
    this.#idle = null;
    // The thread that just got here may have one more microtask to go.
    setImmediate(idle);
  }

  /** A point where others may go first, or this process dies and never goes on. */
  #gate(process: Process | null): Promise<void> {
    return new Promise((resolve) => {
      if (process && !process.alive) return;
      this.#gates.push({ process, go: resolve });
      this.#settleIdle();
    });
  }

  #portsOf({ store, clock }: Site, process: () => Process | null): Ports {
    const guarded = async <Result>(call: () => Promise<Result>): Promise<Result> => {
      await this.#gate(process());
      if (this.#isLively && this.#trouble.happens(this.weather.toldFailed / 4))
        throw new StoreUnavailable("the connection broke");
      const result = await call();
      await this.#gate(process());
      return result;
    };
    const doubtful = async <Result>(call: () => Promise<Result>): Promise<Result> => {
      await this.#gate(process());
      if (this.#trouble.happens(this.weather.toldFailed)) {
        if (this.#trouble.happens(0.5)) await call();
        throw new StoreUnavailable("the connection broke");
      }
      const result = await call();
      await this.#gate(process());
      return result;
    };
    const agents: Store["agents"] = {
      ...store.agents,
      open: (...args) => doubtful(() => store.agents.open(...args)),
      commit: (...args) => doubtful(() => store.agents.commit(...args)),
      abandon: (...args) => doubtful(() => store.agents.abandon(...args)),
    };
    const gate = () => this.#gate(process());
    const atWork = this.agents?.runner({ store: { agents, queries: store.queries }, clock, gate });
    return {
      store: {
        ...store,
        runs: {
          load: (runId, branch) => guarded(() => store.runs.load(runId, branch)),
          outcomes: (runId, branch, segment) => guarded(() => store.runs.outcomes(runId, branch, segment)),
          aheadOf: (slot, most) => guarded(() => store.runs.aheadOf(slot, most)),
          isPurged: (runId) => guarded(() => store.runs.isPurged(runId)),
          waitsFor: (caller, runId) => guarded(() => store.runs.waitsFor(caller, runId)),
          gatesBelow: (runId) => guarded(() => store.runs.gatesBelow(runId)),
          // Asked for together with the gates: a thread waits at one point at a time.
          rootSteps: (runId) => store.runs.rootSteps(runId),
          answered: (once, now) => guarded(() => store.runs.answered(once, now)),
          commit: async (transition, once) => {
            await this.#gate(process());
            if (this.#chance.happens(this.weather.toldFailed)) {
              // Half of the time it was committed, and nobody heard.
              if (this.#chance.happens(0.5)) await this.#kept(store, transition, once);
              throw new StoreUnavailable("the connection broke");
            }
            const result = await this.#kept(store, transition, once);
            await this.#gate(process());
            return result;
          },
        },
      },
      agents: {
        run: async (request, signal) => {
          if (atWork) return atWork.run(request, signal);
          const attempt = `${request.runId} ${request.stepId} ${request.attempt}`;
          this.executions.push(attempt);
          await this.#gate(process());
          if (this.#isLively && this.executions.length % 11 === 0 && !this.#asked.has(attempt)) {
            this.#asked.add(attempt);
            return { status: "waiting", question: questionOf(attempt) };
          }
          if (!this.#chance.happens(this.weather.agentFails))
            return { status: "completed", output: answerOf(request.task), simulated: true };
          const error = { type: "agent_error", code: AGENT_FAILURE, message: "boom", retryable: true };
          return { status: "failed", error };
        },
        list: async () => [],
        inReach: async () => ({ own: [], others: {} }),
      },
      queue: {
        publish: async (messages) => {
          this.#messages.push(...messages);
        },
        consume: async () => {},
        onLost: () => {},
        announce: () => {},
        onAnnounced: () => () => {},
        tell: () => {},
        onTold: () => () => {},
        appear: () => {},
        isVisible: () => this.#isLively,
        isGone: async (holder) => this.#isGone(holder),
        publishEvents: async () => {},
        backlog: async () => ({ pending: this.#messages.length, oldestMs: null, inHand: 0, redelivered: 0 }),
        ping: async () => {},
        examine: async () => [],
        close: async () => {},
      },
      ...(this.#isLively && { people: PEOPLE }),
      expressions: EXPRESSIONS,
      schemas: { validate: (_schema, value) => ({ valid: true, value }) },
      definitions: {
        read: () => {
          throw new Error("nothing is read here");
        },
      },
      clock,
      log: SILENT,
    };
  }
}

/** What an agent asks before it finishes an attempt. */
function questionOf(attempt: string): Question {
  return {
    id: attempt,
    kind: "tool",
    title: "May I?",
    message: "the agent wants to be sure",
    evidence: { attempt },
    approvers: [],
    timeoutSeconds: null,
  };
}

/** Somebody has left the team since they spoke. */
const PEOPLE: People = {
  lookUp: async (names) =>
    new Map(
      names.map((name) => [name, { principal: name === "user:b" ? null : member(name), because: null }]),
    ),
};

/** A member of the team that gates ask. */
function member(name: string) {
  return person(name, { teams: ["sre"] });
}

/** What an undisturbed agent answers. */
function answerOf(task: string | null): JsonValue {
  return { did: task };
}

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Names in the scope, and `input`: enough for the conditions and transforms of random definitions. */
const EXPRESSIONS: Expressions = {
  evaluate: async (programs, scope, options) => {
    const evaluations = [];
    for (const { text } of programs) {
      const layer = scope.layers.find((candidate) => Object.hasOwn(candidate, text));
      const value = layer?.[text] ?? null;
      evaluations.push({ ok: true, value, truth: Boolean(value), steps: 1 } as const);
      if (options?.until && value) break;
    }
    return evaluations;
  },
  describe: async () => [],
  close: async () => {},
};
