import {
  type AgentChange,
  type AgentRunStatus,
  type Call,
  type CallDecision,
  callsOf,
  type Question,
} from "../../core/agent/agent-run.ts";
import { hideQuestion, isUnclear, restored } from "../../core/agent/confidential.ts";
import { agentError } from "../../core/agent/errors.ts";
import { type Move, nextMove, unknownAnswer } from "../../core/agent/next-move.ts";
import { redacted } from "../../core/agent/redact.ts";
import { isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { StepError } from "../../core/run/run.ts";
import { ModelFailure } from "../ports/agents.ts";
import { askModel } from "./ask-model.ts";
import { callTool, done } from "./call-tool.ts";
import { conclude } from "./conclude.ts";
import { keep } from "./keep.ts";
import type { Means } from "./means.ts";
import { verdictOn } from "./questions.ts";
import type { Outcome, Session } from "./session.ts";
import { stoppedBy } from "./stopped.ts";

/** Calls another agent for a call that names one. */
export type CallAgent = (session: Session, call: Call, agent: string) => Promise<Called>;

/** What a call of another agent came to. */
export type Called =
  | { readonly status: "answered"; readonly call: Call }
  | Extract<Outcome, { status: "failed" | "waiting" }>;

/**
 * The loop: look what is to be done, do it, write it down. It may die between any two lines: whoever continues reads
 * the same record and makes the same move.
 */
export async function work(means: Means, session: Session, callAgent: CallAgent): Promise<Outcome> {
  for (;;) {
    if (session.signal.aborted)
      return { status: "failed", error: stoppedBy(session.agent.name, session.signal) };
    const { run, tools, inHand, agent, model } = session;
    const situation = {
      rules: agent.rules,
      tools,
      budgets: session.budgets(),
      isPriced: model.isPriced,
      inHand,
      unanswered: session.unanswered,
      now: means.clock.now(),
    };
    const move = nextMove(run, situation);
    const outcome = await make(means, session, move, callAgent);
    if (outcome) return outcome;
  }
}

/** `null` when the loop goes on. */
async function make(
  means: Means,
  session: Session,
  move: Move,
  callAgent: CallAgent,
): Promise<Outcome | null> {
  switch (move.do) {
    case "ask-model":
      return takeTurn(means, session, null);
    case "settle":
      await keep(means, session, move.calls.map(changed));
      for (const call of move.calls) tell(means, session, call, "failed");
      return null;
    case "call":
      return callAll(means, session, move.calls, callAgent);
    case "wait":
      return decide(means, session, move.call, move.question);
    case "conclude":
      return finish(means, session);
    case "fail":
      return failed(means, session, move.error);
  }
}

async function takeTurn(means: Means, session: Session, ask: string | null): Promise<Outcome | null> {
  try {
    const turn = await askModel(means, session, ask);
    await keep(means, session, [{ type: "turn", turn, calls: callsOf(turn, session.run.calls) }]);
    return null;
  } catch (failure) {
    if (session.signal.aborted)
      return { status: "failed", error: stoppedBy(session.agent.name, session.signal) };
    if (!(failure instanceof ModelFailure)) throw failure;
    // Some providers quote the key they were shown.
    const { error } = failure;
    return failed(means, session, { ...error, message: means.redact(error.message) });
  }
}

async function callAll(
  means: Means,
  session: Session,
  calls: readonly Call[],
  callAgent: CallAgent,
): Promise<Outcome | null> {
  const at = means.clock.now();
  const started = calls.map(
    (call): Call => ({ ...call, tries: call.tries + 1, progress: { status: "started", at } }),
  );
  await keep(means, session, started.map(changed));
  for (const { id } of started) session.inHand.add(id);
  try {
    const ended = await Promise.allSettled(started.map((call) => callOne(means, session, call, callAgent)));
    const broken = ended.find((result) => result.status === "rejected");
    if (broken) throw broken.reason;
    // Who stops an agent ends its record too, with those of its children.
    if (session.signal.aborted) return null;
    const outcomes = ended.flatMap((result) => (result.status === "fulfilled" ? (result.value ?? []) : []));
    const failure = outcomes.find(({ status }) => status === "failed");
    if (failure?.status === "failed") return failed(means, session, failure.error);
    return outcomes.find(({ status }) => status === "waiting") ?? null;
  } finally {
    for (const { id } of started) session.inHand.delete(id);
  }
}

async function callOne(
  means: Means,
  session: Session,
  call: Call,
  callAgent: CallAgent,
): Promise<Outcome | null> {
  const tool = session.tools.get(call.tool);
  if (!tool) throw new Error(`tool "${call.tool}" of agent run ${session.run.id} vanished`);
  tell(means, session, call, "started");
  const called =
    tool.kind === "agent"
      ? await callAgent(session, call, tool.agent)
      : await callTool(means, session, call, tool);
  switch (called.status) {
    case "failed":
    case "waiting":
      return called;
    // The loop sees the signal.
    case "cut-off":
      return null;
    case "unknown":
      session.unanswered.set(call.id, called.reason);
      return null;
    case "answered": {
      const answered = called.call;
      await keep(means, session, [changed(answered)]);
      const { progress } = answered;
      tell(means, session, answered, progress.status === "done" && progress.isError ? "failed" : "finished");
      return null;
    }
  }
}

/** A person's decision goes into the record; without one the agent waits. */
async function decide(
  means: Means,
  session: Session,
  call: Call | null,
  question: Question,
): Promise<Outcome | null> {
  const verdict = await verdictOn(means, session.run.place.stepId, question);
  if (!verdict) {
    // It goes to people and into the audit trail.
    const shown = hideQuestion(question, means.redact);
    await keep(means, session, [{ type: "status", status: { status: "waiting", question: shown } }]);
    if (call) tell(means, session, call, "waiting");
    return { status: "waiting", question: shown };
  }
  const { approved, by, comment } = verdict;
  const args = call && verdict.args ? (restored(verdict.args, call.args, means.redact) as JsonObject) : null;
  if (question.kind === "budget") {
    if (!approved)
      return failed(means, session, agentError(codeOf(question), `${question.message} ${by} said no`));
    grant(session, question);
    return null;
  }
  if (!call) return null;
  if (args !== null && isUnclear(args, call.args, means.redact)) {
    const why = `${by} changed its arguments, and which secret "[redacted]" stands for in them cannot be told`;
    const text = `The call was not made: ${why}. Ask for it again if it is still wanted.`;
    const answered =
      question.kind === "unknown"
        ? unknownAnswer(call, means.clock.now(), `it was not made again: ${why}`)
        : done(means, call, { text, isError: true });
    await keep(means, session, [changed(answered)]);
    return null;
  }
  if (question.kind === "unknown") {
    if (approved) return callAll(means, session, [edited(call, args, { approved, by, comment })], noAgents);
    const said = comment === null ? undefined : `${by} says: ${comment}`;
    const unknown = unknownAnswer(call, means.clock.now(), said);
    await keep(means, session, [changed(unknown)]);
    return null;
  }
  await keep(means, session, [changed(edited(call, args, { approved, by, comment }))]);
  return null;
}

/** A call as a person decided about it; `null`: with the arguments that it had. */
function edited(call: Call, args: JsonObject | null, decision: CallDecision): Call {
  if (args === null) return { ...call, decision };
  return { ...call, args, decision: { ...decision, originalArgs: call.args } };
}

/** Only calls of tools have an unknown outcome: an agent is continued. */
const noAgents: CallAgent = async () => {
  throw new Error("an agent's call has no unknown outcome");
};

function grant(session: Session, { evidence }: Question): void {
  for (let at: Session | null = session; at; at = at.parent)
    if (at.agent.name === evidence["budgetOf"]) {
      at.granted++;
      return;
    }
}

function codeOf({ evidence }: Question): string {
  return String(evidence["code"]);
}

async function finish(means: Means, session: Session): Promise<Outcome | null> {
  const { run, agent, model } = session;
  const reply = run.turns.at(-1)?.reply;
  if (!reply) throw new Error(`agent run ${run.id} has no turn to conclude from`);
  const { answer, repair } = conclude(reply, agent.outputSchema, means.schemas);
  const isRepaired = run.turns.some(({ kind }) => kind === "repair");
  if (repair !== null && model.isReal && !isRepaired) return takeTurn(means, session, repair);
  if (answer.validation !== undefined)
    means.log.warn(warningOf(answer.validation), {
      run_id: run.place.runId,
      step_id: run.place.stepId,
      attempt: run.place.attempt,
      executor: "agent.run",
      agent: agent.name,
      agent_run_id: run.id,
      errors: isObject(answer.validation) ? answer.validation["errors"] : [],
    });
  await keep(means, session, [
    { type: "status", status: { status: "completed", at: means.clock.now(), answer } },
  ]);
  return { status: "completed", run: session.run };
}

function warningOf(validation: JsonValue): string {
  return isObject(validation) && validation["code"] === "OUTPUT_TRUNCATED"
    ? "agent output was cut off"
    : "agent output does not match its schema";
}

async function failed(means: Means, session: Session, error: StepError): Promise<Outcome> {
  const shown = redacted(error as unknown as JsonObject, means.redact) as unknown as StepError;
  const status: AgentRunStatus = { status: "failed", at: means.clock.now(), error: shown };
  await keep(means, session, [{ type: "status", status }]);
  return { status: "failed", error: shown };
}

function changed(call: Call): AgentChange {
  return { type: "call", call };
}

function tell(
  { onProgress, clock, redact }: Means,
  { run, agent }: Session,
  { id, tool, args, progress }: Call,
  status: "started" | "finished" | "failed" | "waiting",
): void {
  const { runId, stepId } = run.place;
  const about = { runId, stepId, agentRunId: run.id, agent: agent.name, at: clock.now() };
  const text = progress.status === "done" ? { text: redact(progress.text).slice(0, 2000) } : {};
  onProgress({ ...about, type: "agent.tool", callId: id, tool, status, args, ...text });
}
