import { definitionDigest } from "../definition/canonical.ts";
import type { By } from "../identity/channel.ts";
import { advance, expireRun } from "./advance.ts";
import type { Seen } from "./alarms-of.ts";
import { decideApproval, delegateApproval } from "./approvals/decide-approval.ts";
import { blockAt, stateIn } from "./blocks.ts";
import { endIfForsaken } from "./called.ts";
import { type Command, type NewRun, over, type Refusal } from "./commands.ts";
import { begin } from "./evolve.ts";
import type { RunId } from "./ids.ts";
import { named } from "./moves.ts";
import type { Question } from "./questions.ts";
import { isTerminal, leaseOf, type Run } from "./run.ts";
import { recordResult } from "./states/agent.ts";
import type { Transition } from "./transition.ts";
import { beginning, transitionOf } from "./transition-of.ts";
import { Turn, Unanswered, type World } from "./turn.ts";

export type Decided =
  /**
   * What to keep (`null`: nothing happened and no alarm has to move), and the run as it then stands. `displaces`: it takes
   * the place of these runs; nothing can happen before they have been cancelled.
   */
  | {
      readonly kind: "decided";
      readonly transition: Transition | null;
      readonly run: Run;
      readonly displaces?: readonly RunId[];
    }
  /** Find out, then decide again. */
  | { readonly kind: "ask"; readonly question: Question }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** A run that is to be: its first event and the alarm that makes a worker start it. */
export function create(request: NewRun, now: number, by: By): { transition: Transition; run: Run } {
  const { runId, workflow, definition, input, labels, traceparent, calledBy, concurrencyKey } = request;
  const recorded = {
    at: now,
    ...by,
    event: {
      type: "run.created",
      runId,
      workflow,
      definition: definitionDigest(definition),
      input,
      labels,
      ...(traceparent !== undefined && { traceparent }),
      ...(calledBy !== undefined && { calledBy }),
      ...(concurrencyKey !== undefined && { concurrencyKey }),
    },
  } as const;
  const run = begin(definition, recorded);
  return { transition: beginning(run, [recorded]), run };
}

/**
 * What a command comes to, given what the run is and what is known of the world: events, a question, or a refusal.
 * A duplicate, late or pointless command comes to nothing.
 */
export function decide(run: Run, command: Command, world: World, by: By, seen: Seen): Decided {
  const starter = "starter" in command ? command.starter : null;
  const turn = new Turn(run, world, by, starter);
  try {
    const refusal = carryOut(turn, command);
    if (refusal) return { kind: "refused", refusal };
    const { displaces } = turn;
    if (displaces.length > 0) return { kind: "decided", transition: null, run, displaces };
    return { kind: "decided", transition: transitionOf(turn, command, seen), run: turn.run };
  } catch (error) {
    if (error instanceof Unanswered) return { kind: "ask", question: error.question };
    throw error;
  }
}

function carryOut(turn: Turn, command: Command): Refusal | null {
  const { run } = turn;
  switch (command.type) {
    case "advance":
      if (!isTerminal(run)) advance(turn, command.branch, command.isOrphaned);
      return null;
    case "complete-step":
      if (!isTerminal(run)) completeStep(turn, command);
      return null;
    case "expire":
      if (!expireRun(turn)) endIfForsaken(turn);
      return null;
    case "pause":
      if (isTerminal(run)) return over(run, "paused");
      if (run.lifecycle.status === "PENDING")
        return {
          code: "invalid-transition",
          message: "the run has not started yet: cancel it, or wait until it has",
        };
      if (run.lifecycle.status !== "PAUSED") turn.emit({ type: "run.paused", reason: command.reason });
      return null;
    case "resume":
      if (isTerminal(run)) return over(run, "resumed");
      if (run.lifecycle.status === "PAUSED") turn.emit({ type: "run.resumed" });
      return null;
    case "cancel":
      if (run.lifecycle.status === "CANCELLED") return null;
      if (isTerminal(run)) return over(run, "cancelled");
      turn.emit({ type: "run.cancelled", reason: command.reason });
      return null;
    case "decide-approval":
      return decideApproval(turn, command);
    case "delegate-approval":
      return delegateApproval(turn, command);
    case "signal":
      if (isTerminal(run)) return over(run, "signalled");
      turn.emit({
        type: "signal.received",
        signalId: command.signalId,
        name: command.name,
        payload: command.payload,
      });
      return null;
  }
}

function completeStep(turn: Turn, command: Extract<Command, { type: "complete-step" }>): void {
  const step = turn.run.steps[command.stepId];
  if (!step) return;
  const lease = leaseOf(step);
  const isMine =
    lease !== null &&
    lease.worker === command.lease.worker &&
    lease.token === command.lease.token &&
    step.attempt === command.attempt;
  if (!isMine) {
    if (step.progress.status === "RUNNING" || step.progress.status === "PENDING")
      turn.emit({
        type: "step.result_discarded",
        ...named(step),
        attempt: command.attempt,
        lease: command.lease,
      });
    return;
  }
  const state = stateIn(blockAt(turn.run.definition, step.branch), step.state, step.branch);
  if (state.type !== "operation" || state.action !== "agent.run") return;
  recordResult(turn, step, state, command.result);
  advance(turn, command.branch, false);
}
