import {
  type AgentChange,
  type AgentRun,
  type Call,
  isFinished,
  isSimulated,
  spentBy,
} from "../../core/agent/agent-run.ts";
import { inputOf } from "../../core/agent/input.ts";
import { inputMismatch, inputTooDeep, inputTooLarge } from "../../core/agent/misfits.ts";
import { MAX_DEPTH } from "../../core/agent/rules.ts";
import type { AgentDefinition } from "../../core/definition/agent.ts";
import { isObject, isTooDeep, type JsonObject } from "../../core/json.ts";
import { finalError } from "../../core/run/errors.ts";
import type { StepError } from "../../core/run/run.ts";
import { agentRunIdOf, idempotencyKey } from "../../core/run/step-id.ts";
import { abortAfter } from "../abort-after.ts";
import type { AgentInfo, AgentRequest, AgentResult, AgentRunner } from "../ports/agent-runner.ts";
import type { AgentStore, ChatModel } from "../ports/agents.ts";
import { bindTools } from "./bind-tools.ts";
import { done } from "./call-tool.ts";
import { HoldLost } from "./keep.ts";
import type { Means } from "./means.ts";
import { type Job, type Outcome, Session } from "./session.ts";
import { stoppedBy } from "./stopped.ts";
import { keepsNothing } from "./unkept.ts";
import { type Called, work } from "./work.ts";

/** An agent without a limit of its own, and without one of its step, is stopped after this time. */
const DEFAULT_TIMEOUT_SECONDS = 15 * 60;

/**
 * Runs the agents of prompt files: one model turn at a time, each kept before any tool runs. A repeated idempotency
 * key continues where the last holder stood, or answers what is known. Rejects only when the world is away.
 */
export function createAgentRunner(means: Means): AgentRunner {
  /** What the files do not say: whether their models can be reached. */
  const judged = (infos: readonly AgentInfo[]) =>
    infos.map((info) => {
      const problem =
        info.file === "" || info.problems.some(({ severity }) => severity === "error")
          ? null
          : means.models.problem(info);
      return problem === null ? info : { ...info, problems: [...info.problems, modelWarning(problem)] };
    });
  return {
    list: async (environment) => judged(await means.catalogue.list(environment)),
    async inReach(environment, options) {
      const { own, others } = await means.catalogue.inReach(environment, options);
      const judgedOthers = Object.entries(others).map(([name, agents]) => [name, judged(agents)] as const);
      return { own: judged(own), others: Object.fromEntries(judgedOthers) };
    },
    async run(request, signal) {
      const prepared = await prepare(means, request);
      if (!prepared.ok) return { status: "failed", error: prepared.error };
      const { agent, model, input } = prepared;
      const job = (limited: AbortSignal): Job => ({
        environment: request.environment,
        agent,
        model,
        input,
        id: request.agentRunId,
        idempotencyKey: request.idempotencyKey,
        place: {
          runId: request.runId,
          branch: request.branch,
          stepId: request.stepId,
          attempt: request.attempt,
        },
        family: { rootId: request.agentRunId, parentId: null, parentCallId: null, chain: [agent.file] },
        hold: request.lease,
        earlier: earlierOf(request),
        signal: limited,
        parent: null,
      });
      return resultOf(await withinLimit(agent, signal, (limited) => perform(means, job(limited))));
    },
  };
}

/** The agent runs that the attempts before became, newest first; some of them may never have begun. */
function earlierOf({ runId, stepId, attempt }: AgentRequest): readonly string[] {
  const before = Array.from({ length: attempt - 1 }, (_, index) => attempt - 1 - index);
  return before.map((one) => agentRunIdOf(idempotencyKey(runId, stepId, one)));
}

/** An agent's own time limit ends it as its step's does. */
async function withinLimit<T>(
  { name, rules }: AgentDefinition,
  signal: AbortSignal,
  body: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const seconds = rules.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const stop = abortAfter(seconds * 1000, limit, () => new AgentTimeout(`"${name}" ran out of time`));
  try {
    return await body(AbortSignal.any([signal, limit.signal]));
  } finally {
    stop();
  }
}

/** The agent's own time is over; its signal's reason. */
class AgentTimeout extends Error {
  override readonly name = "TimeoutError";
}

function modelWarning(message: string): AgentInfo["problems"][number] {
  return { code: "MODEL_UNAVAILABLE", severity: "warning", path: "/model", line: 1, column: 1, message };
}

type Prepared =
  | {
      readonly ok: true;
      readonly agent: AgentDefinition;
      readonly model: ChatModel;
      readonly input: JsonObject;
    }
  | { readonly ok: false; readonly error: StepError };

type Asked = Pick<AgentRequest, "environment" | "agent" | "task" | "variables" | "previous" | "attempt">;

/** Finds the agent and its model and checks its input; nothing has happened yet. */
async function prepare({ catalogue, models, schemas }: Means, asked: Asked): Promise<Prepared> {
  const found = await catalogue.find(asked.environment, asked.agent);
  if (!found.ok) return found;
  const { agent } = found;
  const input = inputOf(agent.inputSchema, asked, schemas);
  if (!input.ok) return { ok: false, error: inputMismatch(agent.name, input.errors) };
  // What came from outside has no more, but a loop may put it into itself; nobody could keep it.
  if (isTooDeep(input.value)) return { ok: false, error: inputTooDeep(agent.name) };
  const opened = models.open(agent, { input: input.value, attempt: asked.attempt });
  if (!opened.ok) return opened;
  return { ok: true, agent, model: opened.model, input: input.value };
}

/** One agent run from wherever it stands to where it ends or waits. */
async function perform(means: Means, job: Job): Promise<Outcome> {
  const { agent, model, signal } = job;
  if (signal.aborted) return { status: "failed", error: stoppedBy(agent.name, signal) };
  const own = model.isWorthKeeping ? means : { ...means, store: keepsNothing(), onProgress: () => {} };
  try {
    // A script that calls nothing needs no server to be up.
    const bound = model.isWorthKeeping ? await bindTools(own, agent, signal) : UNBOUND;
    if (!bound.ok) return { status: "failed", error: bound.error };
    const rendered = model.isReal
      ? await own.catalogue.render(agent, promptVariables(job))
      : ({ ok: true, messages: [], missing: [] } as const);
    if (!rendered.ok) return { status: "failed", error: rendered.error };
    if (rendered.missing.length > 0)
      own.log.warn("prompt variables without a value", { agent: agent.name, variables: rendered.missing });
    const opened = await own.store.open(
      newRun(job, rendered.messages, means.clock.now()),
      job.hold,
      job.earlier,
    );
    if (opened.status === "lost") throw new HoldLost(`agent run ${job.id} is in other hands`);
    if (opened.status === "too-large") return { status: "failed", error: inputTooLarge(agent.name) };
    if (isFinished(opened.run)) return replayed(opened.run);
    const session = new Session(opened.run, { ...job, tools: bound.tools });
    job.parent?.children.add(session);
    try {
      return await work(own, session, (caller, call, name) => callAgent(means, caller, call, name));
    } finally {
      job.parent?.children.delete(session);
    }
  } catch (error) {
    if (!signal.aborted && !(error instanceof HoldLost)) throw error;
    return { status: "failed", error: stoppedBy(agent.name, signal) };
  } finally {
    if (signal.aborted && job.parent === null) await abandon(own.store, job, means);
  }
}

const UNBOUND = { ok: true, tools: new Map() } as const;

async function abandon(
  store: AgentStore,
  { id, hold, signal, agent }: Job,
  { clock, log }: Means,
): Promise<void> {
  const error = stoppedBy(agent.name, signal);
  try {
    // Said before its step hears of it: whoever has to continue finds that it was out of time, not that it was cancelled.
    if (error.type === "timeout") await store.commit(id, hold, [ended(error, clock.now())], clock.now());
    await store.abandon(id, hold, error.message, clock.now());
  } catch (error) {
    // The reconciler ends what is left.
    log.warn("stopped agent run not recorded yet", { agent_run_id: id, error: String(error) });
  }
}

function newRun(job: Job, prompt: AgentRun["prompt"], now: number) {
  const { id, environment, agent, model, input, place, family } = job;
  return {
    id,
    idempotencyKey: job.idempotencyKey,
    environment,
    agent: agent.environment === environment ? agent.name : `${agent.name}@${agent.environment}`,
    checksum: agent.checksum,
    model: model.id,
    simulated: !model.isReal,
    input,
    prompt,
    place,
    family,
    createdAt: now,
  };
}

function promptVariables({ input, agent }: Job): JsonObject {
  return { ...input, agentName: agent.name, environment: agent.environment };
}

/** An agent calls another: a run of its own, in the same hands, within the same budgets. */
async function callAgent(means: Means, caller: Session, call: Call, name: string): Promise<Called> {
  const { run, hold, signal } = caller;
  const refused = (text: string): Called => ({
    status: "answered",
    call: done(means, call, { text, isError: true }),
  });
  const given = isObject(call.args["input"]) ? call.args["input"] : {};
  const task = typeof call.args["task"] === "string" ? call.args["task"] : null;
  const { environment, place, family } = run;
  // An agent's own colleagues are those beside its file, wherever the run is.
  const beside = caller.agent.environment;
  const asked = {
    environment: beside,
    agent: name,
    task,
    variables: given,
    previous: null,
    attempt: place.attempt,
  };
  const prepared = await prepare(means, asked);
  if (!prepared.ok) return refused(`${prepared.error.code}: ${prepared.error.message}`);
  const { agent, model, input } = prepared;
  const chain = [...family.chain, agent.file];
  if (family.chain.includes(agent.file))
    return refused(`agent_cycle: ${chain.join(" calls ")}; the agent was not called`);
  if (chain.length > MAX_DEPTH)
    return refused(`max_depth: agents are nested ${MAX_DEPTH} deep at most; the agent was not called`);
  const key = `${run.id}:${call.id}`;
  const id = agentRunIdOf(key);
  const line = run.resumedFrom === null ? [] : caller.earlier.slice(caller.earlier.indexOf(run.resumedFrom));
  const earlier = line.map((parent) => agentRunIdOf(`${parent}:${call.id}`));
  const child = {
    environment,
    agent,
    model,
    input,
    id,
    idempotencyKey: key,
    place,
    family: { rootId: family.rootId, parentId: run.id, parentCallId: call.id, chain },
    hold,
    earlier,
    parent: caller,
  };
  const outcome = await withinLimit(agent, signal, (limited) =>
    perform(means, { ...child, signal: limited }),
  );
  switch (outcome.status) {
    case "waiting":
      return outcome;
    case "completed": {
      const { answer } = outcome.run.status as Extract<AgentRun["status"], { status: "completed" }>;
      const text = typeof answer.output === "string" ? answer.output : JSON.stringify(answer.output);
      const simulated = isSimulated(outcome.run) ? { simulated: true as const } : {};
      return {
        status: "answered",
        call: done(means, call, { text, isError: false, spent: spentBy(outcome.run), ...simulated }),
      };
    }
    case "failed": {
      const { error } = outcome;
      // Out of its own time: its caller goes on, so it says so itself.
      if (error.type === "timeout" && !signal.aborted)
        await means.store.commit(id, hold, [ended(error, means.clock.now())], means.clock.now());
      // The next attempt continues the child too; a final failure is the calling model's to deal with.
      if (signal.aborted || error.retryable) return outcome;
      const kept = await means.store.run(id);
      return {
        status: "answered",
        call: done(means, call, {
          text: `${error.code}: ${error.message}`,
          isError: true,
          ...(kept ? { spent: spentBy(kept) } : {}),
        }),
      };
    }
  }
}

function ended(error: StepError, at: number): AgentChange {
  return { type: "status", status: { status: "failed", at, error } };
}

function replayed(run: AgentRun): Outcome {
  const { status } = run;
  switch (status.status) {
    case "completed":
      return { status: "completed", run };
    case "failed":
      return { status: "failed", error: status.error };
    case "cancelled":
      return { status: "failed", error: finalError("cancelled", "cancelled", status.reason) };
    case "running":
    case "waiting":
      throw new Error(`agent run ${run.id} is not over`);
  }
}

function resultOf(outcome: Outcome): AgentResult {
  switch (outcome.status) {
    case "completed": {
      const { status } = outcome.run;
      if (status.status !== "completed") throw new Error(`agent run ${outcome.run.id} is not completed`);
      const { output, validation } = status.answer;
      return {
        status: "completed",
        output,
        simulated: isSimulated(outcome.run),
        ...(validation === undefined ? {} : { validation }),
      };
    }
    case "failed":
      return { status: "failed", error: outcome.error };
    case "waiting":
      return { status: "waiting", question: outcome.question };
  }
}
