import type { Question } from "../../agent/agent-run.ts";
import type { AgentState } from "../../definition/types.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { plainText } from "../../plain-text.ts";
import { digestOf } from "../approvals/digest.ts";
import { NO_TERMS } from "../approvals/evolve-approval.ts";
import { remind } from "../approvals/remind.ts";
import { remindAt } from "../approvals/schedule.ts";
import { viewOf } from "../context.ts";
import { finalError, timeoutError } from "../errors.ts";
import type { ApprovalId, BranchPath } from "../ids.ts";
import { currentStep, failEntry, failStep, leave, named, place } from "../moves.ts";
import { render } from "../render.ts";
import { type Lease, type Step, type StepError, tokenOf } from "../run.ts";
import { agentRunIdOf, approvalIdOf, idempotencyKey } from "../step-id.ts";
import type { Turn } from "../turn.ts";
import { failAttempt } from "./attempt.ts";

/** After this many workers died over one attempt, the attempt is to blame. */
const MAX_TAKEOVERS = 25;
/** Who goes on after people have decided begins a new hundred of tokens: the rest tells how many claims came since. */
const CLAIMS = 100;
/** An agent's question that nobody answered for so long is answered by no. */
const DECIDE_WITHIN_SECONDS = 86_400;

export function enterAgent(turn: Turn, path: BranchPath, state: AgentState): void {
  const { visit, ...at } = place(turn, path, state);
  const written: JsonObject = {
    agent: state.agent,
    ...(state.task === undefined ? {} : { task: state.task }),
    ...(state.variables === undefined ? {} : { variables: state.variables }),
  };
  const view = viewOf(turn.run, path, turn.now);
  const input = render(turn, `input:${at.stepId}`, `input of "${state.name}"`, written, view);
  if (!input.ok) {
    failEntry(turn, path, state, input.error);
    return;
  }
  const { agent, variables } = input.value as JsonObject;
  if (typeof agent !== "string" || (variables !== undefined && !isObject(variables))) {
    const message = `input of "${state.name}": "agent" must be text and "variables" an object after templating`;
    failEntry(turn, path, state, finalError("validation", "INPUT_TYPE", message));
    return;
  }
  const entered = { stateType: state.type, action: state.action, visit, input: input.value };
  turn.emit({ type: "state.entered", ...at, ...entered });
  startOrSchedule(turn, path, state, 1);
}

/** True when the branch moved on. */
export function proceedAgent(turn: Turn, step: Step, state: AgentState, isOrphaned: boolean): boolean {
  const { progress, branch: path } = step;
  switch (progress.status) {
    case "SUCCEEDED":
      leave(turn, path, state, state.transition);
      return true;
    case "PENDING":
      if (progress.dueAt > turn.now || !turn.starter) return false;
      startOrSchedule(turn, path, state, Math.max(step.attempt, 1));
      return false;
    case "RUNNING":
      return "lease" in progress && isOrphaned && takeOver(turn, step, state, progress.lease);
    case "WAITING_APPROVAL":
      return goOnWhenDecided(turn, step, state, progress.approvalId);
    case "FAILED":
    case "TIMED_OUT":
    case "CANCELLED":
      return false;
  }
}

/** The agent asked something: when that is decided, or too late to decide, the same attempt goes on and sees. */
function goOnWhenDecided(turn: Turn, step: Step, state: AgentState, id: ApprovalId): false {
  const approval = turn.run.approvals[id];
  if (approval?.status === "PENDING") {
    if (approval.expiresAt === null || approval.expiresAt > turn.now) {
      remind(turn, step, approval);
      return false;
    }
    turn.emit({ type: "approval.expired", ...named(step), approvalId: id });
  }
  if (approval && approval.status !== "CANCELLED") startOrSchedule(turn, step.branch, state, step.attempt);
  return false;
}

/** What an attempt came to. */
export type AttemptResult =
  | {
      readonly status: "completed";
      readonly output: JsonValue;
      readonly simulated: boolean;
      /** Set when the output breaks the agent's schema (`SCHEMA_VALIDATION_OUTPUT`) or was cut off (`OUTPUT_TRUNCATED`). */
      readonly validation?: JsonValue;
    }
  | { readonly status: "failed"; readonly error: StepError }
  /** Somebody has to decide something; the same attempt goes on afterwards. */
  | { readonly status: "waiting"; readonly question: Question };

/** What came of an attempt is written down; going on is another matter. */
export function recordResult(turn: Turn, step: Step, state: AgentState, result: AttemptResult): void {
  if (result.status === "failed") {
    failAttempt(turn, step, state.retry, result.error);
    return;
  }
  if (result.status === "waiting") {
    askPeople(turn, step, result.question);
    return;
  }
  turn.emit({
    type: "step.succeeded",
    ...named(step),
    attempt: step.attempt,
    output: result.output,
    ...(result.simulated ? { simulated: true } : {}),
    ...(result.validation === undefined ? {} : { validation: result.validation }),
  });
}

/** The agent's question goes where all approvals are; what exactly is decided is bound by its digest. */
function askPeople(turn: Turn, step: Step, question: Question): void {
  const { evidence: summary, approvers, timeoutSeconds } = question;
  const seconds = timeoutSeconds ?? DECIDE_WITHIN_SECONDS;
  const [message, title] = [plainText(question.message), plainText(question.title)];
  const evidence = { message, title, summary, approvers };
  const ends = (text: string) => ({ text, actions: [] });
  const terms = {
    ...NO_TERMS,
    remindAt: remindAt(turn.now, seconds),
    consequence: {
      approved: ends("the agent goes on with exactly this"),
      rejected: ends("the agent is told no, and why"),
      expired: ends("the agent is told no"),
    },
  };
  turn.emit({
    type: "approval.requested",
    ...named(step),
    approval: {
      id: approvalIdOf(step.id, question.id),
      ...evidence,
      quorum: 1,
      excludeStarter: approvers.length > 0,
      expiresAt: turn.now + seconds * 1000,
      digest: digestOf({ ...evidence, state: step.state, terms }, turn.run.workflow),
      terms,
    },
  });
}

function startOrSchedule(turn: Turn, path: BranchPath, state: AgentState, attempt: number): void {
  const step = currentStep(turn, path);
  if (!step) return;
  if (!turn.starter) {
    turn.emit({ type: "step.scheduled", ...named(step), attempt, dueAt: turn.now });
    return;
  }
  const before = tokenOf(step);
  const isBegun = step.attempt === attempt && before > 0;
  const lease: Lease = {
    worker: turn.starter.worker,
    token: isBegun ? before - (before % CLAIMS) + CLAIMS + 1 : 1,
  };
  // The time people took is not the agent's.
  const deadline =
    state.timeoutSeconds === undefined ? {} : { deadline: turn.now + state.timeoutSeconds * 1000 };
  if (isBegun) {
    turn.emit({ type: "step.resumed", ...named(step), attempt, lease, ...deadline });
    return;
  }
  const agentRunId = agentRunIdOf(idempotencyKey(turn.run.id, step.id, attempt));
  turn.emit({ type: "step.started", ...named(step), attempt, lease, ...deadline, agentRunId });
}

/**
 * Another worker's step, and that worker is gone: the same attempt goes on here, unless it is too late. True when
 * the attempt ended and the branch must be looked at again.
 */
function takeOver(turn: Turn, step: Step, state: AgentState, lease: Lease): boolean {
  if (step.deadline !== null && step.deadline <= turn.now) {
    const error = timeoutError(`attempt ${step.attempt} of "${state.name}"`, state.timeoutSeconds ?? 0);
    failAttempt(turn, step, state.retry, error);
    return true;
  }
  const claims = lease.token % CLAIMS;
  if (claims >= MAX_TAKEOVERS) {
    const message = `${claims} workers died while running "${state.name}"; the step is given up`;
    failStep(turn, step.branch, state, finalError("engine", "WORKER_LOST", message));
    return true;
  }
  if (!turn.starter) return false;
  const taken: Lease = { worker: turn.starter.worker, token: lease.token + 1 };
  turn.emit({ type: "step.reclaimed", ...named(step), attempt: step.attempt, lease: taken });
  return false;
}
