import type { Cast, Person, Setup } from "./story.ts";

/** What the model expects of a command: a refusal's code, or what is said of the approval. */
export type Expected =
  | "not-an-approver"
  | "self-approval"
  | "already-decided"
  | "reason-required"
  | "digest-mismatch"
  | "expired"
  | "invalid-transition"
  | "voted"
  | "approved"
  | "rejected"
  | "delegated";

type Voice = { readonly verb: "approve" | "reject"; as: ReadonlySet<string>; isVoid: boolean };

/**
 * Who may decide, written down a second time and as plainly as possible: sets, and all ways to share voices out. It
 * knows nothing of the core.
 */
export class Model {
  status: "open" | "approved" | "rejected" | "expired" = "open";
  readonly voices: (Voice & { readonly who: number })[] = [];
  readonly handedOn = new Map<number, { readonly to: number; readonly as: ReadonlySet<string> }>();
  readonly broughtIn = new Set<string>();
  readonly #setup: Setup;
  readonly #cast: Cast;

  constructor(setup: Setup, cast: Cast) {
    this.#setup = setup;
    this.#cast = cast;
  }

  /** Another that goes its own way from here. */
  copy(): Model {
    const copy = new Model(this.#setup, this.#cast);
    copy.status = this.status;
    copy.voices.push(...this.voices.map((voice) => ({ ...voice })));
    for (const [from, given] of this.handedOn) copy.handedOn.set(from, given);
    for (const name of this.broughtIn) copy.broughtIn.add(name);
    return copy;
  }

  escalate(): void {
    if (this.status === "open" && this.#setup.escalateAfterMinutes !== null) this.broughtIn.add("user:p5");
  }

  decide(
    who: number,
    verb: "approve" | "reject",
    said: {
      readonly hasReason: boolean;
      readonly isDigestWrong: boolean;
      readonly knowsAll: boolean;
      readonly isOld: boolean;
      readonly hasArgs: boolean;
    },
    isLate: boolean,
  ): Expected {
    const closed = this.#closed(isLate);
    if (closed) return closed;
    if (this.#isSelf(who)) return "self-approval";
    const shown = (said.isOld && this.#cast.before.get(who)) || this.#person(who);
    const as = this.#speaksFor(who, said.knowsAll, shown);
    const vetoes = this.#has(who, this.#setup.veto, shown);
    if (as === null && !(verb === "reject" && vetoes)) return "not-an-approver";
    if (this.voices.some((voice) => voice.who === who && !voice.isVoid)) return "already-decided";
    if (verb === "reject" && !said.hasReason) return "reason-required";
    if (said.isDigestWrong) return "digest-mismatch";
    if (said.hasArgs && (verb === "reject" || !this.#setup.isToolCall)) return "invalid-transition";
    const mine = { who, verb, as: as ?? new Set<string>(), isVoid: false };
    if (verb === "reject") {
      const isEnough = (veto: boolean) =>
        veto || this.#standing("reject").length + 1 >= this.#setup.rejectQuorum;
      let vetoesNow = vetoes;
      if (isEnough(vetoes) && said.knowsAll) {
        if (!this.#mayReject(who)) return "not-an-approver";
        vetoesNow = this.#has(who, this.#setup.veto, this.#person(who));
        for (const voice of this.#standing("reject")) voice.isVoid = !this.#mayReject(voice.who);
      }
      const isOver = isEnough(vetoesNow);
      this.voices.push(mine);
      if (!isOver) return "voted";
      this.status = "rejected";
      return "rejected";
    }
    if (this.#isEnough([...this.#approvals(), mine]) && said.knowsAll) {
      const own = this.#speaksFor(who, true);
      if (own === null) return "not-an-approver";
      mine.as = new Set([...mine.as].filter((entry) => own.has(entry)));
      for (const voice of this.#approvals()) voice.isVoid = this.#isLost(voice);
    }
    const isEnough = this.#isEnough([...this.#approvals(), mine]);
    this.voices.push(mine);
    if (!isEnough) return "voted";
    this.status = "approved";
    return "approved";
  }

  delegate(who: number, to: number, isLate: boolean): Expected {
    const closed = this.#closed(isLate);
    if (closed) return closed;
    const mine = this.handedOn.get(who);
    if (to === who) {
      if (!mine) return "invalid-transition";
      if (this.voices.some((voice) => voice.who === mine.to && !voice.isVoid)) return "already-decided";
      this.handedOn.delete(who);
      return "delegated";
    }
    if (!this.#setup.isDelegable) return "invalid-transition";
    const [person, target] = [this.#person(who), this.#person(to)];
    if (target.kind === "key") return "invalid-transition";
    if (person.kind === "key") return "not-an-approver";
    if (this.#isSelf(who)) return "self-approval";
    const own = this.handedOn.has(who) ? null : this.#entries(who);
    if (own === null) return "not-an-approver";
    if (this.voices.some((voice) => voice.who === who && !voice.isVoid)) return "already-decided";
    if (this.#isOut(to)) return "not-an-approver";
    this.handedOn.set(who, { to, as: own });
    return "delegated";
  }

  #closed(isLate: boolean): Expected | null {
    if (this.status === "approved" || this.status === "rejected") return "already-decided";
    return this.status === "expired" || isLate ? "expired" : null;
  }

  #approvals(): Model["voices"] {
    return this.#standing("approve");
  }

  #standing(said: Voice["verb"]): Model["voices"] {
    return this.voices.filter(({ verb, isVoid }) => verb === said && !isVoid);
  }

  #mayReject(who: number): boolean {
    if (this.#isSelf(who)) return false;
    return this.#speaksFor(who, true) !== null || this.#has(who, this.#setup.veto, this.#person(who));
  }

  #isOut(who: number): boolean {
    return (who === 0 && this.#setup.excludeStarter) || (who === 1 && this.#setup.excludeAuthor);
  }

  #isSelf(who: number): boolean {
    return this.#isOut(who);
  }

  /** Who gave it may not approve any more, or not for a group that it was given for. */
  #isLost({ who, as }: Model["voices"][number]): boolean {
    const by = this.#isSelf(who) ? null : this.#speaksFor(who, true);
    const isGrouped = typeof this.#setup.quorum !== "number";
    return by === null || (isGrouped && [...as].some((entry) => !by.has(entry)));
  }

  /** What somebody counts for; `null` when they may not approve. */
  #speaksFor(who: number, knowsAll: boolean, person = this.#person(who)): ReadonlySet<string> | null {
    // Whoever has no voice by now has handed none on.
    const isHandedOn = this.handedOn.has(who) && (!knowsAll || this.#entries(who) !== null);
    const own = isHandedOn ? null : this.#entries(who, person);
    const given = [...this.handedOn]
      .filter(([from, { to }]) => to === who && (!knowsAll || this.#entries(from) !== null))
      .map(([from, { as }]) => {
        const still = this.#entries(from);
        return new Set([...as].filter((entry) => !knowsAll || still?.has(entry)));
      });
    if (own === null && given.length === 0) return null;
    return new Set([...(own ?? []), ...given.flatMap((as) => [...as])]);
  }

  #person(who: number): Person {
    return this.#cast.people[who] as Person;
  }

  #entries(who: number, person = this.#person(who)): ReadonlySet<string> | null {
    const { approvers } = this.#setup;
    if (person.kind === "key" && !person.mayDecide) return null;
    const named = [...approvers, ...this.broughtIn].filter((name) => this.#is(who, name, person));
    if (named.length > 0) return new Set(named);
    const isAnyone = approvers.length === 0 && person.kind === "person";
    return isAnyone && (person.role === "approver" || person.role === "admin") ? new Set() : null;
  }

  #has(who: number, names: readonly string[], person: Person): boolean {
    if (person.kind === "key" && !person.mayDecide) return false;
    return names.some((name) => this.#is(who, name, person));
  }

  #is(who: number, name: string, person: Person): boolean {
    if (person.kind === "key") return name === "key:bot";
    return (
      name === `user:p${who}` ||
      person.teams.some((team) => name === `team:${team}`) ||
      name === `role:${person.role}`
    );
  }

  #isEnough(approvals: readonly Voice[]): boolean {
    const { quorum } = this.#setup;
    if (typeof quorum === "number") return approvals.length >= quorum;
    const places = Object.entries(quorum).flatMap(([group, count]) => Array<string>(count).fill(group));
    return this.#canSeat(places, approvals);
  }

  /** Tries every way to give each place to somebody else. */
  #canSeat([place, ...places]: readonly string[], voices: readonly Voice[]): boolean {
    if (place === undefined) return true;
    return voices.some((voice, index) => {
      const fits = voice.as.has(place) || [...this.broughtIn].some((name) => voice.as.has(name));
      return fits && this.#canSeat(places, voices.toSpliced(index, 1));
    });
  }
}
