import { isDeepStrictEqual } from "node:util";
import type { ApprovalState } from "../../../src/core/definition/types.ts";
import type { Role } from "../../../src/core/identity/permissions.ts";
import type { Principal } from "../../../src/core/identity/principal.ts";
import type { Standing } from "../../../src/core/identity/standing.ts";
import { digestOf } from "../../../src/core/run/approvals/digest.ts";
import type { Command } from "../../../src/core/run/commands.ts";
import { create, type Decided, decide } from "../../../src/core/run/decide.ts";
import type { Recorded } from "../../../src/core/run/events.ts";
import { begin, fold } from "../../../src/core/run/evolve.ts";
import { ROOT, type RunId } from "../../../src/core/run/ids.ts";
import type { Approval, Run } from "../../../src/core/run/run.ts";
import type { Transition } from "../../../src/core/run/transition.ts";
import { workflow } from "../../support/drive.ts";
import { by } from "../../support/people.ts";
import { type Expected, Model } from "./model.ts";
import { type Act, type Cast, KEY, type Person, type Setup, type Story } from "./story.ts";

const START = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const CALL = { callId: "call_1", arguments: { replicas: 2 } };

export type Told = { readonly decisions: number; readonly refusals: number; readonly stale: number };

/** Plays a story through the core and the model beside each other; throws where they do not agree. */
export function play({ setup, people, acts }: Story): Told {
  const cast: Cast = { people: [...people], before: new Map() };
  const model = new Model(setup, cast);
  const world = new World(setup, cast);
  for (const act of acts) {
    switch (act.act) {
      case "moves": {
        const { teams, role } = act;
        cast.before.set(act.who, cast.people[act.who] as Person);
        cast.people[act.who] = { kind: "person", teams, role };
        break;
      }
      case "wait":
        world.now += act.minutes * 60_000;
        break;
      case "look":
        look(world, model);
        break;
      case "delegate":
        // A worker looks in time: what an escalation brings is there.
        look(world, model);
        same(act, world.send(world.delegating(act)), model.delegate(act.who, act.to, world.isLate));
        break;
      case "decide":
        look(world, model);
        say(world, model, act);
    }
  }
  world.check(model);
  return { decisions: world.decisions, refusals: world.refusals, stale: world.stale };
}

function say(world: World, model: Model, act: Extract<Act, { act: "decide" }>): void {
  const said = (who: number) => model.decide(who, act.verb, act, world.isLate);
  switch (act.channel) {
    case "preview": {
      const before = world.run;
      world.preview(world.deciding(act, act.who));
      if (world.run !== before) throw new Error("a preview changed something");
      return;
    }
    case "twice": {
      same(act, world.send(world.deciding(act, act.who)), said(act.who));
      same(act, world.send(world.deciding(act, act.who)), said(act.who));
      return;
    }
    case "race": {
      // Both decide from what they saw before either was kept; whoever comes second must decide again.
      const rival = act.rival === act.who ? (act.who + 1) % (KEY + 1) : act.rival;
      const [first, second] = [world.deciding(act, act.who), world.deciding(act, rival)];
      const late = world.preview(second);
      same(act, world.send(first), said(act.who));
      same(act, world.keepOrAgain(late, second), said(rival));
      return;
    }
    case "plain":
    case "shown":
    case "link":
      same(act, world.send(world.deciding(act, act.who)), said(act.who));
  }
}

function look(world: World, model: Model): void {
  const { escalateAfterMinutes } = world.setup;
  if (world.isLate) {
    if (model.status === "open") model.status = "expired";
  } else if (escalateAfterMinutes !== null && world.now >= START + escalateAfterMinutes * 60_000)
    model.escalate();
  world.advance();
}

function same(act: Act, core: string, model: Expected): void {
  if (core !== model) throw new Error(`${JSON.stringify(act)}: the core says ${core}, the model ${model}`);
}

/** A run at its gate, without a store: commits are guarded by what they read, as a store does it. */
class World {
  now = START;
  run: Run;
  decisions = 0;
  refusals = 0;
  stale = 0;
  readonly setup: Setup;
  readonly #cast: Cast;
  readonly #log: Recorded[];

  constructor(setup: Setup, cast: Cast) {
    this.setup = setup;
    this.#cast = cast;
    const definition = workflow([gateOf(setup)]);
    const ref = { id: "w", version: 1, environment: "default", author: "user:p1" };
    const wanted = {
      runId: "run_1" as RunId,
      workflow: ref,
      definition,
      input: { what: "x" },
      labels: {},
    };
    const { run, transition } = create(wanted, START, by("user:p0"));
    this.run = run;
    this.#log = [...transition.events];
    this.advance();
  }

  get isLate(): boolean {
    return this.now >= START + HOUR_MS;
  }

  get approval(): Approval {
    const [approval] = Object.values(this.run.approvals);
    if (!approval) throw new Error("no approval");
    return approval;
  }

  /** What a worker does whenever it looks at the branch: twice, because messages come twice. */
  advance(): void {
    for (let i = 0; i < 2; i++) {
      const decided = this.preview({ type: "advance", branch: ROOT, starter: null, isOrphaned: false });
      if (decided.kind === "decided") this.#keep(decided);
    }
  }

  deciding(act: Extract<Act, { act: "decide" }>, who: number): Command {
    const { verb, hasReason, isDigestWrong, channel, knowsAll, shouts, isOld, hasArgs } = act;
    const isShown = channel === "shown" || channel === "link";
    return {
      type: "decide-approval",
      approvalId: this.approval.id,
      decision: verb,
      comment: hasReason ? "because" : null,
      digest: isDigestWrong ? "0".repeat(64) : isShown ? this.approval.digest : null,
      principal: this.#principal(who, shouts, isOld),
      ...(hasArgs && { args: { replicas: 3 } }),
      ...(knowsAll && { standings: this.#standings() }),
    };
  }

  delegating({ who, to }: Extract<Act, { act: "delegate" }>): Command {
    const target =
      to === who ? this.#principal(who, false).id : to === KEY ? "key:default/bot" : `user:p${to}`;
    const principal = this.#principal(who, false);
    return { type: "delegate-approval", approvalId: this.approval.id, principal, to: target, comment: null };
  }

  send(command: Command): string {
    return this.#answer(this.preview(command), command);
  }

  /** Keeps a decision unless what it read has changed since; then it is made again. */
  keepOrAgain(decided: Decided, command: Command): string {
    const read = decided.kind === "decided" ? decided.transition : null;
    if (decided.kind === "refused" || (read && this.#isFresh(read))) {
      // A refusal read what was there before: the answer is as of that moment, so the model is asked about now.
      if (decided.kind === "refused") return this.send(command);
      return this.#answer(decided, command);
    }
    this.stale++;
    return this.send(command);
  }

  preview(command: Command): Decided {
    const world = { now: this.now, random: 0.5, answers: new Map() };
    return decide(this.run, command, world, by("worker:w1", "worker"), { alarm: 1 });
  }

  /** Everything that must hold of a history, whatever happened in it. */
  check(model: Model): void {
    const closing = this.#log.filter(({ event }) =>
      ["approval.approved", "approval.rejected", "approval.expired"].includes(event.type),
    );
    if (closing.length > 1) throw new Error(`consumed ${closing.length} times`);
    for (const once of ["approval.reminded", "approval.escalated"])
      if (this.#log.filter(({ event }) => event.type === once).length > 1) throw new Error(`${once} twice`);
    const { approval } = this;
    const standing = approval.decisions.filter(({ voided }) => voided === undefined);
    const voters = standing.map(({ by }) => by.toLowerCase());
    if (new Set(voters).size !== voters.length)
      throw new Error(`somebody counts twice: ${voters.join(", ")}`);
    const expected = model.voices.filter(({ isVoid }) => !isVoid).map(({ who }) => nameOf(who));
    if (!isDeepStrictEqual(voters.toSorted(), expected.toSorted()))
      throw new Error(`voices ${voters.join(", ")}, the model has ${expected.join(", ")}`);
    const isDone = approval.status !== "PENDING";
    if (isDone !== (model.status !== "open") && !this.isLate)
      throw new Error(`${approval.status} and ${model.status}`);
    const [first, ...rest] = this.#log as [Parameters<typeof begin>[1], ...Recorded[]];
    const folded = fold(begin(this.run.definition, first), rest);
    if (!isDeepStrictEqual(folded, this.run)) throw new Error("the trail does not tell what became of it");
  }

  #answer(decided: Decided, command: Command): string {
    if (decided.kind === "ask") throw new Error(`the core asks ${decided.question.key}`);
    if (decided.kind === "refused") {
      this.refusals++;
      return decided.refusal.code;
    }
    this.decisions++;
    const { principal } = command as Extract<Command, { principal: Principal }>;
    const said = decided.transition?.events.at(-1);
    if (said?.actor !== principal.id) throw new Error(`decided by ${said?.actor}, sent by ${principal.id}`);
    this.#keep(decided);
    return said.event.type.replace("approval.", "");
  }

  #keep({ transition, run }: Extract<Decided, { kind: "decided" }>): void {
    if (!transition) return;
    if (!this.#isFresh(transition)) throw new Error("a stale decision was kept");
    this.#log.push(...transition.events);
    this.run = run;
    if (this.setup.isToolCall) this.#asksForCall();
  }

  /** As if an agent asked for a call: its question has what it would be made with, and no path to that. */
  #asksForCall(): void {
    if (Object.keys(this.run.approvals).length === 0) return;
    const summary = CALL;
    const asked = { summary, digest: digestOf({ ...this.approval, summary }, this.run.workflow) };
    Object.assign(this.approval, asked);
    for (const { event } of this.#log)
      if (event.type === "approval.requested") Object.assign(event.approval, asked);
  }

  #isFresh({ expected }: Transition): boolean {
    const { epoch, approval, branches } = expected;
    const current = approval && this.run.approvals[approval.id];
    return (
      epoch === this.run.epoch &&
      branches.every(({ path, version }) => this.run.branches[path]?.version === version) &&
      (!approval || (current?.status === approval.status && current.revision === approval.revision))
    );
  }

  #standings(): ReadonlyMap<string, Standing> {
    const all = this.#cast.people.flatMap((_, who) =>
      [false, true]
        .map((shouts) => this.#principal(who, shouts))
        .map((principal) => [principal.id, { principal, because: null }] as const),
    );
    return new Map(all);
  }

  #principal(who: number, shouts: boolean, isOld = false): Principal {
    const one = (isOld && this.#cast.before.get(who)) || (this.#cast.people[who] as Person);
    if (one.kind === "key") {
      const scopes = one.mayDecide ? (["approvals:decide"] as const) : (["runs:write"] as const);
      return { kind: "key", id: "key:default/bot", name: "bot", environment: "default", scopes };
    }
    const roles = [{ role: one.role as Role, environment: "default" }];
    const id = `user:${shouts ? "P" : "p"}${who}` as const;
    return { kind: "user", id, name: `p${who}`, teams: one.teams, roles };
  }
}

function nameOf(who: number): string {
  return who === KEY ? "key:default/bot" : `user:p${who}`;
}

function gateOf(setup: Setup): ApprovalState {
  const { escalateAfterMinutes, isDelegable, excludeAuthor, isToolCall, ...rest } = setup;
  const escalate =
    escalateAfterMinutes === null ? [] : [{ afterSeconds: escalateAfterMinutes * 60, to: ["user:p5"] }];
  return {
    type: "operation",
    action: "human.approval",
    name: "gate",
    message: "Go?",
    ...(!isToolCall && { summaryPath: "what" }),
    ...rest,
    ...(excludeAuthor && { excludeAuthor }),
    ...(isDelegable && { allowDelegation: true as const }),
    onReject: "fail",
    onTimeout: "fail",
    escalate,
    timeoutSeconds: HOUR_MS / 1000,
    transition: { end: true },
  };
}
