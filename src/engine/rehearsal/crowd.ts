import { ROLES, type Role } from "../../core/identity/permissions.ts";
import { EVERYWHERE, type Principal, type User } from "../../core/identity/principal.ts";
import type { JsonValue } from "../../core/json.ts";
import type { Ruling, Scenario } from "../../core/rehearsal/scenario.ts";
import type { Command } from "../../core/run/commands.ts";
import type { ApprovalId } from "../../core/run/ids.ts";
import type { Approval, Run } from "../../core/run/run.ts";

/** What somebody does to the run, and when. */
export type Deed = { readonly dueAt: number; readonly command: Command; readonly by: string };

/** The people and systems around a rehearsed run: they decide its approvals and send it signals. */
export class Crowd {
  /** What was approved or signalled without anybody having said so. */
  readonly assumed: string[] = [];
  readonly #scenario: Scenario;
  readonly #planned: Deed[] = [];
  readonly #asked = new Set<ApprovalId>();
  readonly #requests = new Map<string, number>();
  /** Signals that are sent when they are waited for, by index. */
  readonly #sent = new Set<number>();
  #signals = 0;

  constructor(scenario: Scenario, beginning: number) {
    this.#scenario = scenario;
    for (const { name, payload, afterMs } of scenario.signals)
      if (afterMs !== null) this.#planned.push(this.#signal(name, payload, beginning + afterMs));
  }

  /** The earliest thing anybody will do; it counts as done when its moment comes before everything else. */
  next(run: Run, now: number): Deed | null {
    if (run.openApprovals > 0)
      for (const approval of Object.values(run.approvals))
        if (approval.status === "PENDING") this.#hear(approval);
    if (run.openSignals > 0) this.#answerWaiting(run, now);
    let first: Deed | null = null;
    for (const deed of this.#planned) if (first === null || deed.dueAt < first.dueAt) first = deed;
    return first;
  }

  /** A deed that `next` named was done. */
  done(deed: Deed): void {
    this.#planned.splice(this.#planned.indexOf(deed), 1);
  }

  /** Plans the decisions on a request that was not heard of before. */
  #hear(approval: Approval): void {
    if (this.#asked.has(approval.id)) return;
    this.#asked.add(approval.id);
    const { state, requestedAt } = approval;
    const before = this.#requests.get(state) ?? 0;
    this.#requests.set(state, before + 1);
    const { approvals } = this.#scenario;
    const rulings = Object.hasOwn(approvals, state) ? (approvals[state] ?? []) : [];
    const ruling = rulings[before] ?? rulings.at(-1) ?? (this.#scenario.assumesConsent ? CONSENT : null);
    if (!ruling || ruling.decision === "ignore") return;
    if (ruling === CONSENT) this.assumed.push(`approval "${state}" is granted`);
    const { decision, comment, afterMs } = ruling;
    const reason = comment ?? (decision === "reject" ? "rejected in the rehearsal" : null);
    const said = { type: "decide-approval", approvalId: approval.id, decision, comment: reason } as const;
    for (const by of deciders(ruling, approval)) {
      const command: Command = { ...said, digest: null, principal: personOf(by, approval) };
      this.#planned.push({ dueAt: requestedAt + afterMs, command, by });
    }
  }

  #answerWaiting(run: Run, now: number): void {
    const awaited = new Set<string>();
    for (const { progress } of Object.values(run.steps))
      if (progress.status === "RUNNING" && "waiting" in progress && progress.waiting.for === "signal")
        awaited.add(progress.waiting.name);
    for (const name of awaited) {
      // Sent, and its branch has not looked yet.
      if (run.mailbox.some((signal) => signal.name === name)) continue;
      if (this.#planned.some(({ command }) => command.type === "signal" && command.name === name)) continue;
      const index = this.#scenario.signals.findIndex(
        (signal, at) => signal.name === name && signal.afterMs === null && !this.#sent.has(at),
      );
      const given = this.#scenario.signals[index];
      if (given) {
        this.#sent.add(index);
        this.#planned.push(this.#signal(name, given.payload, now));
      } else if (this.#scenario.assumesConsent) {
        this.assumed.push(`signal "${name}" comes with {}`);
        this.#planned.push(this.#signal(name, {}, now));
      }
    }
  }

  #signal(name: string, payload: JsonValue, dueAt: number): Deed {
    const signalId = `sig_${++this.#signals}`;
    return { dueAt, command: { type: "signal", signalId, name, payload }, by: "user:rehearsal" };
  }
}

const CONSENT: Ruling = { decision: "approve", by: [], afterMs: 0, comment: null };

/** Those the scenario names; else as many as are needed, of those who are asked by name first. */
function deciders({ by, decision }: Ruling, { quorum, approvers }: Approval): readonly string[] {
  if (by.length > 0) return by;
  const needed = decision === "reject" ? 1 : typeof quorum === "number" ? quorum : sum(Object.values(quorum));
  const named = approvers.filter((approver) => approver.startsWith("user:"));
  return Array.from({ length: needed }, (_, index) => named[index] ?? `user:approver-${index + 1}`);
}

/** Nobody rehearses who is in which team: whoever decides is in all that are asked, and is who they are. */
function personOf(by: string, { approvers, terms }: Approval): Principal {
  const named = (kind: string) =>
    [...approvers, ...terms.veto]
      .filter((name) => name.startsWith(`${kind}:`))
      .map((name) => name.slice(kind.length + 1));
  const roles = new Set<Role>(["approver", ...ROLES.filter((role) => named("role").includes(role))]);
  return {
    kind: "user",
    id: by.startsWith("user:") ? (by as User["id"]) : `user:${by}`,
    name: by,
    teams: named("team"),
    roles: [...roles].map((role) => ({ role, environment: EVERYWHERE })),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
