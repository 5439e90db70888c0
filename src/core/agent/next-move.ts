import type { JsonObject } from "../json.ts";
import { parseJson } from "../json-syntax.ts";
import type { StepError } from "../run/run.ts";
import { type AgentRun, type Call, isGarbled, type Question, type Spent } from "./agent-run.ts";
import { agentError } from "./errors.ts";
import { type AgentRules, MAX_EQUAL_CALLS, MAX_UNANSWERED, type OnUnknown } from "./rules.ts";
import { type BoundTool, matches } from "./tools.ts";

/** What is to be done next; whoever does it writes down what came of it and asks again. */
export type Move =
  | { readonly do: "ask-model" }
  /** Start these calls, side by side. */
  | { readonly do: "call"; readonly calls: readonly Call[] }
  /** Write this down: a call that needs no calling has its answer. */
  | { readonly do: "settle"; readonly calls: readonly Call[] }
  /** A person has to decide. */
  | { readonly do: "wait"; readonly call: Call | null; readonly question: Question }
  /** The model has answered: check it, and finish or let it be repaired. */
  | { readonly do: "conclude"; readonly text: string }
  | { readonly do: "fail"; readonly error: StepError };

export type Situation = {
  readonly rules: AgentRules;
  readonly tools: ReadonlyMap<string, BoundTool>;
  /** Of the agents from this one up to the root: what their budgets allow, and what their trees used up. */
  readonly budgets: readonly Account[];
  /** Whether anybody knows what the model's turns cost. */
  readonly isPriced: boolean;
  /** Calls that this process has in hand: they are under way, not lost. */
  readonly inHand: ReadonlySet<string>;
  /** Calls that this process made and got no answer to, with the reason: nobody knows whether they took effect. */
  readonly unanswered: ReadonlyMap<string, string>;
  readonly now: number;
};

/** One agent's budget and what was taken from it, by itself and the agents below it. */
export type Account = {
  readonly agent: string;
  readonly agentRunId: string;
  readonly budget: AgentRules["budget"];
  readonly spent: Spent;
  /** How often a person has granted the whole budget again. */
  readonly granted: number;
};

/** The rules of the loop, as a function of what is written down. */
export function nextMove(run: AgentRun, situation: Situation): Move {
  const last = run.turns.at(-1);
  if (!last) return beforeModel(run, situation);
  const open = run.calls.filter(({ progress }) => progress.status !== "done");
  if (open.length > 0) return aboutCalls(run, open, situation);
  return last.reply.calls.length > 0
    ? beforeModel(run, situation)
    : { do: "conclude", text: last.reply.text };
}

function beforeModel(run: AgentRun, situation: Situation): Move {
  const { budgets, isPriced } = situation;
  return unpriced(run, budgets, isPriced) ?? overBudget(run, budgets) ?? { do: "ask-model" };
}

function aboutCalls(run: AgentRun, open: readonly Call[], situation: Situation): Move {
  const { rules } = situation;
  const steps = run.turns.filter(({ kind }) => kind === "answer").length;
  const untouched = open.every(({ tries, decision }) => tries === 0 && decision === null);
  if (untouched && steps >= rules.maxSteps)
    return fail("max_steps", `agent "${run.agent}" used its ${rules.maxSteps} steps without an answer`);
  const looped = untouched ? repetition(run) : null;
  if (looped) return looped;
  const lost = open.filter(({ id, progress }) => progress.status === "started" && !situation.inHand.has(id));
  const [unknown] = lost;
  if (unknown) return aboutUnknown(run, unknown, situation);
  const waiting = open.filter(({ progress }) => progress.status === "pending");
  const settled = waiting.flatMap((call) => settledAtOnce(run, call, situation));
  if (settled.length > 0) return { do: "settle", calls: settled };
  const exceeded = overBudget(run, situation.budgets, waiting.length);
  if (exceeded) return exceeded;
  // What needs nobody's leave goes first: a person should not hold up the rest.
  const free = waiting.filter((call) => !needsApproval(call, situation));
  if (free.length > 0) return { do: "call", calls: free };
  const [call] = waiting;
  if (!call) return { do: "ask-model" };
  return { do: "wait", call, question: toolQuestion(run, call, situation) };
}

/** Calls that never reach a tool: denied ones, those that nobody can read, and tools that do not exist. */
function settledAtOnce(run: AgentRun, call: Call, { tools, now }: Situation): readonly Call[] {
  const answered = (text: string): Call => ({
    ...call,
    progress: { status: "done", at: now, startedAt: null, text, isError: true },
  });
  if (call.decision && !call.decision.approved) {
    const { by, comment } = call.decision;
    return [answered(`Denied by ${by}${comment ? `: ${comment}` : ""}. The call was not made.`)];
  }
  if (call.isLost)
    return [
      answered(
        "The call was not made: its arguments held a secret, which is not kept over a restart without STATION_SECRET_KEYS. Ask for it again if it is still wanted.",
      ),
    ];
  if (isGarbled(run, call)) return [answered(garbled(call))];
  if (tools.has(call.tool)) return [];
  const names = [...tools.keys()].join(", ");
  return [answered(`There is no tool "${call.tool}". There are: ${names === "" ? "none" : names}.`)];
}

/** Says what is wrong with arguments; those of a call that was cut off may look whole. */
function garbled({ args }: Call): string {
  const said = parseJson(String(args["value"]));
  const why = "fault" in said ? ` that can be read (${said.fault.message})` : "";
  return `The call was not made: its arguments are no JSON object${why}. Ask for it again with one.`;
}

function needsApproval({ tool, decision }: Call, { rules, tools }: Situation): boolean {
  const bound = tools.get(tool);
  if (!bound || !rules.approvals || decision?.approved) return false;
  return rules.approvals.tools.some((pattern) => matches(pattern, bound));
}

function aboutUnknown(run: AgentRun, call: Call, situation: Situation): Move {
  if (call.isLost) return { do: "settle", calls: [unknownAnswer(call, situation.now)] };
  const tool = situation.tools.get(call.tool);
  const unanswered = situation.unanswered.get(call.id);
  const reason = unanswered ?? NO_ANSWER;
  const told: Move = { do: "settle", calls: [unknownAnswer(call, situation.now, reason)] };
  if (tool?.kind === "agent" || tool?.effect.isRepeatable)
    // A worker that died says nothing about the tool; one that does not answer is the model's to deal with.
    return unanswered === undefined ? { do: "call", calls: [call] } : told;
  const action = actionFor(tool, situation.rules);
  switch (action) {
    case "retry":
      return unanswered !== undefined && call.tries >= MAX_UNANSWERED ? told : { do: "call", calls: [call] };
    case "fail":
      return fail(
        "unknown_outcome",
        `nobody knows whether the call of "${call.tool}" took effect (${reason}); the agent's file says to fail`,
        { tool: call.tool, callId: call.id, args: call.args },
      );
    case "ask":
      return { do: "wait", call, question: unknownQuestion(run, call, reason, situation) };
    case "tell":
      return told;
  }
}

const NO_ANSWER = "its answer was lost: its worker or its server died, or it took too long";

function actionFor(tool: BoundTool | undefined, { onUnknown }: AgentRules): OnUnknown {
  if (!tool) return "tell";
  return onUnknown.find((rule) => matches(rule.tool, tool))?.action ?? "tell";
}

/** What the model is told about a call of which nobody knows whether it took effect. */
export function unknownAnswer(call: Call, now: number, reason = NO_ANSWER): Call {
  const text = `The outcome is unknown (${reason}). It may or may not have taken effect; check the current state first.`;
  const startedAt = call.progress.status === "started" ? call.progress.at : null;
  return { ...call, progress: { status: "done", at: now, startedAt, text, isError: true } };
}

function toolQuestion(run: AgentRun, call: Call, { rules, tools }: Situation): Question {
  const tool = tools.get(call.tool);
  const target = tool?.kind === "mcp" ? `${tool.server}.${tool.name}` : (tool?.alias ?? call.tool);
  return {
    id: `${run.id}/tool/${call.id}`,
    kind: "tool",
    title: `${run.agent} wants to call ${target}`,
    message: `Agent "${run.agent}" asks to call "${target}" with exactly these arguments.`,
    evidence: { ...evidenceOf(run, call), target, arguments: call.args },
    approvers: rules.approvals?.approvers ?? [],
    timeoutSeconds: rules.approvals?.timeoutSeconds ?? null,
  };
}

function unknownQuestion(run: AgentRun, call: Call, reason: string, { rules }: Situation): Question {
  return {
    id: `${run.id}/unknown/${call.id}/${call.tries}`,
    kind: "unknown",
    title: `Call ${call.tool} again?`,
    message:
      `Agent "${run.agent}" called "${call.tool}", and nobody knows whether it took effect (${reason}). ` +
      "Approve to call it again; reject to tell the agent that the outcome is unknown.",
    evidence: { ...evidenceOf(run, call), arguments: call.args },
    approvers: rules.approvals?.approvers ?? [],
    timeoutSeconds: rules.approvals?.timeoutSeconds ?? null,
  };
}

function evidenceOf(run: AgentRun, call: Call): JsonObject {
  return { agent: run.agent, agentRunId: run.id, callId: call.id, tool: call.tool, simulated: run.simulated };
}

/** The same call over and over: nothing new will come of it. */
function repetition(run: AgentRun): Move | null {
  const recent = run.calls.slice(-MAX_EQUAL_CALLS);
  const [first] = recent;
  if (!first || recent.length < MAX_EQUAL_CALLS) return null;
  const same = JSON.stringify([first.tool, first.args]);
  if (!recent.every(({ tool, args }) => JSON.stringify([tool, args]) === same)) return null;
  return fail(
    "doom_loop",
    `agent "${run.agent}" called "${first.tool}" ${MAX_EQUAL_CALLS} times in a row with the same arguments`,
    { tool: first.tool, args: first.args },
  );
}

/** A limit on money that nothing would be counted against is no limit: then nothing is spent. */
function unpriced(run: AgentRun, accounts: readonly Account[], isPriced: boolean): Move | null {
  const limited = accounts.find(({ budget }) => budget.maxCostUsd !== null);
  if (isPriced || !limited) return null;
  return fail(
    "cost_budget",
    `agent "${limited.agent}" may spend ${limited.budget.maxCostUsd} US dollars, and nothing says what the model "${run.model}" costs; set its price in STATION_AI_PRICES`,
    { model: run.model },
  );
}

/** The first of the budgets that does not allow any more; `calls` more tool calls are wanted. */
function overBudget(run: AgentRun, accounts: readonly Account[], calls = 0): Move | null {
  for (const account of accounts) {
    const { budget, spent, granted, agent, agentRunId } = account;
    const times = granted + 1;
    const tokens = spent.usage.inputTokens + spent.usage.outputTokens;
    const wanted = spent.toolCalls + calls;
    // Tokens and money are known when they are spent; calls are counted before they are made.
    const limits = [
      ["token_budget", "tokens", tokens, budget.maxTotalTokens, 0],
      ["cost_budget", "US dollars", spent.usage.costUsd, budget.maxCostUsd, 0],
      ["tool_call_budget", "tool calls", wanted, calls === 0 ? null : budget.maxToolCalls, 1],
    ] as const;
    for (const [code, unit, used, limit, spare] of limits) {
      if (limit === null || used < limit * times + spare) continue;
      const amount = unit === "US dollars" ? used.toFixed(4) : String(used);
      const message = `agent "${agent}" has a budget of ${limit * times} ${unit}, shared with the agents below it; ${amount} are used or wanted`;
      if (budget.onExceeded === "fail") return fail(code, message, { limit: limit * times, used });
      return {
        do: "wait",
        call: null,
        question: {
          id: `${agentRunId}/budget/${times}`,
          kind: "budget",
          title: `More budget for ${agent}?`,
          message: `${message}. Approve to grant the whole budget once more; reject to end the agent.`,
          evidence: {
            agent: run.agent,
            agentRunId: run.id,
            budgetOf: agent,
            code,
            limit: limit * times,
            used,
          },
          approvers: [],
          timeoutSeconds: null,
        },
      };
    }
  }
  return null;
}

function fail(code: string, message: string, details?: JsonObject): Move {
  return { do: "fail", error: agentError(code, message, details) };
}
